/** What a hostile, broken or merely strange client sends. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_LINE } from './expected.ts';
import { Mutator } from './mutate.ts';
import type { Random } from './random.ts';
import { type Json, type Known, type MethodRow, ParamsMaker, readFixture } from './valid-params.ts';

/** What the client declares: nothing, `experimentalApi`, or `gantry` with it. */
export type Declared = 'plain' | 'experimentalApi' | 'gantry';
type Message = Record<string, Json>;

/** These leave marks outside of any folder, or take long, so they come less often. */
const HEAVY = /^(command\/exec|process\/spawn|thread\/shellCommand|externalAgentConfig\/import|fuzzyFileSearch|skills)/;
/** These run and change what the client names: only where the kernel keeps it in. */
const DANGEROUS = /^(fs\/|command\/|process\/|thread\/shellCommand|feedback\/|externalAgentConfig\/|turn\/|review\/)/;
const MEGABYTES = 1024 * 1024;

export type TrafficOptions = {
  random: Random;
  gate: Declared;
  workspace: string;
  known: Known;
  /** Without walls around it, the core is asked nothing that could touch the machine. */
  confined: boolean;
  /** May a message be longer than the cap? */
  tooLong: boolean;
};

export class Traffic {
  readonly #random: Random;
  readonly #options: TrafficOptions;
  readonly #mutator: Mutator;
  readonly #maker: ParamsMaker;
  readonly #rows: MethodRow[];
  readonly #notifications: MethodRow[];
  readonly #answers: Map<string, MethodRow>;
  readonly #recorded: Message[];
  #nextId = 0;

  constructor(options: TrafficOptions) {
    const { random, gate, workspace, known, confined } = options;
    const { types, tables } = readFixture();
    this.#options = options;
    this.#random = random;
    this.#mutator = new Mutator(random);
    this.#maker = new ParamsMaker({ random, known, workspace, types });
    const isOpen = (row: MethodRow) => row.gate === null || gate === 'gantry' || row.gate === gate;
    const isSafe = (method: string) => confined || !DANGEROUS.test(method);
    // What the gate keeps out is asked too, now and then: it must be refused.
    const rows = tables.clientRequests.filter(({ method }) => isSafe(method));
    this.#rows = [...rows.filter(isOpen), ...rows.filter(isOpen), ...rows];
    this.#notifications = tables.clientNotifications;
    this.#answers = new Map(tables.serverRequests.map((row) => [row.method, row]));
    this.#recorded = recordedRequests().filter(({ method }) => isSafe(String(method)));
  }

  /** The bytes of the next line, or of several that belong together; without the last line's end. */
  next(): Buffer {
    const random = this.#random;
    const roll = random.next();
    if (roll < 0.18) return this.#text(this.valid());
    if (roll < 0.72) return Buffer.from(this.#mutator.structure(this.valid()));
    if (roll < 0.84) return this.#mutator.bytes(JSON.stringify(this.valid()));
    if (roll < 0.999) return this.#odd();
    return this.#huge();
  }

  /** A request that the core should take. */
  valid(): Message {
    const random = this.#random;
    if (random.chance(0.05)) return this.#fromRecording();
    let row = random.pick(this.#rows);
    if (HEAVY.test(row.method) && random.chance(0.7)) row = random.pick(this.#rows);
    const params = this.#maker.make(row.params);
    return { id: this.#id(), method: row.method, ...(params === undefined ? {} : { params }) };
  }

  /** A request of a method, as the core should take it; null: this client may not ask it. */
  of(method: string, own: Message = {}): Message | null {
    const row = this.#rows.find((one) => one.method === method);
    if (!row) return null;
    const params = this.#maker.make(row.params);
    const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
    if (!isObject) return { id: this.#id(), method, ...(params === undefined ? {} : { params }) };
    return { id: this.#id(), method, params: { ...params, ...own } };
  }

  /** What belongs together: a process that runs while it is spoken to, and is ended. */
  story(): Buffer[] {
    const random = this.#random;
    const [begin, name, ...then] = random.pick([
      ['command/exec', 'processId', 'command/exec/write', 'command/exec/resize', 'command/exec/terminate'],
      ['process/spawn', 'processHandle', 'process/writeStdin', 'process/resizePty', 'process/kill'],
    ]) as [string, string, ...string[]];
    const own = { [name]: this.#id() };
    const start = {
      ...own,
      command: ['cat'],
      tty: true,
      streamStdin: true,
      streamStdoutStderr: true,
      cwd: this.#options.workspace,
    };
    const first = this.of(begin, { ...start, timeoutMs: null, disableTimeout: false, sandboxPolicy: null, env: null });
    const last = this.of(then.at(-1) ?? '', own);
    if (!first || !last) return [];
    const between = Array.from({ length: 1 + random.int(5) }, () => this.of(random.pick(then.slice(0, -1)), own));
    return [
      this.#text(first),
      ...between.flatMap((message) => {
        if (!message) return [];
        return [random.chance(0.5) ? this.#text(message) : Buffer.from(this.#mutator.structure(message))];
      }),
      this.#text(last),
    ];
  }

  /** What a request of the core's is answered with: mostly what it wants. Null: nothing. */
  answerTo(request: { id: string | number; method: string }): Buffer | null {
    const random = this.#random;
    if (random.chance(0.02)) return null;
    if (random.chance(0.1)) return this.#text({ id: request.id, error: { code: -32000, message: 'soak' } });
    const result = this.#maker.make(this.#answers.get(request.method)?.result ?? null) ?? {};
    const answer: Message = { id: request.id, result };
    if (random.chance(0.75)) return this.#text(answer);
    const changed = JSON.parse(this.#mutator.structure({ params: result })) as Message;
    return this.#text({ id: request.id, result: changed.params ?? null });
  }

  #text(message: Json): Buffer {
    return Buffer.from(JSON.stringify(message));
  }

  #id(): string {
    return `soak-${this.#nextId++}`;
  }

  #fromRecording(): Message {
    const recorded = structuredClone(this.#random.pick(this.#recorded));
    const params = recorded.params as Message | undefined;
    if (params && 'threadId' in params)
      params.threadId = this.#random.pick([...this.#options.known.of('threads'), 'x']);
    if (params && 'cwd' in params) params.cwd = this.#options.workspace;
    return { ...recorded, id: this.#id() };
  }

  /** What is odd about a whole message, and not about its params. */
  #odd(): Buffer {
    const random = this.#random;
    const valid = this.valid();
    const { id, ...notification } = valid;
    const number = random.int(50);
    switch (random.int(12)) {
      case 0:
        return this.#text({
          ...valid,
          id: random.pick<Json>([null, true, 1.5, [], {}, 2 ** 60, -1, '', 0, 'soak', '__proto__']),
        });
      case 1:
        return this.#text({ ...valid, id: random.pick(['same', 7]) });
      case 2:
        return this.#text(notification);
      case 3: {
        const row = random.pick(this.#notifications);
        return this.#text({ method: row.method, params: this.#maker.make(row.params) ?? null });
      }
      case 4:
        return this.#text({ id: id ?? null, method: random.pick(this.#notifications).method });
      case 5:
        return this.#text({ id: number, result: random.pick<Json>([{}, null, 1, { decision: 'accept' }]) });
      case 6:
        return this.#text({
          id: random.pick<Json>([number, null, 'x']),
          error: random.pick<Json>([null, {}, 'x', { code: 'a' }]),
        });
      case 7:
        return this.#text(Array.from({ length: random.int(4) }, () => this.valid()));
      case 8:
        return this.#text(
          random.pick<Json>([1, 'x', null, true, {}, { id: 'x' }, { method: 1, id: 'm' }, { method: 'x' }]),
        );
      case 9:
        return this.#text({
          ...valid,
          method: random.pick(['', 'x', 'toString', '__proto__', 'thread/', 'thread/START', 'a'.repeat(9999)]),
        });
      case 10:
        return Buffer.from(
          random.pick(['', ' ', '\t', '{', '}', '[', '"', 'null', '\u0000', '{"id":', 'x'.repeat(2000), '[]']),
        );
      default:
        // The keys in another order, with white space.
        return Buffer.from(
          JSON.stringify(Object.fromEntries(Object.entries(valid).reverse()), null, random.pick(['', ' '])).replaceAll(
            '\n',
            ' ',
          ),
        );
    }
  }

  #huge(): Buffer {
    const isTooLong = this.#options.tooLong && this.#random.chance(0.02);
    const length = isTooLong ? MAX_LINE + this.#random.int(2) : this.#random.pick([1, 2, 4]) * MEGABYTES;
    const filler = 'x'.repeat(length);
    const id = this.#id();
    return this.#text(
      this.#random.pick<Json>([
        { id, method: 'thread/name/set', params: { threadId: filler, name: 'x' } },
        { id, method: 'thread/list', params: { searchTerm: filler } },
        { method: filler, id },
        filler,
        { id: filler.slice(0, 100_000), method: 'thread/list', params: {} },
      ]),
    );
  }
}

/** What a client really sent to the reference. */
function recordedRequests(): Message[] {
  return readFileSync(path.join(import.meta.dirname, '../fixtures/protocol-samples.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { from: string; answers?: string; message: Message })
    .filter(({ from, answers, message }) => from === 'client' && answers === undefined && message.id !== undefined)
    .map(({ message }) => message);
}
