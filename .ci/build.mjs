// Builds dist/ with esbuild. `--watch` keeps building, `--production` minifies and starts from an empty dist,
// `--only core,launcher` builds these bundles.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { licenseTexts } from './licenses.mjs';
import { root } from './node.mjs';
import { seconds } from './process.mjs';

const at = (...parts) => path.join(root, ...parts);

/** CommonJS dependencies inside an ES module bundle call `require` for Node's own modules. */
const REQUIRE_BANNER =
  "import { createRequire as gantryCreateRequire } from 'node:module'; const require = gantryCreateRequire(import.meta.url);";

function testFiles(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .map((file) => path.join(dir, file));
}

/** The bundles: `name` is for `--only`, `needs` is the source that must exist, the rest are esbuild options. */
function bundles(production, out, watch) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: production,
    keepNames: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: watch ? 'info' : 'warning',
    define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
  };
  const node = { ...common, platform: 'node', target: 'node22' };
  const hostTests = testFiles(at('test/vscode'));
  return [
    {
      name: 'launcher',
      needs: 'agent-core/launcher.ts',
      options: {
        ...node,
        target: 'node20',
        entryPoints: ['agent-core/launcher.ts'],
        outfile: `${out}/gantry.js`,
        format: 'esm',
        sourcemap: false,
        banner: { js: '#!/usr/bin/env node' },
      },
    },
    {
      name: 'core',
      needs: 'agent-core/main.ts',
      options: {
        ...node,
        entryPoints: { main: 'agent-core/main.ts' },
        outdir: `${out}/core`,
        format: 'esm',
        splitting: true,
        chunkNames: '[name]-[hash]',
        banner: { js: REQUIRE_BANNER },
        jsx: 'automatic',
        mainFields: ['module', 'main'],
      },
    },
    {
      name: 'extension',
      needs: 'extension/main.ts',
      options: {
        ...node,
        entryPoints: ['extension/main.ts'],
        outfile: `${out}/extension.cjs`,
        format: 'cjs',
        external: ['vscode'],
        mainFields: ['module', 'main'],
      },
    },
    {
      name: 'webview',
      needs: 'webview/main.tsx',
      options: {
        ...common,
        platform: 'browser',
        target: 'chrome128',
        entryPoints: { main: 'webview/main.tsx' },
        outdir: `${out}/webview`,
        format: 'iife',
        jsx: 'automatic',
        loader: { '.ttf': 'file', '.woff2': 'file', '.svg': 'dataurl' },
        assetNames: '[name]',
      },
    },
    ...(production
      ? []
      : [
          {
            name: 'test',
            needs: 'test/vscode',
            options: {
              ...node,
              entryPoints: ['test/support/editor/host-runner.ts', ...hostTests],
              outbase: 'test',
              outdir: `${out}/test`,
              outExtension: { '.js': '.cjs' },
              format: 'cjs',
              external: ['vscode', 'mocha'],
              sourcemap: 'inline',
            },
          },
        ]),
  ];
}

/** `[file below the output folder, bytes]` of everything a build wrote. */
const outputsOf = (out) => (result) =>
  Object.entries(result.metafile.outputs).map(([file, { bytes }]) => [
    path.relative(out, at(file)).split(path.sep).join('/'),
    bytes,
  ]);

/** Chunks of earlier builds; young ones stay, since a core that is running may not have loaded its lazy parts yet. */
function removeStaleChunks(out, fresh) {
  const dir = path.join(out, 'core');
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    const file = path.join(dir, name);
    const stale = !fresh.has(`core/${name}`) && Date.now() - statSync(file).mtimeMs > 3_600_000;
    if (stale) rmSync(file, { recursive: true, force: true });
  }
}

function copyHelpers(out) {
  const from = at('sandbox/helper/bin');
  for (const name of existsSync(from) ? readdirSync(from) : []) {
    const target = path.join(out, 'helper', name);
    mkdirSync(path.dirname(target), { recursive: true });
    // Moved into place, since the old one may be running.
    cpSync(path.join(from, name), `${target}.new`);
    if (!/\.(txt|md|json|sha256)$/.test(name)) chmodSync(`${target}.new`, 0o755);
    renameSync(`${target}.new`, target);
  }
}

/** The ripgrep of this machine, so that a packed extension lists and searches files without `node_modules`. */
function copyRipgrep(out) {
  const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const from = at('node_modules/@vscode', `ripgrep-${process.platform}-${process.arch}`, 'bin', name);
  const target = path.join(out, 'bin', name);
  if (!existsSync(from) || (existsSync(target) && statSync(target).size === statSync(from).size)) return;
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(from, `${target}.new`);
  chmodSync(`${target}.new`, 0o755);
  renameSync(`${target}.new`, target);
}

/** The shell's grammar and what runs it, which the core loads with the first command. */
const GRAMMAR = ['web-tree-sitter/web-tree-sitter.wasm', '@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm'];

function copyGrammar(out) {
  for (const file of GRAMMAR) {
    const target = path.join(out, 'grammar', path.basename(file));
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(at('node_modules', file), `${target}.new`);
    renameSync(`${target}.new`, target);
  }
}

function writeLicenses(out, results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const programs = [
    `node_modules/@vscode/ripgrep-${process.platform}-${process.arch}`,
    'node_modules/@vscode/tree-sitter-wasm',
  ];
  writeFileSync(path.join(out, 'third-party-licenses.txt'), licenseTexts(inputs, programs));
}

function groupOf(file) {
  if (file.startsWith('test/')) return 'test';
  return /^core\/(?!main\.js)/.test(file) ? 'core (lazy chunks)' : file;
}

function report(sizes) {
  const groups = new Map();
  for (const [file, bytes] of sizes.filter(([name]) => !name.endsWith('.map'))) {
    const entry = groups.get(groupOf(file)) ?? { bytes: 0, files: 0 };
    groups.set(groupOf(file), { bytes: entry.bytes + bytes, files: entry.files + 1 });
  }
  for (const [group, { bytes, files }] of groups) {
    console.log(`  ${(bytes / 1024).toFixed(0).padStart(6)} KB  ${group}${files > 1 ? ` (${files} files)` : ''}`);
  }
}

/** The wanted bundles; throws when a source is missing. */
function plan({ production, out, only, watch }) {
  const all = bundles(production, out, watch).filter(({ name }) => !only || only.includes(name));
  const missing = [...all.map(({ needs }) => needs), 'sandbox/helper/bin'].filter((file) => !existsSync(at(file)));
  if (missing.length) throw new Error(`Cannot build without ${missing.join(', ')}.`);
  return all;
}

/**
 * Builds everything into `out` (dist/) and returns `{ results, stop }`: the esbuild results, and with `watch` the way to
 * end the building that goes on. `only`: names of bundles; without it, all. Throws when a bundle fails; what failed is already printed.
 */
export async function build({ production = false, watch = false, quiet = false, only, out = at('dist') } = {}) {
  const since = Date.now();
  const esbuild = await import('esbuild');
  if (production) rmSync(out, { recursive: true, force: true });
  const contexts = await Promise.all(
    plan({ production, out, only, watch }).map(({ options }) => esbuild.context(options)),
  );
  const stop = async () => {
    await Promise.all(contexts.map((context) => context.dispose()));
  };
  try {
    // Each bundle is built even when another one fails, so that a half-done panel does not keep the core from running.
    const settled = await Promise.allSettled(contexts.map((context) => context.rebuild()));
    copyHelpers(out);
    copyRipgrep(out);
    copyGrammar(out);
    if (existsSync(path.join(out, 'gantry.js'))) chmodSync(path.join(out, 'gantry.js'), 0o755);
    const broken = settled.find(({ status }) => status === 'rejected');
    if (broken) throw broken.reason;
    const results = settled.map(({ value }) => value);
    const sizes = results.flatMap(outputsOf(out));
    if (production) writeLicenses(out, results);
    removeStaleChunks(out, new Set(sizes.map(([file]) => file)));
    if (!quiet) {
      report(sizes);
      console.log(`Built in ${seconds(since)}.`);
    }
    if (watch) await Promise.all(contexts.map((context) => context.watch()));
    return { results, stop };
  } finally {
    if (!watch) await stop();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { installOrExit } = await import('./install.mjs');
  await installOrExit();
  const watch = process.argv.includes('--watch');
  try {
    const only = process.argv.includes('--only')
      ? process.argv[process.argv.indexOf('--only') + 1]?.split(',')
      : undefined;
    await build({ watch, only, production: process.argv.includes('--production') });
    if (watch) console.log('Watching for changes; Ctrl+C ends it.');
  } catch (error) {
    console.error(
      error.errors ? `The build failed with ${error.errors.length} error(s), printed above.` : error.message,
    );
    process.exit(1);
  }
}
