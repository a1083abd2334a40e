/** Plays steps as a generateContent stream (`alt=sse`). Calls come whole, and without ids. */
import type { ScriptedUsage, Step } from './script.ts';
import { eachPiece, type Out } from './send-responses.ts';

export type GeminiAnswer = {
  index: number;
  model: string;
  steps: readonly Step[];
  /** Told of every signature sent. */
  onSignature(signature: string): void;
};

function argsOf(args: unknown): unknown {
  return typeof args === 'string' ? JSON.parse(args) : (args ?? {});
}

export async function sendGemini(answer: GeminiAnswer, out: Out): Promise<void> {
  const number = String(answer.index).padStart(4, '0');
  let usage: ScriptedUsage | null = {};
  let signatures = 0;
  let hasCall = false;
  let isThoughtful = false;
  const emit = (rest: Record<string, unknown>): void =>
    out.write(`data: ${JSON.stringify({ ...rest, modelVersion: answer.model, responseId: `r-${number}` })}\r\n\r\n`);
  const send = (part: Record<string, unknown>): void =>
    emit({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }] });
  const signed = (): { thoughtSignature: string } => {
    const thoughtSignature = `signed-${number}-${signatures++}`;
    answer.onSignature(thoughtSignature);
    return { thoughtSignature };
  };
  const finish = (finishReason: string, more: Record<string, unknown> = {}): void => {
    const { input = 100, cached = 0, output = 20, reasoning = 0 } = usage ?? {};
    const usageMetadata = {
      promptTokenCount: input,
      cachedContentTokenCount: cached,
      candidatesTokenCount: output - reasoning,
      thoughtsTokenCount: reasoning,
      totalTokenCount: input + output,
    };
    const content = { role: 'model', parts: [{ text: '' }] };
    emit({ candidates: [{ content, finishReason, index: 0, ...more }], ...(usage === null ? {} : { usageMetadata }) });
    out.end();
  };

  for (const step of answer.steps) {
    if ('text' in step) {
      const pieces = await eachPiece(step.text, out, (text) => send({ text }));
      // After a thought the text is signed too, in a part of its own.
      if (isThoughtful && pieces !== '' && !step.unfinished) send({ text: '', ...signed() });
    } else if ('reasoning' in step) {
      isThoughtful = true;
      await eachPiece(step.reasoning, out, (text) => send({ text, thought: true }));
    } else if ('call' in step || 'freeform' in step) {
      if (step.unfinished) continue;
      const [name, args] = 'freeform' in step ? [step.freeform, { input: step.input }] : [step.call, argsOf(step.args)];
      const id = step.callId === undefined ? {} : { id: step.callId };
      // Of parallel calls, the first alone is signed.
      send({ functionCall: { name, args, ...id }, ...(hasCall ? {} : signed()) });
      hasCall = true;
    } else if ('usage' in step) usage = step.usage;
    else if ('hold' in step) await Promise.race([step.hold.pass(), out.gone]);
    else if ('event' in step) emit(step.event);
    else if ('raw' in step) out.write(step.raw);
    else if ('cut' in step) return out.cut();
    else if ('end' in step) return out.end();
    else if ('stall' in step) return void (await out.gone);
    else if ('failed' in step || 'error' in step) {
      const { code, message } = 'failed' in step ? step.failed : step.error;
      emit({ error: { code: 500, status: code, message } });
      return out.end();
    } else if ('incomplete' in step) return finish(step.incomplete === 'content_filter' ? 'SAFETY' : 'MAX_TOKENS');
    else if ('stop' in step) return finish(step.stop);
  }
  finish('STOP');
}
