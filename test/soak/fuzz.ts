/** One epoch of the fuzzer: a core of its own, a number of lines, and what must hold meanwhile and at the end. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { allClientRequests } from '../../agent-core/protocol/index.ts';
import type { Message } from '../support/core-process.ts';
import { ListeningCore } from '../support/listening-core.ts';
import { type Gate, gate, type ModelServer, type Reply, startModelServer } from '../support/model-server/index.ts';
import { PublishedSchema } from '../support/published-schema.ts';
import { clientInfo, connectHttp, connectStdio, connectWebSocket, type WireClient } from '../support/wire-client.ts';
import { expectedAnswers } from './expected.ts';
import { CANARY, ESCAPED } from './mutate.ts';
import { leftProcesses, memoryOf } from './processes.ts';
import { Random } from './random.ts';
import { type Declared, Traffic } from './traffic.ts';
import { Unanswered } from './unanswered.ts';
import { Known } from './valid-params.ts';

export type Kind = 'stdio' | 'ws' | 'http';
export type EpochOptions = {
  seed: number;
  kind: Kind;
  gate: Declared;
  lines: number;
  /** A folder for this epoch alone. */
  root: string;
  confined: boolean;
};
export type EpochReport = {
  lines: number;
  answers: number;
  refused: number;
  /** Methods that a handler answered with a result. */
  reached: Set<string>;
  /** The most resident memory at a moment when all was answered, in MB. */
  memory: number;
};

/** What did not hold, with the lines that came before it. */
export class BrokenError extends Error {
  readonly lines: Buffer[];

  constructor(message: string, lines: Buffer[]) {
    super(message);
    this.lines = lines;
  }
}

const BATCH = 250;
/** Lines before `initialize`. */
const EARLY = 100;
/** How long the core may take for a batch; a hang is not told by anything else. */
const PATIENCE_MS = 120_000;
/** In MB. Limits are about what grows without end, and not about what a busy heap looks like. */
const MOST_MEMORY = 900;
/** Of the core's log, what is shown when something did not hold. */
const LOG_CHARS = 4000;

export async function runEpoch(options: EpochOptions): Promise<EpochReport> {
  const random = new Random(options.seed);
  const model = await startModelServer({ script: modelScript(random.fork()), strict: false });
  const epoch = new Epoch(options, random, model);
  try {
    const report = await epoch.run();
    await epoch.close();
    return report;
  } catch (error) {
    // The core's log comes by another way, and may be later than what it is about.
    await pause(500);
    if (error instanceof BrokenError) error.message += `\n${epoch.log.slice(-LOG_CHARS)}`;
    // What went wrong first is what is told.
    await epoch.close().catch(() => undefined);
    throw error;
  } finally {
    await model.close();
  }
}

class Epoch {
  readonly #options: EpochOptions;
  readonly #random: Random;
  readonly #model: ModelServer;
  readonly #home: string;
  readonly #workspace: string;
  readonly #known = new Known();
  readonly #unanswered = new Unanswered();
  readonly #traffic: Traffic;
  readonly #published = new PublishedSchema();
  readonly #report: EpochReport = { lines: 0, answers: 0, refused: 0, reached: new Set(), memory: 0 };
  #core: ListeningCore | null = null;
  #client: WireClient | null = null;
  #pid = 0;
  /** The end of what a core on stdio wrote to its log. */
  #log = '';
  /** What was sent since all was last answered. */
  #sent: Buffer[] = [];

  constructor(options: EpochOptions, random: Random, model: ModelServer) {
    const { gate, root, confined, kind } = options;
    this.#options = options;
    this.#random = random;
    this.#model = model;
    this.#home = path.join(root, 'user', 'home');
    this.#workspace = path.join(root, 'user', 'workspace-of-the-soak');
    const workspace = this.#workspace;
    this.#traffic = new Traffic({ random, gate, workspace, known: this.#known, confined, tooLong: kind !== 'http' });
  }

  /** What the core said on its side, without what it says of most lines. */
  get log(): string {
    return (this.#core?.stderr ?? this.#log).replaceAll(/^.*WARN a message does not fit.*\n/gm, '');
  }

  async run(): Promise<EpochReport> {
    this.#furnish();
    const client = await this.#connect();
    const broken = new Promise<never>((_, reject) => {
      void client.closed.then((why) => reject(this.#broken(`the connection ended: ${why}`)));
    });
    broken.catch(() => {});
    if (this.#options.kind !== 'http') {
      // Nothing is done for a client that has not said who it is.
      const early = Array.from({ length: EARLY }, () => this.#traffic.next());
      await this.#each(
        broken,
        early.filter((line) => !line.includes('initialize')),
      );
      await this.#initialize(client);
    }
    // Threads to talk about, then each method once as it should be asked.
    await this.#each(broken, this.#of(['thread/start', 'thread/start', 'thread/start', 'threadSection/create']));
    await this.#each(broken, this.#of(['turn/start', 'turn/start', 'turn/start']));
    await this.#each(broken, this.#of(Object.keys(allClientRequests)));
    while (this.#report.lines < this.#options.lines) {
      const count = Math.min(BATCH, this.#options.lines - this.#report.lines);
      const batch = Array.from({ length: count }, () => this.#traffic.next());
      if (this.#random.chance(0.1)) batch.splice(this.#random.int(count), 0, ...this.#traffic.story());
      this.#report.lines += batch.length;
      await this.#each(broken, batch);
      // A configuration that was fuzzed to nonsense would keep turns from being reached.
      if (this.#random.chance(0.3)) this.#furnish();
    }
    this.#checkDisk();
    return this.#report;
  }

  /** Ends the core, which must leave nothing behind. */
  async close(): Promise<void> {
    if (this.#core) {
      this.#client?.close();
      await this.#core.kill('SIGTERM');
    } else if (this.#client) {
      const child = (this.#client as ReturnType<typeof connectStdio>).child;
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      const how = await this.#client.closed;
      clearTimeout(timer);
      if (!how.startsWith('0 ')) throw this.#broken(`the core did not end well: ${how}`);
    }
    const left = this.#options.confined ? await leftProcesses() : [];
    if (left.length > 0) throw this.#broken(`processes were left: ${left.join('; ')}`);
  }

  #furnish(): void {
    for (const folder of [this.#home, this.#workspace, path.join(this.#workspace, 'folder')]) makeFolder(folder);
    for (const name of ['a.txt', 'folder/c.txt']) {
      const file = path.join(this.#workspace, name);
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, `${name}\n`);
    }
    rmSync(path.join(this.#workspace, 'link'), { recursive: true, force: true });
    symlinkSync('a.txt', path.join(this.#workspace, 'link'));
    for (const folder of ['', 'user', 'user/home']) {
      for (const name of [CANARY, `${CANARY}.jsonl`]) {
        const file = path.join(this.#options.root, folder, name);
        if (this.#report.lines === 0) writeFileSync(file, CANARY);
      }
    }
    const config = [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${this.#model.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
      'request_max_retries = 0',
      'stream_max_retries = 0',
    ].join('\n');
    rmSync(path.join(this.#home, 'config.toml'), { recursive: true, force: true });
    writeFileSync(path.join(this.#home, 'config.toml'), config);
  }

  async #connect(): Promise<WireClient> {
    const { kind } = this.#options;
    const place = { home: this.#home, cwd: this.#workspace, env: { TMPDIR: tmpdir() } };
    if (kind === 'stdio') {
      const client = connectStdio(place);
      this.#client = client;
      this.#pid = client.child.pid ?? 0;
      client.child.stderr?.on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-100 * LOG_CHARS);
      });
    } else {
      this.#core = await ListeningCore.start({ ...place, args: ['--listen', `${kind}://127.0.0.1:0`] });
      this.#pid = this.#core.pid;
      this.#client = await (kind === 'ws' ? connectWebSocket(this.#core.url) : connectHttp(this.#core.url));
    }
    // A session over HTTP begins with its `initialize`.
    if (kind === 'http') await this.#client.waitFor(({ id }) => id === 'init');
    this.#client.messages.length = 0;
    return this.#client;
  }

  async #initialize(client: WireClient): Promise<void> {
    const { gate } = this.#options;
    const declared = gate === 'gantry' ? { gantry: { fs: true, review: true, lm: true, secrets: true } } : {};
    const capabilities = { experimentalApi: gate !== 'plain', ...declared };
    await client.raw('initialize', { clientInfo, capabilities });
    client.messages.length = 0;
  }

  /** One valid request of each method. */
  #of(methods: readonly string[]): Buffer[] {
    return methods.flatMap((method) => {
      const message = method === 'initialize' ? null : this.#traffic.of(method);
      return message ? [Buffer.from(JSON.stringify(message))] : [];
    });
  }

  /** Sends all, in one write or many, and waits until each is answered, and a last question too. */
  async #each(broken: Promise<never>, batch: Buffer[]): Promise<void> {
    const client = this.#client as WireClient;
    const last = Buffer.from(JSON.stringify({ id: 'last', method: 'thread/loaded/list', params: {} }));
    this.#sent = [...batch, last];
    this.#send(client, this.#sent);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(this.#broken(`no answer within ${PATIENCE_MS / 1000} s to ${this.#unanswered.open().join('; ')}`));
      }, PATIENCE_MS);
    });
    try {
      await Promise.race([this.#allAnswered(client), broken, late]);
    } finally {
      clearTimeout(timer);
    }
    this.#unanswered.clear();
    const memory = memoryOf(this.#pid);
    this.#report.memory = Math.max(this.#report.memory, memory);
    if (memory > MOST_MEMORY) throw this.#broken(`the core takes ${Math.round(memory)} MB when nothing is asked of it`);
  }

  #send(client: WireClient, lines: readonly Buffer[]): void {
    const framed = this.#options.kind === 'ws';
    for (const line of lines) {
      for (const wanted of expectedAnswers(line, framed)) this.#unanswered.add(wanted);
    }
    if (framed || this.#random.chance(0.5)) for (const line of lines) client.send(line);
    else client.send(Buffer.concat(lines.flatMap((line, at) => (at > 0 ? [Buffer.from('\n'), line] : [line]))));
  }

  async #allAnswered(client: WireClient): Promise<void> {
    for (;;) {
      for (const message of client.messages.splice(0)) this.#take(client, message);
      if (this.#unanswered.count === 0) return;
      await client.waitFor(() => true);
    }
  }

  #take(client: WireClient, message: Message): void {
    const { id, method, result, error } = message;
    this.#known.learn(message.params ?? result);
    if (method !== undefined) {
      const answer = id === undefined || id === null ? null : this.#traffic.answerTo({ id, method });
      if (answer) this.#send(client, [answer]);
      return;
    }
    if (id === undefined) throw this.#broken(`neither a method nor an id: ${JSON.stringify(message).slice(0, 300)}`);
    const methods = this.#unanswered.take(id);
    if (!methods) throw this.#broken(`an answer to nothing, or a second one: ${JSON.stringify(message).slice(0, 300)}`);
    this.#report.answers += 1;
    if (error) {
      this.#report.refused += 1;
      if (/^Internal error in /.test(error.message))
        throw this.#broken(`a handler failed: ${[...methods]}: ${error.message}`);
      return;
    }
    const problems = [...methods].map((asked) => this.#problem(asked, result));
    if (problems.length === 1) this.#report.reached.add([...methods][0] ?? '');
    if (problems.every((problem) => problem !== null)) {
      throw this.#broken(`${problems.join('; ')}: ${JSON.stringify(message).slice(0, 400)}`);
    }
  }

  /** Why it is no answer to this method; null: it is. */
  #problem(method: string, result: unknown): string | null {
    const { gate } = this.#options;
    if (gate !== 'gantry') return this.#published.problem('clientRequests', method, 'result', result, gate !== 'plain');
    const table: Record<string, { result: { safeParse(value: unknown): { success: boolean; error?: unknown } } }> =
      allClientRequests;
    const parsed = Object.hasOwn(table, method) ? table[method]?.result.safeParse(result) : undefined;
    return parsed?.success ? null : `${method}: ${JSON.stringify(parsed?.error ?? 'not in the table').slice(0, 400)}`;
  }

  /** No id was taken for a path. */
  #checkDisk(): void {
    const found = readdirSync(this.#options.root, { recursive: true }).map(String);
    const escaped = found.filter((name) => path.basename(name).startsWith(ESCAPED));
    if (escaped.length > 0) throw this.#broken(`an id was taken for a path: ${escaped.slice(0, 5).join(', ')}`);
    for (const folder of ['', 'user', 'user/home']) {
      for (const name of [CANARY, `${CANARY}.jsonl`]) {
        const file = path.join(this.#options.root, folder, name);
        const isWhole = found.includes(path.join(folder, name)) && readFileSync(file, 'utf8') === CANARY;
        if (!isWhole) throw this.#broken(`an id led to ${path.join(folder, name)}, which was changed`);
      }
    }
  }

  #broken(message: string): BrokenError {
    return new BrokenError(message, this.#sent);
  }
}

/** A folder, whatever was there. */
function makeFolder(folder: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** Long enough that the turn can be spoken to. */
function openSoon(): Gate {
  const held = gate();
  setTimeout(() => held.open(), 100).unref();
  return held;
}

/** A model that answers anything, with what keeps the core busy. */
function modelScript(random: Random): () => Reply {
  const patch = () => `*** Begin Patch\n*** Add File: made-${random.int(1000)}.txt\n+a\n*** End Patch`;
  return () => {
    const roll = random.int(12);
    if (roll === 0)
      return [{ call: 'exec_command', args: { cmd: random.pick(['true', 'echo hi', 'cat a.txt', 'exit 3']) } }];
    if (roll === 1) return [{ freeform: 'apply_patch', input: patch() }];
    if (roll === 2)
      return [{ reasoning: 'Hm.' }, { call: 'update_plan', args: { plan: [{ step: 'a', status: 'pending' }] } }];
    if (roll === 3) return [{ call: random.pick(['nothing', 'exec_command', 'apply_patch']), args: '{"cmd":' }];
    if (roll === 4) return [{ status: random.pick([400, 401, 429, 500]) }];
    if (roll === 5) return [{ text: ['half ', 'of it'], unfinished: true }, { cut: true }];
    if (roll === 7) return [{ text: ['Slowly, '] }, { hold: openSoon() }, { text: ['and done.'] }];
    if (roll === 6) return [{ raw: 'data: {"type":\n\n' }, { cut: true }];
    return [{ text: ['All ', 'is ', `done ${roll}.`] }];
  };
}
