// `npm test [-- suite… file… --grep text]`: installs what is missing, runs the suites, counts.
import path from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { installOrExit } from './install.mjs';
import { root } from './node.mjs';
import { run, seconds } from './process.mjs';
import { suites } from './suites.mjs';

const HELP = `npm test                          everything
npm test -- unit core             these suites
npm test -- test/unit/a.test.ts   these files
npm test -- unit --grep "text"    tests whose title holds the text
npm test -- --list                names of the suites`;

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** What was asked for: `{ chosen: [{ suite, files }], grep }`; `files` is undefined for a suite that has none. */
function parse(argv) {
  const names = [];
  const files = [];
  let grep;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--grep' || arg === '-g') {
      grep = argv[++i];
      if (!grep) fail('--grep needs a text.');
    } else if (suites.some((suite) => suite.name === arg)) names.push(arg);
    else if (/\.test\.(tsx?|mjs)$/.test(arg))
      files.push(
        path
          .relative(root, path.resolve(process.env.INIT_CWD ?? root, arg))
          .split(path.sep)
          .join('/'),
      );
    else fail(`There is no suite '${arg}'. Suites: ${suites.map((suite) => suite.name).join(', ')}.\n\n${HELP}`);
  }
  const all = names.length === 0 && files.length === 0;
  const chosen = suites.flatMap((suite) => {
    const own = suite.files?.();
    const named = own?.filter((file) => files.includes(file)) ?? [];
    if (named.length) return [{ suite, files: named }];
    return all || names.includes(suite.name) ? [{ suite, files: own }] : [];
  });
  const known = chosen.flatMap((entry) => entry.files ?? []);
  const unknown = files.filter((file) => !known.includes(file));
  if (unknown.length) fail(`No suite has the file ${unknown.join(', ')}.`);
  return { chosen, grep };
}

async function built(only) {
  const { build } = await import('./build.mjs');
  return build({ quiet: true, only }).then(
    () => undefined,
    () => 'The build failed.',
  );
}

/** Each need brings itself about and returns what is missing, or nothing. */
const NEEDS = {
  core: () => built(['launcher', 'core']),
  dist: () => built(),
  git: async () => ((await run('git', ['--version'])).code === 0 ? undefined : 'git is needed: install it.'),
  chromium: async () => (process.env.VSCODE_HOST === 'desktop' ? undefined : (await ensureChromium()).missing),
  editor: async () => {
    const { setupEditor } = await import('./editor.mjs');
    return setupEditor().then(
      () => undefined,
      (error) => error.message,
    );
  },
};

const met = new Map();
async function missingFor(suite) {
  for (const need of suite.needs) {
    if (!met.has(need)) met.set(need, await NEEDS[need]());
    if (met.get(need)) return { need, reason: met.get(need) };
  }
  return undefined;
}

async function runSuite({ suite, files }, grep) {
  const missing = await missingFor(suite);
  if (missing) {
    console.error(missing.reason);
    // What the project itself must bring about is never just absent; and with CI nothing may be skipped.
    const failed = process.env.CI || ['dist', 'core'].includes(missing.need) ? 1 : 0;
    return { passed: 0, failed, skipped: 1 - failed };
  }
  try {
    return await suite.run({ files, grep });
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
if (argv.includes('--list')) {
  for (const { name, about } of suites) console.log(`${name.padEnd(11)} ${about}`);
  process.exit(0);
}
const since = Date.now();
const { chosen, grep } = parse(argv);
await installOrExit();
const rows = [];
for (const entry of chosen) {
  const { name } = entry.suite;
  if (entry.files?.length === 0) {
    console.log(`\n== ${name}: no test yet, left out`);
    continue;
  }
  console.log(`\n== ${name}`);
  const begun = Date.now();
  const result = await runSuite(entry, grep);
  rows.push({ name, ...result, took: seconds(begun) });
}
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum);
console.log('');
for (const row of rows)
  console.log(
    `${row.failed ? 'FAIL' : row.skipped && !row.passed ? 'skip' : 'ok  '} ${row.name.padEnd(11)} ${row.passed} passed, ${row.failed} failed, ${row.skipped} skipped in ${row.took}`,
  );
console.log(`All of it took ${seconds(since)}.`);
if (passed + failed === 0) console.error('No test ran.');
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed || passed === 0 ? 1 : 0;
