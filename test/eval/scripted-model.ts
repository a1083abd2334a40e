/** A model that does tasks as they are written down, through whichever tools it is offered. For tests of the evaluation. */
import type { RecordedBody, RecordedRequest, Reply, Step } from '../support/model-server/index.ts';
import type { Deed, Task } from './task.ts';
import { outcomeOf } from './workspace.ts';

export type Play = {
  task: Task;
  deed: Deed;
  /** What it does before, for the counts. */
  before?: readonly Step[];
  /** By commands alone, byte for byte; else with the tools for editing. */
  byCommands?: boolean;
};

/** Context beyond this is left out of a patch. */
const WHOLE_FILE = 20_000;
const CONTEXT = 3;
/** What it can edit with; other agents' editors are left alone, and commands write the files. */
const OWN_EDITORS: ReadonlySet<string> = new Set(['apply_patch', 'str_replace_based_edit_tool', 'write_file']);

/** Answers any request of a run of one of these tasks, whichever comes next. */
export function scriptedModel(plays: readonly Play[]): (request: RecordedRequest) => Reply {
  return ({ body }) => {
    const said = JSON.stringify(body.input ?? body.messages);
    const play = plays.find(({ task }) => said.includes(JSON.stringify(task.prompt).slice(1, -1)));
    if (!play) return { status: 400, body: { error: { message: 'The script has no such task.', type: 'scripted' } } };
    const steps = [...(play.before ?? []), ...stepsOf(play, toolNames(body)), { text: play.deed.say ?? 'Done.' }];
    // One result a step, on whichever wire.
    const done = said.match(/"type":"(\w+_output|tool_result)"|"role":"tool"/g)?.length ?? 0;
    return steps[done] ?? { text: 'There is nothing left to do.' };
  };
}

/** The names of the tools that a request offers, on whichever wire. */
export function toolNames({ tools = [] }: RecordedBody): string[] {
  return tools.map(({ name, function: inner }) => name ?? String((inner as { name?: unknown } | undefined)?.name));
}

function stepsOf({ task, deed, byCommands }: Play, tools: readonly string[]): Step[] {
  const outcome = [...outcomeOf(deed, (file) => task.files[file] ?? null)];
  return outcome.flatMap(([file, text]): Step | Step[] => {
    const before = task.files[file] ?? null;
    if (text === before) return [];
    const isForeign = !tools.some((name) => OWN_EDITORS.has(name));
    if (byCommands || isForeign || text === null)
      return command(tools, text === null ? `rm '${file}'` : writing(file, text));
    if (tools.includes('apply_patch')) return { freeform: 'apply_patch', input: patchOf(file, before, text) };
    const changes = before === null ? [] : (deed.replace ?? []).filter(([name]) => name === file);
    if (tools.includes('str_replace_based_edit_tool')) {
      const call = (args: Record<string, unknown>): Step => ({ call: 'str_replace_based_edit_tool', args });
      if (changes.length === 0) return call({ command: 'create', path: file, file_text: text });
      return changes.map(([, from, to]) => call({ command: 'str_replace', path: file, old_str: from, new_str: to }));
    }
    if (changes.length === 0) return { call: 'write_file', args: { path: file, content: text } };
    return changes.map(
      ([, from, to]): Step => ({ call: 'edit_file', args: { path: file, old_text: from, new_text: to } }),
    );
  });
}

/** In whichever way the tools run commands. */
export function command(tools: readonly string[], script: string): Step {
  const bash = tools.find((name) => /^bash$/i.test(name));
  if (bash) return { call: bash, args: { command: script, description: 'Does the next step' } };
  if (tools.includes('run_command')) return { call: 'run_command', args: { command: script } };
  if (tools.includes('shell_command')) return { call: 'shell_command', args: { command: script } };
  return { call: 'exec_command', args: { cmd: script } };
}

/** In pieces, since no argument of a program may be longer than 128 KiB. */
function writing(file: string, text: string): string {
  const pieces = Buffer.from(text)
    .toString('base64')
    .match(/.{1,60000}/g) ?? [''];
  const folder = file.includes('/') ? `mkdir -p '${file.replace(/\/[^/]*$/, '')}'; ` : '';
  return `${folder}base64 -d > '${file}' <<'END'\n${pieces.join('\n')}\nEND`;
}

function linesIn(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function patchOf(file: string, before: string | null, after: string): string {
  const now = linesIn(after);
  if (before === null)
    return ['*** Begin Patch', `*** Add File: ${file}`, ...now.map((line) => `+${line}`), '*** End Patch'].join('\n');
  const old = linesIn(before);
  let [head, tail] = [0, 0];
  while (head < old.length && old[head] === now[head]) head++;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const context = before.length < WHOLE_FILE ? old.length : CONTEXT;
  return [
    '*** Begin Patch',
    `*** Update File: ${file}`,
    '@@',
    ...old.slice(Math.max(0, head - context), head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - tail + context).map((line) => ` ${line}`),
    '*** End Patch',
  ].join('\n');
}
