// A real VS Code (workbench and extension host) from npm alone: no compiler, no download outside the registry.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { editorStubs } from './editor-stubs.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { explainNpm, npm, seconds } from './process.mjs';

/** code-server's version; it carries VS Code 1.139.1. */
export const EDITOR_VERSION = '4.139.1';
const SERVER = path.join('node_modules', 'code-server', 'lib', 'vscode');

/** Never used by an extension under test, and most of the download or in need of a compiler. */
const TRIMMED = [
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@devcontainers/cli',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/deviceid',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];

/** Where editors live: shared between clones when GANTRY_EDITOR_DIR names a folder. */
export const editorRoot = () => path.resolve(process.env.GANTRY_EDITOR_DIR ?? path.join(root, '.editor'));

/** The set-up is known by everything that shapes it, so that a changed recipe makes a new one. */
function setupName() {
  const recipe = JSON.stringify([EDITOR_VERSION, TRIMMED, editorStubs(), process.platform, process.arch]);
  return `code-server-${EDITOR_VERSION}-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`;
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Leftovers of a set-up that was killed, and editors of earlier versions. */
function sweep(dir, keep) {
  for (const name of readdirSync(dir)) {
    const owner = /^partial-(\d+)-/.exec(name)?.[1];
    const stale = owner
      ? !isAlive(Number(owner))
      : name.startsWith('code-server-') && name !== keep && dir === path.join(root, '.editor');
    if (stale) rmSync(path.join(dir, name), { recursive: true, force: true });
  }
}

async function step(label, cwd, args, env) {
  const { code, output } = await npm([...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    label,
    cwd,
    env,
  });
  if (code === 0) return;
  console.error(output.trim());
  throw new Error(`The editor could not be set up. ${explainNpm(output)}`);
}

function trim(server) {
  const file = path.join(server, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const name of TRIMMED) delete manifest.dependencies[name];
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

/**
 * Makes sure that the editor is there, and returns `{ node, server }`: the Node that runs it and its folder.
 * It is built beside its place and moved there when whole, so a killed set-up is redone and two at a time do no harm.
 * Throws an Error whose message says what to do.
 */
export async function setupEditor() {
  const node = findNode({ min: EDITOR_NODE });
  const dir = editorRoot();
  const name = setupName();
  const server = path.join(dir, name, SERVER);
  if (existsSync(path.join(dir, name))) return { node: node.path, server };
  const since = Date.now();
  console.log('Setting up the editor (once, about a minute, 600 MB) …');
  mkdirSync(dir, { recursive: true });
  sweep(dir, name);
  const partial = mkdtempSync(path.join(dir, `partial-${process.pid}-`));
  const env = { ...process.env, NODE_ENV: '', PATH: path.dirname(node.path) + path.delimiter + process.env.PATH };
  try {
    writeFileSync(path.join(partial, 'package.json'), '{"private":true}');
    const partialServer = path.join(partial, SERVER);
    await step('Editor 1/3: workbench and server', partial, ['install', `code-server@${EDITOR_VERSION}`], env);
    trim(partialServer);
    await step('Editor 2/3: dependencies', partialServer, ['install', '--omit=dev'], env);
    await step(
      'Editor 3/3: built-in extensions',
      path.join(partialServer, 'extensions'),
      ['install', '--omit=dev'],
      env,
    );
    for (const [file, text] of Object.entries(editorStubs())) {
      const target = path.join(partialServer, 'node_modules', ...file.split('/'));
      if (existsSync(path.dirname(target))) writeFileSync(target, text);
    }
    try {
      renameSync(partial, path.join(dir, name));
    } catch (error) {
      if (!existsSync(path.join(dir, name))) throw error;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  console.log(`The editor is ready after ${seconds(since)}.`);
  return { node: node.path, server };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { installOrExit } = await import('./install.mjs');
  await installOrExit();
  try {
    console.log((await setupEditor()).server);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
