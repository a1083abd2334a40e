/** `gantry exec` as a child process, and the events that it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

export type ExecEvent = {
  type: string;
  thread_id?: string;
  item?: { id: string; type: string; [field: string]: unknown };
  [field: string]: unknown;
};
export type ExecResult = { code: number | null; stdout: string; stderr: string; events: ExecEvent[] };

export type ExecProcessOptions = {
  /** GANTRY_HOME of the process. */
  home: string;
  cwd: string;
  args: readonly string[];
  /** Null leaves it open. */
  stdin: string | null;
  env?: Record<string, string>;
  /** Another program that takes the same arguments. */
  program?: string;
};

export class ExecProcess {
  /** Settles once the process and its streams have ended; a line of stdout that is no JSON is no event. */
  readonly ended: Promise<ExecResult>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #stdout = '';
  #stderr = '';

  constructor({ home, cwd, args, stdin, env, program = PROGRAM }: ExecProcessOptions) {
    if (!existsSync(program)) throw new Error('dist/gantry.js is missing: run `npm run build` first.');
    this.#child = spawn(process.execPath, [program, 'exec', ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: home, GANTRY_HOME: home, ...env },
    });
    this.#child.stdin?.on('error', () => {});
    if (stdin !== null) this.#child.stdin?.end(stdin);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const watch of this.#watchers) watch();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        for (const watch of this.#watchers) watch();
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr, events: this.#events() });
      });
    });
  }

  /** The first event that `fits`. Rejects when the process ends without one. */
  event(fits: (event: ExecEvent) => boolean): Promise<ExecEvent> {
    const seen = new Promise<ExecEvent>((resolve) => {
      const look = (): void => {
        const found = this.#events().find(fits);
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
    const gone = this.ended.then(({ stderr }) => {
      throw new Error(`exec ended before the event came.\n${stderr}`);
    });
    gone.catch(() => {});
    return Promise.race([seen, gone]);
  }

  /** Closes this end of its stdout. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #events(): ExecEvent[] {
    const events: ExecEvent[] = [];
    for (const line of this.#stdout.split('\n').slice(0, -1)) {
      try {
        events.push(JSON.parse(line));
      } catch {
        // What is printed for people is no event.
      }
    }
    return events;
  }
}
