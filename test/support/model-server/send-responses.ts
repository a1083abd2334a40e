/** Plays steps as a Responses stream, event by event as the real service sends them. */
import type { Pieces, ScriptedUsage, Step } from './script.ts';

/** Where an answer goes. Everything but `closed` is in terms of bytes on the wire. */
export type Out = {
  write(text: string): void;
  end(): void;
  cut(): Promise<void>;
  /** Settles when the client has gone. */
  gone: Promise<unknown>;
};

type Event = { type: string; [key: string]: unknown };
type OpenItem = Event & { id: string };

export type ResponsesAnswer = {
  index: number;
  model: string;
  steps: readonly Step[];
  /** Told of every reasoning item sent, as it must come back. */
  onReasoning(item: { id: string; [key: string]: unknown }): void;
};

export async function eachPiece(pieces: Pieces, out: Out, send: (piece: string) => void): Promise<string> {
  let whole = '';
  for (const piece of typeof pieces === 'string' ? [pieces] : pieces) {
    if (typeof piece === 'string') {
      whole += piece;
      send(piece);
    } else {
      await Promise.race([piece.pass(), out.gone]);
    }
  }
  return whole;
}

export function argumentText(args: unknown): string {
  return typeof args === 'string' ? args : JSON.stringify(args ?? {});
}

function usageOf(usage: ScriptedUsage): Record<string, unknown> {
  const { input = 100, output = 20, cached = 0, reasoning = 0 } = usage;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

export async function sendResponses(answer: ResponsesAnswer, out: Out): Promise<void> {
  const { index } = answer;
  const number = String(index).padStart(4, '0');
  const output: Event[] = [];
  let sequence = 0;
  let usage: ScriptedUsage | null = {};
  const emit = ({ type, ...rest }: Event): void => {
    out.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...rest })}\n\n`);
  };
  const response = (status: string, rest: Record<string, unknown>): Record<string, unknown> => ({
    id: `resp_${number}`,
    object: 'response',
    created_at: 1,
    status,
    model: answer.model,
    output,
    ...rest,
  });
  const done = (item: OpenItem): void => {
    emit({ type: 'response.output_item.done', output_index: output.length, item });
    output.push(item);
  };

  const sendText = async (step: Extract<Step, { text: Pieces }>): Promise<void> => {
    const id = step.id ?? `msg_${number}_${output.length}`;
    const at = { item_id: id, output_index: output.length, content_index: 0 };
    const item = { type: 'message', id, role: 'assistant', ...(step.phase ? { phase: step.phase } : {}) };
    emit({
      type: 'response.output_item.added',
      output_index: output.length,
      item: { ...item, status: 'in_progress', content: [] },
    });
    emit({ type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } });
    const text = await eachPiece(step.text, out, (delta) =>
      emit({ type: 'response.output_text.delta', ...at, delta, logprobs: [], obfuscation: 'x' }),
    );
    if (step.unfinished) return;
    const part = { type: 'output_text', text, annotations: [], logprobs: [] };
    emit({ type: 'response.output_text.done', ...at, text, logprobs: [] });
    emit({ type: 'response.content_part.done', ...at, part });
    done({ ...item, status: 'completed', content: [part] });
  };

  const sendReasoning = async (step: Extract<Step, { reasoning: Pieces }>): Promise<void> => {
    const id = step.id ?? `rs_${number}_${output.length}`;
    const at = { item_id: id, output_index: output.length, summary_index: 0 };
    emit({
      type: 'response.output_item.added',
      output_index: output.length,
      item: { type: 'reasoning', id, summary: [], encrypted_content: '' },
    });
    emit({ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } });
    const text = await eachPiece(step.reasoning, out, (delta) =>
      emit({ type: 'response.reasoning_summary_text.delta', ...at, delta }),
    );
    if (step.unfinished) return;
    const part = { type: 'summary_text', text };
    emit({ type: 'response.reasoning_summary_text.done', ...at, text });
    emit({ type: 'response.reasoning_summary_part.done', ...at, part });
    const encrypted = step.encrypted === undefined ? `encrypted-${id}` : step.encrypted;
    const item = {
      type: 'reasoning',
      id,
      summary: [part],
      ...(encrypted === null ? {} : { encrypted_content: encrypted }),
    };
    answer.onReasoning(item);
    done(item);
  };

  const sendCall = async (step: Extract<Step, { call: string } | { freeform: string }>): Promise<void> => {
    const freeform = 'freeform' in step;
    const id = `${freeform ? 'ctc' : 'fc'}_${number}_${output.length}`;
    const at = { item_id: id, output_index: output.length };
    const text = freeform ? step.input : argumentText(step.args);
    const field = freeform ? 'input' : 'arguments';
    const event = freeform ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
    const item = {
      type: freeform ? 'custom_tool_call' : 'function_call',
      id,
      call_id: step.callId ?? `call_${number}_${output.length}`,
      name: freeform ? step.freeform : step.call,
      ...('namespace' in step ? { namespace: step.namespace } : {}),
    };
    emit({
      type: 'response.output_item.added',
      output_index: output.length,
      item: { ...item, status: 'in_progress', [field]: '' },
    });
    await eachPiece(step.pieces ?? text, out, (delta) => emit({ type: `${event}.delta`, ...at, delta }));
    if (step.unfinished) return;
    emit({ type: `${event}.done`, ...at, [field]: text });
    done({ ...item, status: 'completed', [field]: text });
  };

  emit({ type: 'response.created', response: response('in_progress', { output: [] }) });
  emit({ type: 'response.in_progress', response: response('in_progress', { output: [] }) });
  for (const step of answer.steps) {
    if ('text' in step) await sendText(step);
    else if ('reasoning' in step) await sendReasoning(step);
    else if ('call' in step || 'freeform' in step) await sendCall(step);
    else if ('usage' in step) usage = step.usage;
    else if ('hold' in step) await Promise.race([step.hold.pass(), out.gone]);
    else if ('event' in step) emit(step.event as Event);
    else if ('raw' in step) out.write(step.raw);
    else if ('cut' in step) return out.cut();
    else if ('end' in step) return out.end();
    else if ('stall' in step) return void (await out.gone);
    else if ('failed' in step) {
      emit({ type: 'response.failed', response: response('failed', { error: step.failed }) });
      return out.end();
    } else if ('error' in step) {
      emit({ type: 'error', ...step.error, param: null });
      return out.end();
    } else if ('incomplete' in step) {
      const incomplete_details = { reason: step.incomplete };
      const rest = { incomplete_details, usage: usageOf(usage ?? {}) };
      emit({ type: 'response.incomplete', response: response('incomplete', rest) });
      return out.end();
    }
  }
  const last = usage === null ? {} : { usage: usageOf(usage) };
  emit({ type: 'response.completed', response: response('completed', last) });
  out.end();
}
