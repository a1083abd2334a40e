/** `str_replace_based_edit_tool`: the editor that Claude models are trained on, over the same reading and writing as all others. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { runEdit } from './file-change.ts';
import { editText, writeWhole } from './file-tools.ts';
import { readNumbered } from './read-text.ts';
import { showCall } from './shown-call.ts';
import { rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';
import { listWorkspace } from './workspace-search.ts';

const NAME = 'str_replace_based_edit_tool';
const COMMANDS = ['view', 'create', 'str_replace', 'insert'] as const;

const argumentsSchema = z.object({
  command: z.enum(COMMANDS, `one of ${COMMANDS.join(', ')}`),
  path: z.string('a path as a string').min(1, 'a path'),
  view_range: z.array(z.number().int()).length(2, 'two line numbers').nullish(),
  file_text: z.string().nullish(),
  old_str: z.string().nullish(),
  new_str: z.string().nullish(),
  replace_all: z.boolean().nullish(),
  insert_line: z.number().int().nonnegative().nullish(),
  insert_text: z.string().nullish(),
});
type Arguments = z.infer<typeof argumentsSchema>;

const text = { type: 'string' };

export const textEditor: Tool = {
  name: NAME,
  parallel: false,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description:
      'Views and edits files. view: a file with line numbers, or the files of a folder. create: writes file_text. str_replace: replaces old_str, which stands in the file once, by new_str. insert: puts insert_text after insert_line; 0 is the top.',
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string', enum: [...COMMANDS] },
        path: text,
        view_range: { type: 'array', items: { type: 'integer' }, description: '[first, last]; -1 is the end.' },
        file_text: text,
        old_str: text,
        new_str: text,
        insert_line: { type: 'integer' },
        insert_text: text,
      },
      required: ['command', 'path'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    return parsed.ok ? runCommand(parsed.value, context) : rejected(parsed.problem);
  },
};

const needs = (command: string, argument: string): ToolOutcome =>
  rejected(`${command} needs "${argument}". Nothing was done.`);

async function runCommand(args: Arguments, context: ToolContext): Promise<ToolOutcome> {
  const { command, path } = args;
  switch (command) {
    case 'view':
      return showCall(NAME, given(args), context, () => view(args, context));
    case 'create':
      // An empty file is one whose text is given as empty.
      return typeof args.file_text === 'string'
        ? writeWhole(path, args.file_text, context)
        : needs(command, 'file_text');
    case 'str_replace': {
      if (typeof args.old_str !== 'string') return needs(command, 'old_str');
      const replacement = { oldText: args.old_str, newText: args.new_str ?? '', all: args.replace_all === true };
      return editText(path, replacement, 'create', context);
    }
    case 'insert': {
      const inserted = args.insert_text ?? args.new_str;
      if (typeof args.insert_line !== 'number') return needs(command, 'insert_line');
      return typeof inserted === 'string'
        ? insert(path, args.insert_line, inserted, context)
        : needs(command, 'insert_text');
    }
  }
}

const given = (args: Arguments): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined && value !== null));

async function view({ path, view_range }: Arguments, context: ToolContext): Promise<ToolOutcome> {
  const place = resolve(context.settings.cwd, path);
  const isFolder = await stat(place).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (isFolder) return listWorkspace(path, null, context);
  const [start = 1, end = -1] = view_range ?? [];
  const range = { start: Math.max(1, start), end: end < 0 ? null : end };
  return readNumbered(path, range, (next) => `go on with view_range [${next}, -1]`, context);
}

function insert(path: string, line: number, inserted: string, context: ToolContext): Promise<ToolOutcome> {
  const file = resolve(context.settings.cwd, path);
  return runEdit(
    file,
    (before) => {
      if (before === null) return { ok: false, problem: `${file} does not exist. Make it with create.` };
      const lines = before.split('\n');
      const hasEnd = lines.at(-1) === '';
      if (hasEnd) lines.pop();
      if (line > lines.length)
        return { ok: false, problem: `insert_line ${line} is not in ${file}, which has ${lines.length} lines.` };
      const added = inserted.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n');
      lines.splice(line, 0, ...added);
      return { ok: true, text: lines.join('\n') + (hasEnd ? '\n' : '') };
    },
    context,
  );
}
