/** A server's tool as the model has it: asked about, called, shown as an `mcpToolCall`. */
import * as z from 'zod';
import type { JsonSchema, ToolSpec } from '../models/model-client.ts';
import { AgentError, type ThreadItem } from '../protocol/index.ts';
import { parseArguments } from '../tools/arguments.ts';
import { rejected, type Tool, type ToolContext, type ToolOutcome } from '../tools/tool.ts';
import { cutForModel } from '../tools/truncate.ts';
import { approvalForm, judgeToolCall, persistOf } from './approval.ts';
import type { Tool as ServerTool } from './connect.ts';
import { forModel, type ToolResult } from './results.ts';
import type { McpServer } from './server.ts';

export type McpToolDeps = {
  /** Whether the model that is talked to can look at images. */
  takesImages: () => boolean;
  /** Yeses that hold for the session, by server and tool. */
  accepted: Set<string>;
  /** Writes down that a tool may always run; absent where the user's configuration does not have the server. */
  remember: ((server: string, tool: string) => void) | null;
  /** Lets the server's own questions find the turn that they belong to. */
  during<T>(server: McpServer, context: ToolContext, run: () => Promise<T>): Promise<T>;
};

/** Names of arguments are the server's, so all that is asked of them is to be an object. */
const anyArguments = z.record(z.string(), z.unknown());

type McpItem = Extract<ThreadItem, { type: 'mcpToolCall' }>;
export type CallItem = { server: string; tool: string; arguments: unknown; readOnlyHint: boolean | null };

/** A call's item from beginning to end. Times are in ms. */
export function callItem(call: CallItem, { items, itemId, clock }: ToolContext) {
  const startedAt = clock.now();
  const item = {
    type: 'mcpToolCall',
    id: itemId,
    ...call,
    appContext: null,
    pluginId: null,
    result: null,
    error: null,
    durationMs: null,
  } as const;
  items.started({ ...item, status: 'inProgress' });
  const end = (over: Pick<McpItem, 'status' | 'result' | 'error'>) =>
    items.completed({ ...item, ...over, durationMs: Math.max(0, Math.round(clock.now() - startedAt)) });
  return {
    /** `why`: what was in its way here, when the tool says only that it failed. */
    answered({ content, structuredContent, isError, _meta }: ToolResult, why: string | null = null) {
      const result = {
        content,
        ...(structuredContent === undefined ? {} : { structuredContent }),
        ...(_meta === undefined ? {} : { _meta }),
      };
      end({ status: isError ? 'failed' : 'completed', result, error: why === null ? null : { message: why } });
    },
    failed(message: string) {
      end({ status: 'failed', result: null, error: { message } });
    },
  };
}

/** As providers take it: an object with properties, and no word on which draft it is. */
export function parametersOf(schema: unknown): JsonSchema {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return { type: 'object', properties: {} };
  const { $schema: _, $id: __, ...rest } = schema as JsonSchema;
  return { ...rest, type: 'object', properties: isTable(rest.properties) ? rest.properties : {} };
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export type OfferedTool = { tool: Tool; spec: ToolSpec };

export function mcpTool(server: McpServer, tool: ServerTool, name: string, deps: McpToolDeps): OfferedTool {
  const spec: ToolSpec = {
    kind: 'function',
    name,
    description: tool.description ?? tool.title ?? tool.annotations?.title ?? `${tool.name} of ${server.spec.name}`,
    parameters: parametersOf(tool.inputSchema),
  };
  const made: Tool = {
    name,
    parallel: server.spec.parallelTools || tool.annotations?.readOnlyHint === true,
    spec: () => spec,
    async run(input, context) {
      const parsed = await parseArguments(anyArguments, name, input);
      return parsed.ok
        ? call(server, { ...tool, offeredAs: name }, parsed.value, context, deps)
        : rejected(parsed.problem);
    },
  };
  return { tool: made, spec };
}

/** With the name that the model, and hooks, know it by. */
type CalledTool = ServerTool & { offeredAs: string };

async function call(
  server: McpServer,
  tool: CalledTool,
  args: Record<string, unknown>,
  context: ToolContext,
  deps: McpToolDeps,
): Promise<ToolOutcome> {
  const readOnlyHint = tool.annotations?.readOnlyHint ?? null;
  const item = callItem({ server: server.spec.name, tool: tool.name, arguments: args, readOnlyHint }, context);
  const fail = (message: string): ToolOutcome => {
    item.failed(message);
    return context.signal.aborted
      ? { type: 'cancelled', text: message }
      : { type: 'done', success: false, text: message };
  };
  const refusal = await askedFor(server, tool, args, context, deps);
  if (refusal !== null) return fail(refusal);
  try {
    const result = await deps.during(server, context, () =>
      server.call(tool.name, args, {
        signal: context.signal,
        onProgress: (message) => context.items.toolProgress(context.itemId, message),
      }),
    );
    const { text, images } = forModel(result, deps.takesImages());
    const isError = result.isError === true;
    const why = isError ? server.explain(text) : null;
    item.answered(result, why);
    return {
      type: 'done',
      success: !isError,
      text: cutForModel(why === null ? text : `${text}\n${why}`) || (isError ? 'The tool failed.' : 'Done.'),
      ...(images.length > 0 ? { images } : {}),
    };
  } catch (error) {
    if (context.signal.aborted) return fail('The call was stopped.');
    if (!(error instanceof AgentError)) throw error;
    return fail(error.message);
  }
}

/** Null: it may run. Else why not, for the model and the user. */
async function askedFor(
  server: McpServer,
  tool: CalledTool,
  args: Record<string, unknown>,
  context: ToolContext,
  deps: McpToolDeps,
): Promise<string | null> {
  const { spec } = server;
  const key = `${spec.name}\0${tool.name}`;
  const verdict = judgeToolCall({
    mode: spec.toolApproval[tool.name] ?? spec.approvalMode,
    annotations: tool.annotations ?? {},
    approvalPolicy: context.settings.approvalPolicy,
    sandboxPolicy: context.settings.sandboxPolicy,
    acceptedForSession: deps.accepted.has(key),
  });
  if (verdict === 'allow') return null;
  if (verdict === 'refuse') {
    return `Not run: ${tool.name} of ${spec.name} needs the user's approval, and the approval policy does not allow asking. To allow its tools, the user sets default_tools_approval_mode = "approve" in [mcp_servers.${spec.name}] of config.toml.`;
  }
  const over = context.waiting();
  const form = approvalForm({
    server: spec.name,
    tool: tool.name,
    title: tool.title ?? tool.annotations?.title ?? null,
    description: tool.description ?? null,
    arguments: args,
    canRemember: deps.remember !== null,
  });
  const about = { toolName: tool.offeredAs, names: [tool.offeredAs], toolInput: args, itemId: context.itemId };
  const answer = await context.approver
    .elicitation({ turnId: context.turnId, serverName: spec.name, call: about, ...form }, context.signal)
    .finally(over);
  switch (answer.action) {
    case 'accept': {
      const persist = persistOf(answer.meta);
      if (persist !== 'once') deps.accepted.add(key);
      if (persist === 'always') deps.remember?.(spec.name, tool.name);
      return null;
    }
    case 'decline':
      return 'user rejected MCP tool call';
    case 'cancel':
      return 'user cancelled MCP tool call';
    default:
      return 'Not run: nobody could be asked whether it may.';
  }
}
