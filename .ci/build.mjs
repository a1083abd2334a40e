// Builds dist/ with esbuild. `--watch` keeps building, `--production` minifies and starts from an empty dist.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node.mjs';
import { seconds } from './process.mjs';

const at = (...parts) => path.join(root, ...parts);

/** Entry points that may still be missing; the build fails without any of the others. */
const MAY_BE_MISSING = [
  'agent-core/main.ts',
  'extension/main.ts',
  'webview/main.tsx',
  'sandbox/helper/bin',
  'test/vscode',
];

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

/** The bundles: `needs` is the source that must exist, the rest are esbuild options. */
function bundles(production) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: production,
    keepNames: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
  };
  const node = { ...common, platform: 'node', target: 'node22' };
  const hostTests = testFiles(at('test/vscode'));
  return [
    {
      needs: 'agent-core/launcher.ts',
      options: {
        ...node,
        target: 'node20',
        entryPoints: ['agent-core/launcher.ts'],
        outfile: 'dist/gantry.js',
        format: 'esm',
        sourcemap: false,
        banner: { js: '#!/usr/bin/env node' },
      },
    },
    {
      needs: 'agent-core/main.ts',
      options: {
        ...node,
        entryPoints: { main: 'agent-core/main.ts' },
        outdir: 'dist/core',
        format: 'esm',
        splitting: true,
        chunkNames: '[name]-[hash]',
        banner: { js: REQUIRE_BANNER },
        jsx: 'automatic',
        mainFields: ['module', 'main'],
      },
    },
    {
      needs: 'extension/main.ts',
      options: {
        ...node,
        entryPoints: ['extension/main.ts'],
        outfile: 'dist/extension.cjs',
        format: 'cjs',
        external: ['vscode'],
        mainFields: ['module', 'main'],
      },
    },
    {
      needs: 'webview/main.tsx',
      options: {
        ...common,
        platform: 'browser',
        target: 'chrome128',
        entryPoints: { main: 'webview/main.tsx' },
        outdir: 'dist/webview',
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
            needs: 'test/vscode',
            options: {
              ...node,
              entryPoints: ['test/support/editor/host-runner.ts', ...hostTests],
              outbase: 'test',
              outdir: 'dist/test',
              outExtension: { '.js': '.cjs' },
              format: 'cjs',
              external: ['vscode', 'mocha'],
              sourcemap: 'inline',
            },
          },
        ]),
  ];
}

/** `[file, bytes]` of everything a build wrote. */
const outputsOf = (result) =>
  Object.entries(result.metafile.outputs).map(([file, { bytes }]) => [file.split(path.sep).join('/'), bytes]);

/** Chunks of earlier builds; young ones stay, since a core that is running may not have loaded its lazy parts yet. */
function removeStaleChunks(fresh) {
  for (const name of existsSync(at('dist/core')) ? readdirSync(at('dist/core')) : []) {
    const file = at('dist/core', name);
    if (!fresh.has(`dist/core/${name}`) && Date.now() - statSync(file).mtimeMs > 3_600_000)
      rmSync(file, { recursive: true, force: true });
  }
}

function copyHelpers() {
  if (!existsSync(at('sandbox/helper/bin'))) return;
  mkdirSync(at('dist/helper'), { recursive: true });
  for (const name of readdirSync(at('sandbox/helper/bin'))) {
    cpSync(at('sandbox/helper/bin', name), at('dist/helper', name));
    if (!/\.(txt|md|json|sha256)$/.test(name)) chmodSync(at('dist/helper', name), 0o755);
  }
}

function report(sizes) {
  const groups = new Map();
  for (const [file, bytes] of sizes) {
    if (file.endsWith('.map')) continue;
    const group = /^dist\/core\/(?!main\.js)/.test(file)
      ? 'dist/core (lazy chunks)'
      : file.startsWith('dist/test/')
        ? 'dist/test'
        : file;
    const entry = groups.get(group) ?? { bytes: 0, files: 0 };
    groups.set(group, { bytes: entry.bytes + bytes, files: entry.files + 1 });
  }
  for (const [group, { bytes, files }] of groups)
    console.log(`  ${(bytes / 1024).toFixed(0).padStart(6)} KB  ${group}${files > 1 ? ` (${files} files)` : ''}`);
}

/**
 * Builds everything into dist/ and returns the esbuild results. Throws when a bundle fails; what failed is already printed.
 * `watch: true` resolves once the first build is done and keeps building until `stop()` of the result is called.
 */
export async function build({ production = false, watch = false, quiet = false } = {}) {
  const since = Date.now();
  const esbuild = await import('esbuild');
  if (production) rmSync(at('dist'), { recursive: true, force: true });
  const plan = bundles(production);
  const missing = [...plan.map(({ needs }) => needs), 'sandbox/helper/bin'].filter((file) => !existsSync(at(file)));
  const fatal = missing.filter((file) => !MAY_BE_MISSING.includes(file));
  if (fatal.length) throw new Error(`Cannot build without ${fatal.join(', ')}.`);
  if (missing.length && !quiet) console.log(`Not built, since not written yet: ${missing.join(', ')}`);
  const contexts = await Promise.all(
    plan.filter(({ needs }) => existsSync(at(needs))).map(({ options }) => esbuild.context(options)),
  );
  const stop = async () => void (await Promise.all(contexts.map((context) => context.dispose())));
  try {
    const results = await Promise.all(contexts.map((context) => context.rebuild()));
    copyHelpers();
    if (existsSync(at('dist/gantry.js'))) chmodSync(at('dist/gantry.js'), 0o755);
    const sizes = results.flatMap(outputsOf);
    removeStaleChunks(new Set(sizes.map(([file]) => file)));
    if (!quiet) {
      report(sizes);
      console.log(`Built in ${seconds(since)}.`);
    }
    if (watch) {
      await Promise.all(contexts.map((context) => context.watch()));
      return { results, stop };
    }
    return { results, stop: async () => {} };
  } finally {
    if (!watch) await stop();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { installOrExit } = await import('./install.mjs');
  await installOrExit();
  const watch = process.argv.includes('--watch');
  try {
    await build({ watch, production: process.argv.includes('--production') });
    if (watch) console.log('Watching for changes; Ctrl+C ends it.');
  } catch (error) {
    console.error(
      error.errors ? `The build failed with ${error.errors.length} error(s), printed above.` : error.message,
    );
    process.exit(1);
  }
}
