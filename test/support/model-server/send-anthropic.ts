/** Plays steps as a stream of the Messages wire, event by event as the real service sends them. */
import type { ScriptedUsage, Step } from './script.ts';
import { argumentText, eachPiece, type Out } from './send-responses.ts';

export type AnthropicAnswer = {
  index: number;
  model: string;
  steps: readonly Step[];
  /** Told of every thought sent, as it must come back. */
  onThought(key: string, kept: { model: string; block: Record<string, unknown> }): void;
};

function usageOf({ input = 100, cached = 0, written = 0, output = 20, reasoning = 0 }: ScriptedUsage) {
  return {
    input_tokens: input - cached - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}

export async function sendAnthropic(answer: AnthropicAnswer, out: Out): Promise<void> {
  const number = String(answer.index).padStart(4, '0');
  let at = 0;
  let calls = 0;
  let usage: ScriptedUsage | null = {};
  const emit = (type: string, rest: Record<string, unknown> = {}): void =>
    out.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const block = async (
    content_block: Record<string, unknown>,
    deltas: () => Promise<void>,
    unfinished = false,
  ): Promise<void> => {
    emit('content_block_start', { index: at, content_block });
    await deltas();
    if (!unfinished) emit('content_block_stop', { index: at });
    at++;
  };
  const delta = (type: string, fields: Record<string, unknown>): void =>
    emit('content_block_delta', { index: at, delta: { type, ...fields } });
  const finish = (stop_reason: string, more: Record<string, unknown> = {}): void => {
    const delta = { stop_reason, stop_sequence: null, ...more };
    emit('message_delta', { delta, ...(usage === null ? {} : { usage: usageOf(usage) }) });
    emit('message_stop');
    out.end();
  };

  const usageStep = answer.steps.find((step) => 'usage' in step);
  if (usageStep && 'usage' in usageStep) usage = usageStep.usage;
  emit('message_start', {
    message: {
      id: `msg_${number}`,
      type: 'message',
      role: 'assistant',
      model: answer.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usageOf(usage ?? {}), output_tokens: 1 },
    },
  });
  emit('ping');
  for (const step of answer.steps) {
    if ('text' in step) {
      const texts = async (): Promise<void> =>
        void (await eachPiece(step.text, out, (text) => delta('text_delta', { text })));
      await block({ type: 'text', text: '' }, texts, step.unfinished);
    } else if ('reasoning' in step) {
      const signature = step.encrypted === undefined ? `signed-${number}-${at}` : step.encrypted;
      const thoughts = async (): Promise<void> => {
        const thinking = await eachPiece(step.reasoning, out, (piece) => delta('thinking_delta', { thinking: piece }));
        if (step.unfinished || signature === null) return;
        delta('signature_delta', { signature });
        answer.onThought(signature, { model: answer.model, block: { type: 'thinking', thinking, signature } });
      };
      await block({ type: 'thinking', thinking: '', signature: '' }, thoughts, step.unfinished);
    } else if ('redacted' in step) {
      const hidden = { type: 'redacted_thinking', data: step.redacted };
      answer.onThought(step.redacted, { model: answer.model, block: hidden });
      await block(hidden, async () => {});
    } else if ('call' in step || 'freeform' in step) {
      const isFreeform = 'freeform' in step;
      const text = isFreeform ? JSON.stringify({ input: step.input }) : argumentText(step.args);
      const id = step.callId ?? `toolu_${number}_${calls++}`;
      const name = isFreeform ? step.freeform : step.call;
      const json = async (): Promise<void> =>
        void (await eachPiece(step.pieces ?? text, out, (partial_json) => delta('input_json_delta', { partial_json })));
      await block({ type: 'tool_use', id, name, input: {} }, json, step.unfinished);
    } else if ('hold' in step) await Promise.race([step.hold.pass(), out.gone]);
    else if ('event' in step) emit(String(step.event.type), step.event);
    else if ('raw' in step) out.write(step.raw);
    else if ('cut' in step) return out.cut();
    else if ('end' in step) return out.end();
    else if ('stall' in step) return void (await out.gone);
    else if ('failed' in step || 'error' in step) {
      const { code, message } = 'failed' in step ? step.failed : step.error;
      emit('error', { error: { type: code, message } });
      return out.end();
    } else if ('incomplete' in step) return finish(step.incomplete === 'content_filter' ? 'refusal' : 'max_tokens');
    else if ('stop' in step) return finish(step.stop);
  }
  const hasCall = answer.steps.some((step) => 'call' in step || 'freeform' in step);
  finish(hasCall ? 'tool_use' : 'end_turn');
}
