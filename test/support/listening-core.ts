/** The built core with `--listen`, as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

export type ListeningCoreOptions = {
  home: string;
  cwd: string;
  args: readonly string[];
  env?: Record<string, string>;
};

export class ListeningCore {
  stderr = '';
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #isGone = false;

  private constructor({ home, cwd, args, env }: ListeningCoreOptions) {
    // Its stdin is at its end: that must not end a core with a listener.
    this.#child = spawn(process.execPath, [PROGRAM, 'app-server', ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: home, GANTRY_HOME: home, SCRIPTED_KEY: 'scripted-key', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const wake = () => {
      for (const watcher of this.#watchers) watcher();
      this.#watchers.clear();
    };
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#isGone = true;
        wake();
        resolve(code ?? signal ?? 'gone');
      });
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      wake();
    });
  }

  /** Whether it listens or ends at once: `listening` tells. */
  static spawn(options: ListeningCoreOptions): ListeningCore {
    return new ListeningCore(options);
  }

  /** A core that listens. */
  static async start(options: ListeningCoreOptions): Promise<ListeningCore> {
    const core = new ListeningCore(options);
    await core.says(/listening on: \S+\n(?:.*\n)*/);
    return core;
  }

  /** What a client connects to, as the core printed it. */
  get url(): string {
    return /listening on: (\S+)/.exec(this.stderr)?.[1] ?? '';
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The same place for probes by HTTP. */
  get httpUrl(): string {
    return `http://${new URL(this.url).host}`;
  }

  /** Resident memory in MB, and the most it ever was. */
  get memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const megabytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
  }

  /** Settles when its stderr has what is looked for. Rejects when it ends first. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.stderr);
      if (found) return found;
      if (this.#isGone) throw new Error(`The core ended before it said ${what}.\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    this.#child.kill(signal);
    return this.exited;
  }
}
