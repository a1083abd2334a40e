/** A client that keeps a core busy: several threads, and everything that can be done to them, one after another. */
import { type CoreProcess, type Message, RefusedError } from '../support/core-process.ts';
import type { RecordedRequest, Reply, Step } from '../support/model-server/index.ts';
import type { Random } from './random.ts';

/** One request, and where in the core's messages its answer is, when there is one. */
export type Asked = { method: string; params: Record<string, unknown>; answer: Message | null };

const DRIVERS = 5;
const TEXT = Array.from({ length: 12 }, (_, at) => `piece ${at} of an answer that comes in many; `);

/** Answers at once, with all that a turn can hold. `marker` stands in the commands, so that they can be found. */
export function busyModel(random: Random, marker: string): (request: RecordedRequest) => Reply {
  let calls = 0;
  return () => {
    calls += 1;
    const run = (cmd: string, yieldTime = 5000): Step => ({
      call: 'exec_command',
      args: { cmd, yield_time_ms: yieldTime },
      callId: `call-${calls}-${random.int(1_000_000)}`,
    });
    const roll = random.int(10);
    if (roll < 2) return [{ reasoning: 'So.' }, run(`echo ${calls}; head -c 3000 /dev/zero | tr '\\0' x`)];
    if (roll === 2) return [run(`echo ${marker}; sleep 1000`, 250)];
    if (roll === 3) return [run(`: ${marker}; sleep 1000 & sleep 0.05; echo a`)];
    if (roll === 4) {
      const input = `*** Begin Patch\n*** Add File: made-${calls}-${random.int(1_000_000)}.txt\n+${calls}\n*** End Patch`;
      return [{ text: ['I write. '] }, { freeform: 'apply_patch', input, callId: `patch-${calls}` }];
    }
    return [{ text: TEXT }, { usage: { input: 1000 + random.int(9000), output: 50 } }];
  };
}

/** Runs until the core is gone; what was asked is in `asked`, in order. */
export class Load {
  readonly asked: Asked[] = [];
  readonly #core: CoreProcess;
  readonly #random: Random;
  readonly #cwd: string;
  readonly #given: string[][];
  readonly #archived: readonly string[];

  /** `existing`: threads from before, which go on; `archived` are some of them. */
  constructor(
    core: CoreProcess,
    random: Random,
    cwd: string,
    existing: readonly string[],
    archived: readonly string[],
  ) {
    this.#core = core;
    this.#random = random;
    this.#cwd = cwd;
    this.#archived = archived;
    this.#given = Array.from({ length: DRIVERS }, (_, at) => existing.filter((_id, index) => index % DRIVERS === at));
  }

  async run(): Promise<void> {
    await Promise.all(this.#given.map((threads) => this.#drive(this.#random.fork(), [...threads])));
  }

  /** One thing at a time, but for turns, which run beside what comes next. */
  async #drive(random: Random, threads: string[]): Promise<void> {
    const live = new Set<string>();
    const archived = new Set(this.#archived);
    for (;;) {
      try {
        if (threads.length === 0 || (threads.length < 3 && random.chance(0.2))) {
          const id = await this.#start();
          threads.push(id);
          live.add(id);
        }
        const threadId = random.pick(threads);
        if (archived.has(threadId)) {
          await this.#ask('thread/unarchive', { threadId });
          archived.delete(threadId);
        }
        if (!live.has(threadId)) {
          await this.#ask('thread/resume', { threadId, excludeTurns: true });
          live.add(threadId);
        }
        await this.#act(random, threadId, threads, live, archived);
      } catch (error) {
        // Refused: the next thing is tried. Anything else is the end of the core.
        if (!(error instanceof RefusedError)) return;
      }
    }
  }

  async #act(
    random: Random,
    threadId: string,
    threads: string[],
    live: Set<string>,
    archived: Set<string>,
  ): Promise<void> {
    const ask = (method: string, params: object = {}) => this.#ask(method, { threadId, ...params });
    const input = [{ type: 'text', text: `do ${random.int(1_000_000)}` }];
    switch (random.int(16)) {
      case 0:
        await ask('thread/name/set', { name: `name ${random.int(1_000_000)}` });
        return;
      case 1: {
        const { thread } = (await ask('thread/fork')) as { thread: { id: string } };
        threads.push(thread.id);
        live.add(thread.id);
        return;
      }
      case 2:
        await ask('thread/archive');
        live.delete(threadId);
        archived.add(threadId);
        return;
      case 3:
        if (random.chance(0.5)) return;
        await ask('thread/delete');
        threads.splice(threads.indexOf(threadId), 1);
        return;
      case 4: {
        const { data } = (await ask('thread/turns/list', { limit: 5 })) as { data: { id: string }[] };
        if (data.length > 1) await ask('thread/revert', { beforeTurnId: random.pick(data).id });
        return;
      }
      case 5:
        await ask('thread/compact/start');
        return;
      case 6:
        await ask('thread/goal/set', { objective: `goal ${random.int(1000)}`, status: 'paused' });
        return;
      case 7:
        await ask('thread/inject_items', {
          items: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'injected' }] }],
        });
        return;
      case 8:
        await ask('thread/read', { includeTurns: true });
        return;
      case 9:
        await ask('thread/shellCommand', { command: 'echo by hand' });
        return;
      case 10:
        await this.#ask('thread/list', { limit: 50 });
        return;
      default: {
        const { turn } = (await ask('turn/start', { input })) as { turn: { id: string } };
        const wait = random.int(3);
        if (wait === 0) return;
        if (wait === 1) await ask('turn/interrupt', { turnId: turn.id });
        else await this.#ended(turn.id);
      }
    }
  }

  async #start(): Promise<string> {
    const params = { cwd: this.#cwd, approvalPolicy: 'never', sandbox: 'workspace-write' };
    const { thread } = (await this.#ask('thread/start', params)) as { thread: { id: string } };
    return thread.id;
  }

  async #ended(turnId: string): Promise<void> {
    await this.#core.waitFor('turn/completed', ({ turn }) => turn.id === turnId);
  }

  async #ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    const asked: Asked = { method, params, answer: null };
    this.asked.push(asked);
    asked.answer = await this.#core.requestRaw(method, params);
    if (asked.answer.error) throw new RefusedError(method, asked.answer.error);
    return asked.answer.result;
  }
}
