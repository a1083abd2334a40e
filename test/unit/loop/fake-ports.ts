/** A world without I/O for the loop: a scripted model, commands that end when told, files in memory. */
import { createHash } from 'node:crypto';
import { whyNotWritable } from '../../../agent-core/execution/sandbox-settings.ts';
import {
  type AgentThread,
  createAgentThread,
  noUsage,
  type ThreadSeed,
} from '../../../agent-core/loop/agent-thread.ts';
import type {
  HistoryItem,
  ModelClient,
  ModelEvent,
  ModelRequest,
  ResolvedModel,
} from '../../../agent-core/models/model-client.ts';
import type {
  ClientToolCall,
  ClientToolResult,
  CommandApproval,
  CommandDecision,
  CommandExit,
  CommandSpec,
  FileChangeApproval,
  FileChangeDecision,
  FsResult,
  RunningCommand,
  ThreadPorts,
  TurnSettings,
  UserQuestions,
} from '../../../agent-core/ports.ts';
import type { ServerNotification, UserInput } from '../../../agent-core/protocol/index.ts';
import type { RolloutLine } from '../../../agent-core/threads/rollout.ts';

export const CWD = '/work/project';
export const NOW = 1_700_000_000_500;

export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

export function settingsWith(over: Partial<TurnSettings> = {}): TurnSettings {
  return {
    cwd: CWD,
    roots: [CWD],
    model: { provider: 'fake', model: 'fake-1' },
    effort: null,
    approvalPolicy: 'on-request',
    sandboxPolicy: {
      type: 'workspaceWrite',
      writableRoots: [],
      networkAccess: false,
      excludeTmpdirEnvVar: true,
      excludeSlashTmp: true,
    },
    editApproval: 'editThenReview',
    developerInstructions: null,
    outputSchema: null,
    ...over,
  };
}

/** What the model does in one call: events, and in between whatever the test wants done. */
export type Step = ModelEvent | (() => void | Promise<void>) | 'hang';

const blockedWrite = { what: 'write', target: null, certainty: 'probably', offers: [] } as const;

export const usage = { input: 100, cachedInput: 0, cacheWriteInput: 0, output: 20, reasoningOutput: 0 };
const doneEvent: ModelEvent = { type: 'done', stopReason: 'stop', usage };

export const message = (id: string, text: string): Extract<ModelEvent, { type: 'textDone' }>['item'] => ({
  type: 'message',
  role: 'assistant',
  id,
  content: [{ type: 'text', text }],
});

export function says(id: string, ...deltas: string[]): Step[] {
  return [
    { type: 'textStart', itemId: id },
    ...deltas.map((delta) => ({ type: 'textDelta', itemId: id, delta }) as const),
    { type: 'textDone', item: message(id, deltas.join('')) },
  ];
}

export function calls(
  callId: string,
  name: string,
  input: unknown,
  kind: 'function' | 'freeform' = 'function',
): Step[] {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return [
    { type: 'toolCallStart', callId, name },
    { type: 'toolCallDone', item: { type: 'toolCall', callId, name, kind, input: text } },
  ];
}

export const answer = (id: string, ...deltas: string[]): Step[] => [...says(id, ...deltas), doneEvent];
export const callsOnly = (...steps: Step[][]): Step[] => [...steps.flat(), doneEvent];
export const breaks = (
  code: 'streamDisconnected' | 'unauthorized' | 'rateLimited' | 'badRequest',
  over = {},
): ModelEvent => ({
  type: 'failed',
  error: { code, message: `it broke: ${code}`, details: 'details', httpStatus: null, retryAfterMs: null, ...over },
});

export type FakeCommand = {
  spec: CommandSpec;
  print(text: string): void;
  exit(code: number): void;
  written: string[];
  killed: boolean;
};

export type World = {
  thread: AgentThread;
  ports: ThreadPorts;
  events: ServerNotification[];
  lines: RolloutLine[];
  requests: ModelRequest[];
  commands: FakeCommand[];
  files: Map<string, string>;
  sleeps: number[];
  commandApprovals: CommandApproval[];
  fileApprovals: FileChangeApproval[];
  start(text: string, over?: Partial<TurnSettings>): void;
  /** Resolves when a notification passes that fits; those that passed already do not count. */
  next(fits: (event: ServerNotification) => boolean): Promise<ServerNotification>;
  turnEnd(): Promise<void>;
  run(text: string, over?: Partial<TurnSettings>): Promise<void>;
};

export type WorldOptions = {
  realPath?: (path: string) => Promise<string>;
  script: Step[][];
  files?: Record<string, string>;
  command?: (command: FakeCommand) => void;
  approveCommand?: (request: CommandApproval) => CommandDecision | 'wait';
  approveFiles?: (request: FileChangeApproval) => FileChangeDecision | 'wait';
  /** Waits before a retry end at once; waits for commands never end unless this is set. */
  yields?: boolean;
  unconfinedReason?: string;
  freeform?: boolean;
  record?: (line: RolloutLine) => void;
  writeResult?: (path: string) => FsResult<never> | null;
  seed?: Partial<ThreadSeed>;
  maxRetries?: number;
  /** Null: not known. Default: so large that nothing is compacted. */
  contextWindow?: number | null;
  autoCompactTokens?: number;
  answerQuestions?: (request: UserQuestions) => Record<string, string[]> | null;
  runClientTool?: (request: ClientToolCall) => ClientToolResult | null;
  /** The provider's own way to compact. */
  compact?: ModelClient['compact'];
  protectedPaths?: string[];
};

export const isTurnEnd = (event: ServerNotification) => event.method === 'turn/completed';

export const input = (text: string): UserInput[] => [{ type: 'text', text, text_elements: [] }];

export function createWorld(options: WorldOptions): World {
  const events: ServerNotification[] = [];
  const lines: RolloutLine[] = [];
  const requests: ModelRequest[] = [];
  const commands: FakeCommand[] = [];
  const files = new Map(Object.entries(options.files ?? {}));
  const sleeps: number[] = [];
  const commandApprovals: CommandApproval[] = [];
  const fileApprovals: FileChangeApproval[] = [];
  const watchers = new Set<(event: ServerNotification) => void>();
  const script = [...options.script];
  let ids = 0;
  let turns = 0;

  const model: ResolvedModel = {
    requestMaxRetries: options.maxRetries ?? 2,
    streamMaxRetries: options.maxRetries ?? 2,
    info: {
      provider: 'fake',
      providerName: 'Fake',
      model: 'fake-1',
      displayName: 'Fake 1',
      contextWindow: options.contextWindow === undefined ? 1_000_000 : options.contextWindow,
      autoCompactTokens: options.autoCompactTokens ?? null,
      supportsTools: true,
      supportsFreeformTools: options.freeform ?? true,
      supportsParallelToolCalls: true,
      supportsImages: true,
      reasoningEfforts: [],
      toolFamily: 'gpt',
      isDemo: false,
    },
    client: {
      ...(options.compact ? { compact: options.compact } : {}),
      async *stream(request, signal) {
        requests.push(request);
        for (const step of script.shift() ?? answer('msg_end', 'nothing more')) {
          if (step === 'hang') await aborted(signal);
          else if (typeof step === 'function') await step();
          else yield step;
          if (signal.aborted) {
            yield { ...breaks('badRequest', { code: 'cancelled' }) };
            return;
          }
        }
      },
    },
  };

  const read = (path: string): FsResult<{ text: string; hash: string }> => {
    const text = files.get(path);
    if (text === undefined) return { ok: false, reason: 'notFound', message: `${path} does not exist.` };
    return { ok: true, value: { text, hash: hashOf(text) } };
  };
  const check = (path: string, baseHash: string | null): FsResult<never> | null => {
    const refused = options.writeResult?.(path) ?? null;
    if (refused) return refused;
    const now = files.get(path);
    const same = now === undefined ? baseHash === null : baseHash === hashOf(now);
    return same ? null : { ok: false, reason: 'conflict', message: `${path} has changed meanwhile.` };
  };

  const ports: ThreadPorts = {
    threadId: 'thread',
    emit(event) {
      // As on the wire: nothing that changes later is shared.
      const copy = structuredClone(event);
      events.push(copy);
      for (const watcher of [...watchers]) watcher(copy);
    },
    record(line) {
      options.record?.(line);
      lines.push(structuredClone(line));
    },
    approver: {
      async command(request, signal) {
        commandApprovals.push(request);
        const decision = options.approveCommand?.(request) ?? 'accept';
        if (decision !== 'wait') return decision;
        await aborted(signal);
        return 'cancel';
      },
      async fileChange(request, signal) {
        fileApprovals.push(request);
        const decision = options.approveFiles?.(request) ?? { type: 'accept' };
        if (decision !== 'wait') return decision;
        await aborted(signal);
        return { type: 'cancel' };
      },
      host: async () => 'decline',
      permissions: async () => 'failed',
      questions: async (request) => options.answerQuestions?.(request) ?? null,
      clientTool: async (request) => options.runClientTool?.(request) ?? null,
      elicitation: async () => ({ action: 'failed', content: null, meta: null }),
    },
    models: { resolve: async () => ({ ok: true, model }) },
    prompt: {
      initial: async () => [developer('base')],
      changes: async (previous, next) => (previous.cwd === next.cwd ? [] : [developer(`cwd: ${next.cwd}`)]),
      named: async () => ({ items: [], problems: [] }),
    },
    runner: {
      unconfinedReason: options.unconfinedReason ?? null,
      rememberHost: () => {},
      keepsHosts: () => true,
      realPath: (file) => file,
      whyNotWritable: (file, settings) =>
        whyNotWritable(file, settings, { user: '/nobody', agent: options.protectedPaths ?? [] }),
      whyNotReadable: () => () => null,
      grantFault: () => null,
      whyClosed: () => null,
      blocked: ({ output }) =>
        output.includes('Read-only') ? [{ ...blockedWrite, offers: [], message: 'The sandbox blocked a write.' }] : [],
      blockedEdit: () => null,
      async start(spec) {
        const { command, running } = fakeCommand(spec, commands.length);
        commands.push(command);
        setImmediate(() => options.command?.(command));
        return running;
      },
      explain: (output) => (output.includes('Read-only') ? 'The sandbox blocked a write.' : null),
    },
    fs: {
      readText: async (path) => read(path),
      async writeText(path, text, baseHash) {
        const refused = check(path, baseHash);
        if (refused) return refused;
        files.set(path, text);
        return read(path);
      },
      async remove(path, baseHash) {
        const refused = check(path, baseHash);
        if (refused) return refused;
        files.delete(path);
        return { ok: true, value: null };
      },
    },
    clock: { now: () => NOW },
    newId: () => `id-${++ids}`,
    log: () => {},
  };

  const thread = createAgentThread(
    ports,
    { history: [], settings: null, usageTotal: noUsage, ...options.seed },
    {
      random: () => 0.5,
      realPath: options.realPath ?? (async (path) => path),
      sleep(ms, signal) {
        sleeps.push(ms);
        const ends = ms < 5000 || options.yields;
        // Later than what a command does as it starts.
        return ends
          ? new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
          : aborted(signal).then(() => Promise.reject(new Error('aborted')));
      },
    },
  );

  const next: World['next'] = (fits) =>
    new Promise((resolve) => {
      const watcher = (event: ServerNotification) => {
        if (!fits(event)) return;
        watchers.delete(watcher);
        resolve(event);
      };
      watchers.add(watcher);
    });
  const start: World['start'] = (text, over) => {
    turns += 1;
    thread.submit({
      type: 'turn',
      turnId: `turn-${turns}`,
      input: input(text),
      clientId: null,
      settings: settingsWith(over),
    });
  };
  const turnEnd = async () => {
    await next(isTurnEnd);
  };
  return {
    thread,
    ports,
    events,
    lines,
    requests,
    commands,
    files,
    sleeps,
    commandApprovals,
    fileApprovals,
    start,
    next,
    turnEnd,
    async run(text, over) {
      const end = turnEnd();
      start(text, over);
      await end;
    },
  };
}

const developer = (text: string): HistoryItem => ({
  type: 'message',
  role: 'developer',
  content: [{ type: 'text', text }],
});

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function fakeCommand(spec: CommandSpec, index: number): { command: FakeCommand; running: RunningCommand } {
  let listener: ((chunk: string) => void) | null = null;
  let early = '';
  let end: (exit: CommandExit) => void = () => {};
  const exited = new Promise<CommandExit>((resolve) => {
    end = resolve;
  });
  const command: FakeCommand = {
    spec,
    written: [],
    killed: false,
    print(text) {
      if (listener) listener(text);
      else early += text;
    },
    exit: (code) => end({ code, signal: null }),
  };
  const running: RunningCommand = {
    processId: `${5000 + index}`,
    onOutput(given) {
      listener = given;
      if (early) given(early);
      early = '';
    },
    write(text) {
      if (text === '\u0003' && !spec.terminal) return false;
      command.written.push(text);
      if (text === '\u0003') end({ code: null, signal: 'SIGINT' });
      return true;
    },
    resize: () => false,
    async kill() {
      command.killed = true;
      end({ code: null, signal: 'SIGKILL' });
      await exited;
    },
    exited,
  };
  return { command, running };
}
