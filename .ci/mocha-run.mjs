// Runs mocha on test files and writes what came of it: `node mocha-run.mjs <report.json> [--grep text] [--timeout ms] [--color yes] file…`
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const [report, ...rest] = process.argv.slice(2);
const options = { timeout: '10000' };
while (rest[0]?.startsWith('--')) options[rest.shift().slice(2)] = rest.shift();

/** How long a finished run may take to let go of its last socket or child. */
const LINGER_MS = 10_000;

const mocha = new Mocha({
  timeout: Number(options.timeout),
  forbidOnly: Boolean(process.env.CI),
  color: options.color === 'yes',
  reporter: 'spec',
  ...(options.grep ? { grep: options.grep } : {}),
});
for (const file of rest) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  const counts = { passed: passes, failed: failures, skipped: pending };
  writeFileSync(report, JSON.stringify(counts));
  process.exitCode = failures ? 1 : 0;
  setTimeout(() => {
    const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
    console.error(
      `The tests are done, but something they started is still running (${held}): stop it in an after hook.`,
    );
    writeFileSync(report, JSON.stringify({ ...counts, failed: failures + 1 }));
    process.exit(1);
  }, LINGER_MS).unref();
});
