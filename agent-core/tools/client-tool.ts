/** Tools of the client's own (`dynamicTools` of `thread/start`): the model calls them, the client runs them. */
import type { JsonSchema } from '../models/model-client.ts';
import { DynamicToolSpec } from '../protocol/index.ts';
import { rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';

type Offer = { namespace: string | null; name: string; description: string; inputSchema: unknown };

/** One for each tool that has a form we know; what has not is left out. */
export function clientTools(specs: readonly unknown[]): Tool[] {
  return specs
    .flatMap((value) => {
      const parsed = DynamicToolSpec.safeParse(value);
      return parsed.success ? offersOf(parsed.data) : [];
    })
    .map(clientTool);
}

function offersOf(spec: DynamicToolSpec): Offer[] {
  if (spec.type === 'function') return [{ ...spec, namespace: null }];
  return spec.tools.map((tool) => ({ ...tool, namespace: spec.name }));
}

function clientTool(offer: Offer): Tool {
  const name = offer.namespace === null ? offer.name : `${offer.namespace}__${offer.name}`;
  const { inputSchema } = offer;
  const parameters: JsonSchema =
    typeof inputSchema === 'object' && inputSchema !== null && !Array.isArray(inputSchema)
      ? { ...inputSchema }
      : { type: 'object', properties: {} };
  return {
    name,
    parallel: false,
    spec: () => ({ kind: 'function', name, description: offer.description, parameters }),
    run: (input, context) => run(offer, name, input, context),
  };
}

async function run(offer: Offer, name: string, input: string, context: ToolContext): Promise<ToolOutcome> {
  let args: unknown;
  try {
    args = input.trim() === '' ? {} : JSON.parse(input);
  } catch {
    return rejected(`The arguments of ${name} are not valid JSON. Send one JSON object.`);
  }
  const item = {
    type: 'dynamicToolCall',
    id: context.itemId,
    namespace: offer.namespace,
    tool: offer.name,
    arguments: args,
    contentItems: null,
    success: null,
    durationMs: null,
  } as const;
  const startedAtMs = context.clock.now();
  context.items.started({ ...item, status: 'inProgress' });
  const call = {
    turnId: context.turnId,
    callId: context.itemId,
    namespace: offer.namespace,
    tool: offer.name,
    arguments: args,
  };
  const result = await context.approver.clientTool(call, context.signal);
  const success = result?.success ?? false;
  const content = result?.content ?? [{ type: 'inputText' as const, text: `The client did not run ${name}.` }];
  context.items.completed({
    ...item,
    status: success ? 'completed' : 'failed',
    contentItems: content,
    success,
    durationMs: Math.max(0, Math.round(context.clock.now() - startedAtMs)),
  });
  const text = content.flatMap((part) => (part.type === 'inputText' ? [part.text] : [])).join('\n');
  const images = content.flatMap((part) => (part.type === 'inputImage' ? [part.imageUrl] : []));
  return {
    type: 'done',
    text: text || (success ? '' : `${name} failed.`),
    success,
    ...(images.length > 0 ? { images } : {}),
  };
}
