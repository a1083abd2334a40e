/**
 * Runs test/vscode inside a real extension host and prints what it prints.
 * `VSCODE_HOST=desktop` or `VSCODE_EXECUTABLE=<code>`: the desktop editor by @vscode/test-electron; else the npm-installed
 * editor with a headless browser as its client. Writes the counts to the file named by `GANTRY_TEST_RESULTS`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { freshFolder, repository, startEditor } from './editor.ts';
import { launchBrowser, picture } from './workbench.ts';

const ENTRY = path.join(repository, 'dist/test/support/editor/host-runner.cjs');
const TEMPLATE = path.join(repository, 'test/vscode/fixtures/workspace');
/**
 * Extensions that the tests look at Gantry through: models of another one. Its manifest also has the default that an editor on
 * the desktop has: in a browser, whatever is typed is saved after a second, and a test that is slower than that finds it gone.
 */
const FIXTURE_EXTENSIONS = [path.join(repository, 'test/vscode/fixtures/lm-provider')];
const LIMIT_MS = 10 * 60_000;

/** Lines that the workbench itself writes; the rest is mocha's, and what tests print. */
const NOISE =
  /^(%c|\[object|Resolv|Creating a socket|\[reconnection|Updating additional|\[Service Worker\]|\[AgentHost|\[AccountPolicy|Timed out waiting for authentication provider|getaddrinfo|Creation of workbench|Settings pattern)/;

async function onDesktop(results: string): Promise<number> {
  const { runTests } = await import('@vscode/test-electron');
  const home = await mkdtemp(path.join(tmpdir(), 'gantry-home-'));
  const folder = await freshFolder(existsSync(TEMPLATE) ? TEMPLATE : undefined);
  const executable = process.env.VSCODE_EXECUTABLE;
  try {
    return await runTests({
      ...(executable ? { vscodeExecutablePath: executable } : { version: process.env.VSCODE_VERSION ?? 'stable' }),
      extensionDevelopmentPath: [repository, ...FIXTURE_EXTENSIONS],
      extensionTestsPath: ENTRY,
      extensionTestsEnv: { GANTRY_TEST_RESULTS: results, GANTRY_HOME: path.join(home, '.gantry') },
      launchArgs: [
        folder,
        '--disable-workspace-trust',
        '--skip-welcome',
        `--user-data-dir=${path.join(home, 'data')}`,
        `--extensions-dir=${path.join(home, 'extensions')}`,
      ],
    });
  } finally {
    await Promise.all([home, folder].map((dir) => rm(dir, { recursive: true, force: true, maxRetries: 5 })));
  }
}

async function onServer(results: string): Promise<number> {
  const editor = await startEditor({
    testsPath: ENTRY,
    alsoLoad: FIXTURE_EXTENSIONS,
    env: { GANTRY_TEST_RESULTS: results },
    ...(existsSync(TEMPLATE) ? { template: TEMPLATE } : {}),
  });
  const browser = await launchBrowser();
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    // The workbench looks for these two globals when a test run is under way.
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      const line = format(...args);
      if (process.env.GANTRY_TEST_VERBOSE || !NOISE.test(line)) console.log(line);
    });
    const exit = new Promise<number>((resolve) => page.exposeFunction('codeAutomationExit', resolve));
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const giveUp = (file: string) => reject(new Error(`the host tests did not end in time; picture: ${file}`));
        void picture(page, 'host-tests-timeout').then(giveUp, reject);
      }, LIMIT_MS);
    });
    await page.goto(editor.url);
    return await Promise.race([exit, limit]);
  } catch (error) {
    console.error((await editor.logs()).slice(-4_000));
    throw error;
  } finally {
    clearTimeout(timer);
    await browser.close();
    await editor.stop();
  }
}

const scratch = await mkdtemp(path.join(tmpdir(), 'gantry-results-'));
const results = process.env.GANTRY_TEST_RESULTS ?? path.join(scratch, 'results.json');
const desktop = process.env.VSCODE_HOST === 'desktop' || Boolean(process.env.VSCODE_EXECUTABLE);
try {
  const code = await (desktop ? onDesktop(results) : onServer(results));
  if (!existsSync(results)) throw new Error('the host tests wrote no results');
  const { passed, failed } = JSON.parse(await readFile(results, 'utf8')) as { passed: number; failed: number };
  console.log(`${desktop ? 'desktop' : 'server'} host: ${passed} passed, ${failed} failed`);
  process.exitCode = code || failed ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
