/** Plays steps as a Chat Completions stream. */

import type { ScriptedUsage, Step } from './script.ts';
import { argumentText, eachPiece, type Out } from './send-responses.ts';

export type ChatAnswer = { index: number; model: string; steps: readonly Step[]; includeUsage: boolean };

export async function sendChat(answer: ChatAnswer, out: Out): Promise<void> {
  let usage: ScriptedUsage | null = {};
  let calls = 0;
  const number = String(answer.index).padStart(4, '0');
  const emit = (rest: Record<string, unknown>): void => {
    const base = { id: `chatcmpl-${number}`, object: 'chat.completion.chunk', created: 1, model: answer.model };
    out.write(`data: ${JSON.stringify({ ...base, ...rest })}\n\n`);
  };
  const delta = (fields: Record<string, unknown>, finish: string | null = null): void =>
    emit({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });

  const finish = (reason: string): void => {
    delta({}, reason);
    if (answer.includeUsage && usage) {
      const { input = 100, output = 20, cached = 0, reasoning = 0 } = usage;
      emit({
        choices: [],
        usage: {
          prompt_tokens: input,
          completion_tokens: output,
          total_tokens: input + output,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens_details: { reasoning_tokens: reasoning },
        },
      });
    }
    out.write('data: [DONE]\n\n');
    out.end();
  };

  delta({ role: 'assistant', content: '' });
  for (const step of answer.steps) {
    if ('text' in step) await eachPiece(step.text, out, (content) => delta({ content }));
    else if ('reasoning' in step) {
      await eachPiece(step.reasoning, out, (reasoning_content) => delta({ reasoning_content }));
    } else if ('call' in step || 'freeform' in step) {
      const index = calls++;
      const freeform = 'freeform' in step;
      const name = freeform ? step.freeform : step.call;
      const text = freeform ? JSON.stringify({ input: step.input }) : argumentText(step.args);
      const id = step.callId ?? `call_${number}_${index}`;
      delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
      const pieces = step.pieces ?? text;
      await eachPiece(pieces, out, (piece) => delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
    } else if ('usage' in step) usage = step.usage;
    else if ('hold' in step) await Promise.race([step.hold.pass(), out.gone]);
    else if ('event' in step) out.write(`data: ${JSON.stringify(step.event)}\n\n`);
    else if ('raw' in step) out.write(step.raw);
    else if ('cut' in step) return out.cut();
    else if ('end' in step) return out.end();
    else if ('stall' in step) return void (await out.gone);
    else if ('failed' in step || 'error' in step) {
      out.write(`data: ${JSON.stringify({ error: 'failed' in step ? step.failed : step.error })}\n\n`);
      return out.end();
    } else if ('incomplete' in step) return finish(step.incomplete === 'content_filter' ? 'content_filter' : 'length');
  }
  finish(calls > 0 ? 'tool_calls' : 'stop');
}
