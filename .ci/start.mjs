// `npm start [folder]`: installs what is missing, builds, and opens an editor with Gantry loaded.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { root } from './node.mjs';
import { interruption, run, seconds, start } from './process.mjs';

const HELP = `npm start [folder]

Opens an editor with Gantry loaded: desktop VS Code when the \`code\` command and a display are there, else an editor from
npm at an address on this machine. Without a folder, a fresh copy of the sample project is opened.

  PORT=8123                 port of the npm editor (else the one of last time, or a free one)
  GANTRY_EDITOR=npm         use the npm editor even where desktop VS Code is there
  GANTRY_EDITOR_DIR=<dir>   keep the npm editor there, shared between clones (else .editor/)`;

function fail(message) {
  console.error(message);
  process.exit(1);
}

function chosenFolder(given) {
  if (given === undefined) return undefined;
  const folder = path.resolve(process.env.INIT_CWD ?? process.cwd(), given);
  if (!existsSync(folder)) fail(`There is no folder ${folder}: name one that exists, or none for the sample project.`);
  if (!statSync(folder).isDirectory()) fail(`${folder} is a file: name the folder that it lies in.`);
  return realpathSync(folder);
}

function chosenPort() {
  const given = process.env.PORT;
  if (!given) return undefined;
  const port = Number(given);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(`PORT is '${given}': give a number from 1 to 65535.`);
  return port;
}

async function desktopEditor() {
  if (process.env.GANTRY_EDITOR === 'npm' || process.env.CI) return undefined;
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  const { code } = await run('code', ['--version'], { shell: process.platform === 'win32', timeoutMs: 20_000 });
  return code === 0 ? 'code' : undefined;
}

async function openDesktop(command, folder) {
  const args = [`--extensionDevelopmentPath=${root}`, '--new-window', folder];
  const shell = process.platform === 'win32';
  const { code, output } = await run(command, shell ? args.map((arg) => `"${arg}"`) : args, {
    shell,
    env: { ...process.env, GANTRY_OPEN_PANEL: '1' },
  });
  if (code !== 0) fail(`${output.trim()}\nVS Code did not start; GANTRY_EDITOR=npm uses the editor from npm instead.`);
  console.log('VS Code opens a window with Gantry loaded. After a rebuild: Developer: Reload Window.');
}

/** The port of last time keeps the browser's side of the editor (layout, sign-ins), which belongs to an address. */
function rememberedPort(file) {
  const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function showInBrowser(url) {
  const [command, ...args] = { darwin: ['open'], win32: ['rundll32', 'url.dll,FileProtocolHandler'] }[
    process.platform
  ] ?? ['xdg-open'];
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const child = start(command, [...args, url], { stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}

async function openServer(folder, sample) {
  const { setupEditor } = await import('./editor.mjs');
  const { prepareHome, startServer, workbenchUrl } = await import('./editor-server.mjs');
  const editor = await setupEditor();
  const home = prepareHome(path.join(root, '.editor', 'home'));
  const portFile = path.join(home, 'port');
  const token = randomUUID();
  const server = await startServer({
    editor,
    home,
    token,
    port: chosenPort() ?? rememberedPort(portFile),
    env: { GANTRY_OPEN_PANEL: '1' },
    // The sample is ours; about a folder of the user's, the editor asks as it always does.
    args: sample ? ['--disable-workspace-trust'] : [],
  });
  writeFileSync(portFile, String(server.port));
  const url = workbenchUrl({ port: server.port, token, folder, developmentPath: root });
  console.log(
    `\nVS Code with Gantry is at\n\n  ${url}\n\nCtrl+C stops it. After a rebuild (npm run build), reload the page.`,
  );
  showInBrowser(url);
  interruption.exitCode = 0;
  await server.exited;
  if (interruption.signal) return;
  fail(`The editor's server ended; its log is ${server.logFile}`);
}

const args = process.argv.slice(2);
if (args.some((arg) => arg === '--help' || arg === '-h')) {
  console.log(HELP);
  process.exit(0);
}
if (args.length > 1) fail(`Give one folder at most, not ${args.length}.\n\n${HELP}`);
if (args[0]?.startsWith('-')) fail(`There is no option ${args[0]}.\n\n${HELP}`);
const since = Date.now();
const given = chosenFolder(args[0]);
chosenPort();
await installOrExit();
const { build } = await import('./build.mjs');
try {
  await build({ quiet: true });
  console.log(`Built after ${seconds(since)}.`);
} catch (error) {
  fail(error.errors ? 'The build failed; the errors are above.' : error.message);
}
const { freshSample } = await import('./sample.mjs');
const folder = given ?? (await freshSample());
console.log(`Folder: ${folder}${given ? '' : ' (a fresh copy of the sample project)'}`);
try {
  const desktop = await desktopEditor();
  if (desktop) await openDesktop(desktop, folder);
  else await openServer(folder, !given);
} catch (error) {
  fail(error.message);
}
