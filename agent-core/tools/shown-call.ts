/** Shows a call that only looks at something: as the call of a tool, with what it found. */
import type { ToolContext, ToolOutcome } from './tool.ts';

/** Runs `look` for the call of `tool`; what it refuses is shown by the runner, as every refused call is. */
export async function showCall(
  tool: string,
  args: Record<string, unknown>,
  context: ToolContext,
  look: () => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  const startedAtMs = context.clock.now();
  const outcome = await look();
  if (outcome.type !== 'done') return outcome;
  const item = {
    type: 'dynamicToolCall',
    id: context.itemId,
    namespace: null,
    tool,
    arguments: args,
    contentItems: null,
    success: null,
    durationMs: null,
  } as const;
  context.items.started({ ...item, status: 'inProgress' });
  context.items.completed({
    ...item,
    status: outcome.success ? 'completed' : 'failed',
    contentItems: [{ type: 'inputText', text: outcome.text }],
    success: outcome.success,
    durationMs: Math.max(0, Math.round(context.clock.now() - startedAtMs)),
  });
  return outcome;
}
