/** A core with MCP servers, for the tests of them. */
import path from 'node:path';
import type {
  AskForApproval,
  ClientRequestResult,
  McpServerElicitationRequestParams,
  ServerNotificationParams,
} from '../../agent-core/protocol/index.ts';
import type { Capabilities, CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

export const SERVER = path.join(import.meta.dirname, '../support/mcp/stdio.ts');

/** `[mcp_servers.NAME]` with the test server as its command; `more` are lines of the table and after it. */
export const serverTable = (name: string, { args = [], more = '' }: { args?: string[]; more?: string } = {}): string =>
  [
    `[mcp_servers.${name}]`,
    `command = ${JSON.stringify(process.execPath)}`,
    `args = ${JSON.stringify([SERVER, ...args])}`,
    more,
  ].join('\n');

/** A model's call of a tool of the server `test`. */
export const call = (tool: string, args: unknown = {}) => ({ call: `mcp__test__${tool}`, args });

export type McpWorldOptions = WorldOptions & {
  approvalPolicy?: AskForApproval;
  sandbox?: 'workspace-write' | 'danger-full-access';
  capabilities?: Capabilities;
  env?: Record<string, string>;
};

type Elicited = McpServerElicitationRequestParams;
type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: unknown; _meta?: unknown };

export class McpWorld {
  readonly world: World;
  readonly core: CoreProcess;
  readonly thread: ClientRequestResult<'thread/start'>['thread'];
  /** What servers asked, and calls of theirs. */
  readonly asked: Elicited[] = [];

  private constructor(world: World, core: CoreProcess, thread: McpWorld['thread']) {
    this.world = world;
    this.core = core;
    this.thread = thread;
  }

  static async begin(options: McpWorldOptions): Promise<McpWorld> {
    const world = await World.create(options);
    const core = await world.core(options.capabilities, options.env);
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: options.approvalPolicy ?? 'on-request',
      sandbox: options.sandbox ?? 'workspace-write',
    });
    return new McpWorld(world, core, thread);
  }

  /** Answers what is asked, in order; what comes after stays open. */
  answer(...answers: Answer[]): void {
    this.core.onRequest = ({ method, params }) => {
      if (method !== 'mcpServer/elicitation/request') return undefined;
      this.asked.push(params);
      const result = answers.shift();
      return result && { result };
    };
  }

  turn(text: string): Promise<ServerNotificationParams<'turn/completed'>['turn']> {
    return this.core.turn(this.thread.id, text);
  }

  state(name: string, status: string): Promise<ServerNotificationParams<'mcpServer/startupStatus/updated'>> {
    return this.core.waitFor('mcpServer/startupStatus/updated', (told) => told.name === name && told.status === status);
  }

  /** The calls that have ended, without what differs from run to run. */
  calls() {
    return this.core.items('mcpToolCall').map(({ server, tool, status, arguments: args, result, error }) => ({
      server,
      tool,
      status,
      arguments: args,
      result,
      error,
    }));
  }

  /** The text of the last call's result, or its error. */
  lastText(): string {
    const last = this.core.items('mcpToolCall').at(-1);
    const part = last?.result?.content[0] as { text?: string } | undefined;
    return part?.text ?? last?.error?.message ?? '';
  }

  /** Names of the tools that one request offered the model. */
  offered(index: number): string[] {
    const tools = this.world.model.requests[index]?.body.tools as { name: string }[] | undefined;
    return (tools ?? []).map(({ name }) => name);
  }

  async close(): Promise<string[]> {
    return this.world.close();
  }
}
