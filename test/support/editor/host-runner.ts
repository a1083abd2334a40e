/** Runs test/vscode inside the extension host; the editor calls `run` when this file is its `extensionTestsPath`. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

function testFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.cjs'))
    .sort()
    .map((file) => path.join(dir, file));
}

/**
 * Runs every built test file (`GANTRY_TEST_GREP` narrows it), writes `{passed, failed, skipped, failures}` to
 * `GANTRY_TEST_RESULTS`, and rejects when a test failed or none ran: the editor turns that into its exit code.
 */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({
    timeout: 30_000,
    color: false,
    forbidOnly: Boolean(process.env.CI),
    reporter: 'spec',
    ...(process.env.GANTRY_TEST_GREP ? { grep: process.env.GANTRY_TEST_GREP } : {}),
  });
  for (const file of testFiles(path.join(__dirname, '../../vscode'))) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const failures: string[] = [];
  const stats = await new Promise<Mocha.Stats | undefined>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on('fail', (test, error: Error) => failures.push(`${test.fullTitle()}\n${error.stack ?? error.message}`));
  });
  const counts = { passed: stats?.passes ?? 0, failed: stats?.failures ?? 0, skipped: stats?.pending ?? 0 };
  if (process.env.GANTRY_TEST_RESULTS) {
    writeFileSync(process.env.GANTRY_TEST_RESULTS, JSON.stringify({ ...counts, failures }));
  }
  if (counts.failed > 0) throw new Error(`${counts.failed} test(s) failed`);
  if (counts.passed + counts.skipped === 0) throw new Error('no test ran');
}
