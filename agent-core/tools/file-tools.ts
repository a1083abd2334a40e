/** Small tools with JSON arguments, for models that know neither patches nor another maker's editor. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { type Edit, runEdit } from './file-change.ts';
import { mergeTexts } from './merge-texts.ts';
import { readNumbered } from './read-text.ts';
import { replaceText } from './replace-text.ts';
import { showCall } from './shown-call.ts';
import { rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';
import { listWorkspace, searchWorkspace } from './workspace-search.ts';
import { freshText } from './write-files.ts';

const text = { type: 'string' };
const number = { type: 'number' };
const path = z.string('a path as a string').min(1, 'a path');
const count = z.number('a whole number').int('a whole number');

type Shape = {
  name: string;
  description: string;
  properties: Record<string, unknown>;
  required: string[];
  parallel: boolean;
};

function jsonTool<T>(
  { name, description, properties, required, parallel }: Shape,
  schema: z.ZodType<T>,
  run: (args: T, context: ToolContext) => Promise<ToolOutcome>,
): Tool {
  const parameters = { type: 'object', properties, required, additionalProperties: false };
  return {
    name,
    parallel,
    spec: () => ({ kind: 'function', name, description, parameters }),
    async run(input, context) {
      const parsed = await parseArguments(schema, name, input);
      return parsed.ok ? run(parsed.value, context) : rejected(parsed.problem);
    },
  };
}

export const readFile = jsonTool(
  {
    name: 'read_file',
    description: 'Shows a text file with line numbers, as the user has it in the editor.',
    properties: { path: text, start_line: number, end_line: number },
    required: ['path'],
    parallel: true,
  },
  z.object({ path, start_line: count.nullish(), end_line: count.nullish(), limit: count.nullish() }),
  (args, context) => {
    const start = Math.max(1, args.start_line ?? 1);
    const end = args.end_line ?? (args.limit ? start + args.limit - 1 : null);
    return showCall('read_file', args, context, () =>
      readNumbered(args.path, { start, end }, (next) => `go on with start_line ${next}`, context),
    );
  },
);

export const editFile = jsonTool(
  {
    name: 'edit_file',
    description:
      'Replaces old_text in a file by new_text. old_text is copied from the file, without line numbers, and long enough to stand there once.',
    properties: { path: text, old_text: text, new_text: text, replace_all: { type: 'boolean' } },
    required: ['path', 'old_text', 'new_text'],
    parallel: false,
  },
  z.object({ path, old_text: z.string(), new_text: z.string(), replace_all: z.boolean().nullish() }),
  (args, context) => {
    const replacement = { oldText: args.old_text, newText: args.new_text, all: args.replace_all === true };
    return editText(args.path, replacement, 'write_file', context);
  },
);

/** `maker` is the tool that makes new files. */
export function editText(
  given: string,
  replacement: Parameters<typeof replaceText>[1],
  maker: string,
  context: ToolContext,
): Promise<ToolOutcome> {
  const file = resolve(context.settings.cwd, given);
  return runEdit(
    file,
    (before) => {
      // What some models make new files with.
      if (before === null && replacement.oldText === '') return { ok: true, text: replacement.newText };
      if (before === null)
        return { ok: false, problem: `${file} does not exist. Make it with ${maker}, or look for its right name.` };
      return replaceText(before, replacement, file);
    },
    context,
  );
}

export const writeFile = jsonTool(
  {
    name: 'write_file',
    description:
      'Writes a whole file, new or in place of what is there. Change parts of a file with edit_file instead.',
    properties: { path: text, content: text },
    required: ['path', 'content'],
    parallel: false,
  },
  z.object({ path, content: z.string() }),
  (args, context) => writeWhole(args.path, args.content, context),
);

/** A whole text is made from what the model has seen: what came into the file since stays, or nothing is written. */
function wholeOver(file: string, before: string | null, whole: string, { seen }: ToolContext): ReturnType<Edit> {
  const known = seen.get(file);
  if (before === null || known === undefined || known === before) return { ok: true, text: whole };
  const merged = mergeTexts(known, whole, before);
  seen.saw(file, before);
  const news = freshText(file, before, known);
  return merged === null
    ? { ok: false, problem: `${file} has changed since you saw it, where you change it. ${news}` }
    : { ok: true, text: merged, remark: `${file} had changed since you saw it; that was kept. ${news}` };
}

export function writeWhole(given: string, content: string, context: ToolContext): Promise<ToolOutcome> {
  const whole = content.replaceAll('\r\n', '\n');
  const file = resolve(context.settings.cwd, given);
  return runEdit(file, (before) => wholeOver(file, before, whole, context), context);
}

export const listFilesTool = jsonTool(
  {
    name: 'list_files',
    description: 'Lists the files below a folder, without what git ignores.',
    properties: {
      path: { type: 'string', description: 'The working folder when left out.' },
      pattern: { type: 'string', description: 'Such as *.ts or src/**/*.ts.' },
    },
    required: [],
    parallel: true,
  },
  z.object({ path: z.string().nullish(), pattern: z.string().nullish() }),
  (args, context) =>
    showCall('list_files', args, context, () => listWorkspace(args.path || '.', args.pattern || null, context)),
);

export const searchText = jsonTool(
  {
    name: 'search_text',
    description: 'Searches files for a regular expression; gives path:line:text.',
    properties: {
      pattern: text,
      path: { type: 'string', description: 'File or folder; the working folder when left out.' },
      glob: { type: 'string', description: 'Only files that fit, such as *.ts.' },
      ignore_case: { type: 'boolean' },
    },
    required: ['pattern'],
    parallel: true,
  },
  z.object({
    pattern: z.string().min(1),
    path: z.string().nullish(),
    glob: z.string().nullish(),
    ignore_case: z.boolean().nullish(),
  }),
  (args, context) => {
    const search = {
      pattern: args.pattern,
      path: args.path || '.',
      glob: args.glob || null,
      ignoreCase: args.ignore_case === true,
    };
    return showCall('search_text', args, context, () => searchWorkspace(search, context));
  },
);
