/** The servers of one thread, and their tools as its model has them. */
import type { ModelInfo, ToolSpec } from '../models/model-client.ts';
import type { Approver, TurnSettings } from '../ports.ts';
import { McpElicitationSchema } from '../protocol/index.ts';
import type { ServerTools, Tool, ToolContext } from '../tools/tool.ts';
import { mayElicit } from './approval.ts';
import type { ElicitAnswer, ElicitRequest } from './connect.ts';
import { mcpTool, type OfferedTool } from './mcp-tool.ts';
import { hasResources, resourceTools } from './resource-tools.ts';
import { McpServer, type ServerOptions, type ServerState } from './server.ts';
import { type ServerSpec, sameServer } from './server-config.ts';
import { toolNames } from './tool-names.ts';
import { offeredOf, sizeOf, TOOL_SEARCH, TOOLS_BUDGET, toolSearch } from './tool-search.ts';

export type ThreadServersOptions = {
  /** What each connection takes. */
  connection: (spec: ServerSpec) => Omit<ServerOptions, 'elicit' | 'events'>;
  /** For questions that belong to no turn. */
  approver: Approver;
  settings: () => TurnSettings;
  activeTurnId: () => string | null;
  onState: (name: string, state: ServerState, error: string | null) => void;
  /** Something that the user should know and nobody asked about. */
  onWarning: (message: string) => void;
  /** The servers as they are configured now. */
  configured: () => readonly ServerSpec[];
  /** How long a turn waits for servers that are not required; null: as long as they may take to start. */
  graceMs: () => number | null;
  remember: (server: string, tool: string) => void;
  budget?: number;
};

/** Of one server that wait for the user at once. */
const MOST_QUESTIONS = 8;

type Entry = OfferedTool & { name: string };

export class ThreadServers implements ServerTools {
  readonly #options: ThreadServersOptions;
  #servers: McpServer[] = [];
  /** What the model has in this turn, in the order in which it first came. */
  #entries: Entry[] = [];
  #order: string[] = [];
  /** What the model looked for and found, once there are too many to offer all. */
  readonly #found = new Set<string>();
  readonly #accepted = new Set<string>();
  readonly #calls = new Map<McpServer, ToolContext[]>();
  readonly #questions = new WeakMap<McpServer, { waiting: number; last: Promise<void> }>();
  readonly #search: Tool;
  readonly #resources: readonly Tool[];
  #takesImages = true;
  #warnedOf = 0;
  #warnedLarge = '';
  #closed = false;

  constructor(options: ThreadServersOptions) {
    this.#options = options;
    this.#search = toolSearch(
      () => this.#entries.map(({ spec }) => spec),
      (names) => {
        for (const name of names) {
          this.#found.delete(name);
          this.#found.add(name);
        }
      },
    );
    this.#resources = resourceTools(
      () => this.#servers,
      () => this.#takesImages,
    );
  }

  get servers(): readonly McpServer[] {
    return this.#servers;
  }

  get(name: string): McpServer | undefined {
    return this.#servers.find(({ spec }) => spec.name === name);
  }

  /** Starts what is configured and does not run, ends what is configured no more; resolves when that is settled. */
  async apply(specs: readonly ServerSpec[]): Promise<void> {
    if (this.#closed) return;
    const before = new Map(this.#servers.map((server) => [server.spec.name, server]));
    const kept = specs.map((spec) => {
      const old = before.get(spec.name);
      // What is asked and how long it may take counts at once; only another way to start it needs another process.
      if (old && sameServer(old.spec, spec)) {
        before.delete(spec.name);
        old.spec = spec;
        return old;
      }
      return this.#create(spec);
    });
    this.#servers = kept;
    const ended = [...before.values()].map((server) => server.close());
    await Promise.all([...ended, ...kept.filter(isIdle).map((server) => server.start())]);
  }

  /** Every server anew, also one that could not be started before. */
  async restart(specs: readonly ServerSpec[], names?: readonly string[]): Promise<void> {
    const again = this.#servers.filter(({ spec }) => names === undefined || names.includes(spec.name));
    this.#servers = this.#servers.filter((server) => !again.includes(server));
    await Promise.all(again.map((server) => server.close()));
    await this.apply(specs);
  }

  /** Resolves when it is known of each server whether it can be used. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.settled()));
  }

  async refresh(_settings: TurnSettings, signal: AbortSignal): Promise<void> {
    void this.apply(this.#options.configured());
    const required = this.#servers.filter(({ spec, state }) => spec.required && state === 'starting');
    const grace = this.#options.graceMs();
    const optional = grace === null ? this.settled() : withLimit(this.settled(), grace);
    const all = Promise.all([...required.map((server) => server.start()), optional]);
    await Promise.race([all, aborted(signal)]);
    this.#collect();
  }

  specs(model: ModelInfo): ToolSpec[] {
    this.#takesImages = model.supportsImages !== false;
    const all = this.#entries.map(({ spec }) => spec);
    const fits = sizeOf(all) <= (this.#options.budget ?? TOOLS_BUDGET);
    const offered = fits ? all : [this.#search.spec(model), ...offeredOf(all, [...this.#found])];
    const resources = this.#servers.some(hasResources) ? this.#resources.map((tool) => tool.spec(model)) : [];
    return [...resources, ...offered];
  }

  find(name: string): Tool | undefined {
    return (
      this.#entries.find((entry) => entry.name === name)?.tool ??
      (name === TOOL_SEARCH ? this.#search : this.#resources.find((tool) => tool.name === name))
    );
  }

  /** Ends every server with all that it started; resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#servers.map((server) => server.close()));
    this.#servers = [];
  }

  #create(spec: ServerSpec): McpServer {
    const { connection, onState } = this.#options;
    return new McpServer(spec, {
      ...connection(spec),
      elicit: (server, request, signal) => this.#elicit(server, request, signal),
      events: { onState: (state, error) => onState(spec.name, state, error), onTools: () => {} },
    });
  }

  /** What the model is offered from now on: what it had keeps its place, so that what was cached stays valid. */
  #collect(): void {
    const offers = this.#servers.flatMap((server) =>
      server.state === 'connected' || server.state === 'starting' || server.state === 'failed'
        ? server.tools.map((tool) => ({ server, tool }))
        : [],
    );
    const names = toolNames(offers.map(({ server, tool }) => ({ server: server.spec.name, tool: tool.name })));
    const entries = offers.map(({ server, tool }, index): Entry => {
      const name = names[index] ?? '';
      const made = mcpTool(server, tool, name, {
        takesImages: () => this.#takesImages,
        accepted: this.#accepted,
        remember: server.spec.isUsers ? this.#options.remember : null,
        during: (of, context, run) => this.#during(of, context, run),
      });
      return { name, ...made };
    });
    // One that alone takes what all may take has no place in a request.
    const tooLarge = entries.filter(({ spec }) => sizeOf([spec]) > TOOLS_BUDGET).map(({ name }) => name);
    const known = new Map(entries.filter(({ name }) => !tooLarge.includes(name)).map((entry) => [entry.name, entry]));
    this.#order = [
      ...this.#order.filter((name) => known.has(name)),
      ...names.filter((name) => known.has(name) && !this.#order.includes(name)),
    ];
    this.#warnOfLarge(tooLarge);
    this.#entries = this.#order.flatMap((name) => known.get(name) ?? []);
    this.#warnOfSize();
  }

  #warnOfLarge(names: readonly string[]): void {
    const told = names.join();
    if (told === this.#warnedLarge) return;
    this.#warnedLarge = told;
    if (names.length === 0) return;
    const shown = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
    this.#options.onWarning(
      `Tools of your MCP servers are not offered to the model, as their descriptions are too large, over ${kilobytes(TOOLS_BUDGET)} each: ${shown}.`,
    );
  }

  #warnOfSize(): void {
    const size = sizeOf(this.#entries.map(({ spec }) => spec));
    const budget = this.#options.budget ?? TOOLS_BUDGET;
    if (size <= budget || this.#entries.length === this.#warnedOf) return;
    this.#warnedOf = this.#entries.length;
    this.#options.onWarning(
      `The ${this.#entries.length} tools of your MCP servers take ${kilobytes(size)} of each request, more than ${kilobytes(budget)}: the model is told their names only and looks up what it needs. To offer fewer, set enabled_tools or disabled_tools in [mcp_servers.NAME].`,
    );
  }

  async #during<T>(server: McpServer, context: ToolContext, run: () => Promise<T>): Promise<T> {
    const calls = this.#calls.get(server) ?? [];
    this.#calls.set(server, calls);
    calls.push(context);
    try {
      return await run();
    } finally {
      calls.splice(calls.indexOf(context), 1);
    }
  }

  /** A server's questions come one after the other; what it asks beyond a few is declined. */
  async #elicit(server: McpServer, request: ElicitRequest, signal: AbortSignal): Promise<ElicitAnswer> {
    const queue = this.#questions.get(server) ?? { waiting: 0, last: Promise.resolve() };
    this.#questions.set(server, queue);
    if (queue.waiting >= MOST_QUESTIONS) return { action: 'decline' };
    queue.waiting++;
    const answer = queue.last.then(() => this.#ask(server, request, signal));
    const over = answer.then(
      () => undefined,
      () => undefined,
    );
    queue.last = over;
    return answer.finally(() => queue.waiting--);
  }

  /** In the turn whose call runs there, if there is one. */
  async #ask(server: McpServer, request: ElicitRequest, signal: AbortSignal): Promise<ElicitAnswer> {
    if (signal.aborted) return { action: 'cancel' };
    const call = this.#calls.get(server)?.at(-1);
    const settings = call?.settings ?? this.#options.settings();
    if (!mayElicit(settings.approvalPolicy)) return { action: 'decline' };
    const asked = {
      turnId: call?.turnId ?? this.#options.activeTurnId(),
      serverName: server.spec.name,
      message: request.message,
      ...(request.meta === undefined ? {} : { _meta: withoutApproval(request.meta) }),
    };
    const approver = call?.approver ?? this.#options.approver;
    const over = call?.waiting('waitingOnUserInput') ?? (() => {});
    const ends = call ? AbortSignal.any([signal, call.signal]) : signal;
    const answer = await server
      .whileAsked(() => {
        if (request.mode === 'url') {
          const { url, elicitationId } = request;
          return approver.elicitation({ ...asked, mode: 'url', url, elicitationId }, ends);
        }
        const requestedSchema = McpElicitationSchema.parse(request.requestedSchema);
        return approver.elicitation({ ...asked, mode: 'form', requestedSchema }, ends);
      })
      .finally(over);
    if (answer.action === 'failed') return { action: 'cancel' };
    const { content } = answer;
    const isTable = typeof content === 'object' && content !== null && !Array.isArray(content);
    return answer.action === 'accept' && isTable
      ? { action: 'accept', content: content as Record<string, unknown> }
      : { action: answer.action };
  }
}

/** A server must not dress its own question up as one of Gantry's. */
function withoutApproval(meta: unknown): unknown {
  if (typeof meta !== 'object' || meta === null) return meta;
  const { codex_approval_kind: _, persist: __, ...rest } = meta as Record<string, unknown>;
  return rest;
}

const isIdle = ({ state }: McpServer): boolean => state === 'notStarted';
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;

function withLimit(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
