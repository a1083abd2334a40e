/** Reads a thread's file back, whatever happened to it. */
import { readFileSync } from 'node:fs';
import { ROLLOUT_VERSION, type RolloutLine, rolloutLine, rolloutLineTypes } from './rollout.ts';

export type RolloutProblem = {
  line: number;
  kind: 'corrupt' | 'torn' | 'unknownType' | 'newerVersion';
  message: string;
};
export type RolloutContent = { lines: RolloutLine[]; problems: RolloutProblem[] };

function typeOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    ? value.type
    : null;
}

/** Every line that can be read, in order, and what was wrong with the others. Never throws. */
export function parseRollout(text: string): RolloutContent {
  const lines: RolloutLine[] = [];
  const problems: RolloutProblem[] = [];
  const raw = text.split('\n');
  raw.forEach((source, index) => {
    if (source.trim() === '') return;
    const say = (kind: RolloutProblem['kind'], message: string) => problems.push({ line: index + 1, kind, message });
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch {
      if (index === raw.length - 1) say('torn', 'the last line was cut short and is left out');
      else say('corrupt', 'not JSON; the line is left out');
      return;
    }
    const parsed = rolloutLine.safeParse(value);
    if (parsed.success) {
      lines.push(parsed.data);
      if (parsed.data.type === 'thread' && parsed.data.version > ROLLOUT_VERSION) {
        say(
          'newerVersion',
          `written by a newer Gantry (format ${parsed.data.version}); what this one does not know is passed over`,
        );
      }
      return;
    }
    const type = typeOf(value);
    if (type !== null && !rolloutLineTypes.has(type))
      say('unknownType', `of type ${type}, which this Gantry does not know`);
    else say('corrupt', `does not have the form of a ${type ?? 'thread'} line; it is left out`);
  });
  return { lines, problems };
}

/** Throws what the file system throws. */
export const readRollout = (file: string): RolloutContent => parseRollout(readFileSync(file, 'utf8'));
