/** Tool calls in the names that hooks know them by, whichever set of tools the model has. (pure) */
import type { ToolCall } from './item-stream.ts';

/** Tools that run a shell script, and where they have it. */
const SHELLS: Readonly<Record<string, string>> = { exec_command: 'cmd', bash: 'command', run_command: 'command' };
/** Tools that change files; a hook for either of these names is for all of them. */
const EDITORS: ReadonlySet<string> = new Set(['apply_patch', 'edit_file', 'write_file', 'str_replace_based_edit_tool']);
const EDITOR_NAMES = ['Edit', 'Write'];

export type HookedCall = {
  toolName: string;
  /** All that it goes by. */
  names: string[];
  toolInput: unknown;
};

export function hookedCall({ name, input, kind }: Pick<ToolCall, 'name' | 'input' | 'kind'>): HookedCall {
  const given = kind === 'freeform' ? input : parsed(input);
  const key = SHELLS[name];
  if (key !== undefined) {
    const script = isTable(given) ? given[key] : given;
    return {
      toolName: 'Bash',
      names: ['Bash', name],
      toolInput: { command: typeof script === 'string' ? script : '' },
    };
  }
  const names = EDITORS.has(name) ? [name, ...EDITOR_NAMES] : [name];
  if (name === 'apply_patch') {
    const patch = isTable(given) ? (given.input ?? given.patch) : given;
    return { toolName: name, names, toolInput: { command: typeof patch === 'string' ? patch : '' } };
  }
  return { toolName: name, names, toolInput: given };
}

/** The call with what a hook put in place of its input; null when that is not of the input's shape. */
export function withHookInput<C extends Pick<ToolCall, 'name' | 'input' | 'kind'>>(
  call: C,
  updated: unknown,
): C | null {
  const key = SHELLS[call.name];
  const script = isTable(updated) ? updated.command : undefined;
  if (call.name === 'apply_patch') {
    if (typeof script !== 'string') return null;
    return { ...call, input: call.kind === 'freeform' ? script : JSON.stringify({ input: script }) };
  }
  if (key === undefined)
    return isTable(updated) && call.kind !== 'freeform' ? { ...call, input: JSON.stringify(updated) } : null;
  if (typeof script !== 'string') return null;
  const before = parsed(call.input);
  return { ...call, input: JSON.stringify({ ...(isTable(before) ? before : {}), [key]: script }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
