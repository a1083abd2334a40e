/** What a check sees of a workspace that an agent has left. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

const SLOWEST_MS = 30_000;
const MOST_OUTPUT = 1_000_000;

export type Ran = { code: number | null; stdout: string; stderr: string };

export class Work {
  readonly folder: string;
  /** The agent's last message; empty when there was none. */
  readonly answer: string;
  readonly before: Snapshot;
  readonly after: Snapshot;

  /** `before` is the workspace as the agent got it. */
  constructor(folder: string, before: Snapshot, answer: string) {
    this.folder = folder;
    this.before = before;
    this.after = takeSnapshot(folder);
    this.answer = answer;
  }

  /** Null when there is no such file. */
  text(file: string): string | null {
    return this.after.get(file)?.toString('utf8') ?? null;
  }

  /** Files that differ, are new or are gone, sorted. */
  changed(): string[] {
    const names = new Set([...this.before.keys(), ...this.after.keys()]);
    return [...names].filter((name) => !same(this.before.get(name), this.after.get(name))).sort();
  }

  /** Runs Node in the workspace, with `input` on its stdin. It never throws; what takes too long has no code. */
  node(args: readonly string[], input = ''): Promise<Ran> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
        cwd: this.folder,
        // Nothing of the outer run: a test runner in here must not report to one out there, and no key is handed on.
        env: { PATH: process.env.PATH, TZ: 'UTC' },
        timeout: SLOWEST_MS,
        killSignal: 'SIGKILL',
      });
      let [stdout, stderr] = ['', ''];
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (stdout.length < MOST_OUTPUT) stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (stderr.length < MOST_OUTPUT) stderr += text;
      });
      child.once('error', (error) => resolve({ code: null, stdout, stderr: error.message }));
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /**
   * Runs a module in the workspace that calls `report(value)`, and compares the value. The module comes on stdin and
   * marks what it reports with a word made for this run: code that it imports cannot report in its place.
   */
  async probe(what: string, script: string, expected: unknown): Promise<string[]> {
    const mark = randomUUID();
    const head = `const report = ((write, mark) => (value) => write('\\n' + mark + JSON.stringify(value) + '\\n'))(process.stdout.write.bind(process.stdout), '${mark}');\n`;
    const { stdout, stderr } = await this.node(['--input-type=module', '-'], `${head}${script}`);
    const line = stdout.split('\n').find((one) => one.startsWith(mark));
    if (line === undefined) return [`${what}: it did not run to its end (${lastLine(stderr) || 'without a word'})`];
    const value: unknown = JSON.parse(line.slice(mark.length));
    if (isDeepStrictEqual(value, JSON.parse(JSON.stringify(expected)))) return [];
    return [`${what}: ${JSON.stringify(value)} where ${JSON.stringify(expected)} is right`];
  }

  /** Runs the workspace's own tests. */
  async tests(...files: string[]): Promise<string[]> {
    const { code, stdout } = await this.node(['--test', '--test-isolation=none', '--test-reporter=tap', ...files]);
    const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? 0);
    if (code === 0 && passed > 0) return [];
    const names = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name);
    return [`${files.join(', ')}: ${names.length > 0 ? `failed: ${names.join(', ')}` : 'no test passed'}`];
  }

  /** What is wrong when a file has not exactly this text. */
  hasText(file: string, expected: string): string[] {
    const text = this.text(file);
    if (text === expected) return [];
    if (text === null) return [`${file} is not there`];
    const lines = text.split('\n');
    const line = expected.split('\n').findIndex((one, index) => one !== lines[index]);
    return [`${file} is not as it should be, from line ${line < 0 ? lines.length : line + 1} on`];
  }

  /** What the last message does not say; each row is one fact in any of its forms. */
  says(...facts: readonly RegExp[]): string[] {
    return facts.filter((fact) => !fact.test(this.answer)).map((fact) => `the answer does not say ${fact}`);
  }
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined ? a.equals(b) : a === b;
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return lines.findLast((line) => /Error/.test(line)) ?? lines.at(-1) ?? '';
}
