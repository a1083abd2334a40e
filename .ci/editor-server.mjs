// Starts the npm-installed editor as a server on this machine's own address.
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { killTree, start, withoutNpm } from './process.mjs';

const HOST = '127.0.0.1';

/** `wanted` when nobody listens there, else a free port. */
export async function freePort(wanted = 0) {
  const probe = (port) =>
    new Promise((resolve) => {
      const server = createServer()
        .once('error', () => resolve(undefined))
        .listen(port, HOST, () => {
          const address = server.address();
          server.close(() => resolve(address.port));
        });
    });
  const port = (await probe(wanted)) ?? (await probe(0));
  if (port === undefined) throw new Error(`No port is free on ${HOST}.`);
  return port;
}

/** User settings of an editor of ours: quiet, no AI features but Gantry, nothing sent anywhere. */
export const QUIET_SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Lays out an editor home; settings that are already there stay as the user left them. */
export function prepareHome(home, settings = {}) {
  const user = path.join(home, 'data', 'User');
  mkdirSync(user, { recursive: true });
  mkdirSync(path.join(home, 'extensions'), { recursive: true });
  const file = path.join(user, 'settings.json');
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2)}\n`);
  return home;
}

/**
 * Starts the server and resolves once it answers.
 * `editor`: `{ node, server }` of setupEditor. `home`: a prepared folder. `token`: the connection token, without which nobody gets in.
 * Node is first on the server's PATH, so that commands in the editor find one that is new enough.
 * Returns `{ port, logFile, stop(), exited }`; `exited` resolves when the server ends, for whatever reason.
 */
export async function startServer({
  editor,
  home,
  token,
  port,
  env = {},
  args = [],
  extensionsDir = path.join(home, 'extensions'),
}) {
  const at = await freePort(port);
  const logFile = path.join(home, 'server.log');
  const log = createWriteStream(logFile);
  const child = start(
    editor.node,
    [
      path.join('out', 'server-main.js'),
      '--host',
      HOST,
      '--port',
      String(at),
      '--connection-token',
      token,
      '--accept-server-license-terms',
      '--telemetry-level',
      'off',
      '--enable-smoke-test-driver',
      // Our environment is the user's already; a login shell would put an older Node first again.
      '--force-disable-user-env',
      '--server-data-dir',
      home,
      '--user-data-dir',
      path.join(home, 'data'),
      '--extensions-dir',
      extensionsDir,
      ...args,
    ],
    {
      cwd: editor.server,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...withoutNpm(process.env), PATH: path.dirname(editor.node) + path.delimiter + process.env.PATH, ...env },
    },
  );
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let running = true;
  const exited = new Promise((resolve) => {
    const end = () => {
      running = false;
      log.end();
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const stop = async () => {
    if (running) killTree(child);
    const force = setTimeout(() => killTree(child, 'SIGKILL'), 3_000);
    await exited;
    clearTimeout(force);
  };
  const giveUp = Date.now() + 60_000;
  // Without the token in the request this answers 403, which is up too.
  while (
    !(await fetch(`http://${HOST}:${at}/version`, { redirect: 'manual' }).then(
      () => true,
      () => false,
    ))
  ) {
    if (!running) throw new Error(`The editor's server ended at once; its log is ${logFile}`);
    if (Date.now() > giveUp) {
      await stop();
      throw new Error(`The editor's server did not come up within a minute; its log is ${logFile}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { port: at, logFile, stop, exited };
}

/**
 * The address that opens `folder` (a path ending in .code-workspace opens that; null opens nothing); an extension is
 * loaded from `developmentPath`, `testsPath` runs its tests.
 */
export function workbenchUrl({ port, token, folder, developmentPath, testsPath }) {
  const host = `${HOST}:${port}`;
  const remote = (file) => `vscode-remote://${host}${toUrlPath(file)}`;
  const payload = [
    ...(developmentPath ? [['extensionDevelopmentPath', remote(developmentPath)]] : []),
    ...(testsPath ? [['extensionTestsPath', remote(testsPath)]] : []),
  ];
  const query = new URLSearchParams({ tkn: token });
  if (folder === null) query.set('ew', 'true');
  else query.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', toUrlPath(folder));
  if (payload.length) query.set('payload', JSON.stringify(payload));
  return `http://${host}/?${query}`;
}

function toUrlPath(file) {
  const slashed = file.split(path.sep).join('/');
  return slashed.startsWith('/') ? slashed : `/${slashed}`;
}
