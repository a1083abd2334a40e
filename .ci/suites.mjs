// The suites of `npm test`, in the order in which they run.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { run } from './process.mjs';

const bin = (...parts) => path.join(root, 'node_modules', ...parts);
const here = (name) => path.join(root, '.ci', name);
const SLOWEST_MS = 25 * 60_000;

/** A step that either passes or fails, and counts as one. */
function check(name, about, command, args) {
  return {
    name,
    about,
    needs: [],
    run: async () => {
      const { code } = await run(command, args, { echo: true, timeoutMs: SLOWEST_MS });
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    },
  };
}

function testFiles(dir) {
  if (!existsSync(path.join(root, dir))) return [];
  return readdirSync(path.join(root, dir), { recursive: true })
    .map((file) => `${dir}/${String(file).split(path.sep).join('/')}`)
    .filter((file) => /\.test\.(tsx?|mjs)$/.test(file) && !file.includes('/fixtures/'))
    .sort();
}

/** What the run wrote into its report; no report is one failure, and so is a run without any test. */
function counts(report, { code, timedOut }) {
  if (timedOut) console.error(`The suite did not end within ${SLOWEST_MS / 60_000} minutes and was stopped.`);
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { passed, failed, skipped } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed, skipped, failed: failed || (code === 0 && !timedOut ? 0 : 1) };
}

async function reporting(work) {
  const dir = mkdtempSync(path.join(tmpdir(), 'gantry-report-'));
  try {
    const report = path.join(dir, 'report.json');
    return counts(report, await work(report));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A folder of test/ that mocha runs under a Node that takes TypeScript as it is. */
function mocha(name, about, { needs = [], timeout = 10_000, env = {}, prepare } = {}) {
  return {
    name,
    about,
    needs,
    files: () => testFiles(`test/${name}`),
    run: async ({ files, grep }) => {
      const more = prepare ? await prepare() : {};
      return reporting((report) =>
        run(
          findNode({ min: EDITOR_NODE }).path,
          [
            '--disable-warning=ExperimentalWarning',
            '--enable-source-maps',
            // A test that leaks fails by itself, before it takes the machine along.
            '--max-old-space-size=2048',
            '--import',
            new URL('../test/support/tsx-hook.mjs', import.meta.url).href,
            here('mocha-run.mjs'),
            report,
            '--timeout',
            String(timeout),
            ...(process.stdout.isTTY ? ['--color', 'yes'] : []),
            ...(grep ? ['--grep', grep] : []),
            ...files,
          ],
          { echo: true, timeoutMs: SLOWEST_MS, env: { ...process.env, ...env, ...more } },
        ),
      );
    },
  };
}

const hostTests = {
  name: 'vscode',
  about: "inside a real editor's extension host",
  needs: ['dist', 'git', 'editor', 'chromium'],
  files: () => testFiles('test/vscode'),
  run: ({ grep }) =>
    reporting((report) =>
      run(findNode({ min: EDITOR_NODE }).path, [path.join(root, 'test/support/editor/run-host-tests.ts')], {
        echo: true,
        timeoutMs: SLOWEST_MS,
        env: { ...process.env, GANTRY_TEST_RESULTS: report, ...(grep ? { GANTRY_TEST_GREP: grep } : {}) },
      }),
    ),
};

async function packed() {
  const { packageExtension } = await import('./package.mjs');
  return { GANTRY_VSIX: await packageExtension(path.join(root, '.test-output', 'gantry.vsix')) };
}

export const suites = [
  check('lint', 'biome: format and lint', bin('.bin', process.platform === 'win32' ? 'biome.cmd' : 'biome'), [
    'check',
    '.',
    '--diagnostic-level=error',
    '--max-diagnostics=40',
  ]),
  check('imports', 'the layers of AGENTS.md, no cycles', process.execPath, [here('check-imports.mjs')]),
  check('sizes', 'no file over 450 lines', process.execPath, [here('check-sizes.mjs')]),
  check('manifest', 'package.json and the top level', process.execPath, [here('check-manifest.mjs')]),
  check('types', 'tsc -b', process.execPath, [bin('typescript', 'bin', 'tsc'), '-b', '--pretty', 'false']),
  check('build', 'dist/', process.execPath, [here('build.mjs')]),
  mocha('unit', 'pure code'),
  mocha('core', 'the built core against a scripted model server', { needs: ['core', 'git'], timeout: 30_000 }),
  {
    ...check('soak', 'the fuzzer and the kill test, in short', process.execPath, [here('soak.mjs'), '--short']),
    needs: ['core'],
  },
  mocha('conformance', "the reference's schema and program, and clients written for it", { needs: ['core', 'git'] }),
  mocha('eval', 'the tasks that models are measured by, with scripted models', {
    needs: ['core', 'git'],
    timeout: 30_000,
  }),
  mocha('sandbox', "the kernel's own confinement", { timeout: 30_000 }),
  mocha('webview', 'the panel in jsdom', { timeout: 20_000 }),
  hostTests,
  mocha('workbench', 'a real workbench in a real browser', {
    needs: ['dist', 'git', 'editor', 'chromium'],
    timeout: 60_000,
  }),
  mocha('package', 'the packed extension, installed', {
    needs: ['git', 'editor', 'chromium'],
    timeout: 120_000,
    prepare: packed,
  }),
];
