/**
 * How a model is worked with, by its family: the one table of which tools it is offered, in which names and shapes, and
 * what it is told of them. The harness decides the result: a model does best with what it was trained on. All of it runs
 * on the same code, and a call is run by its name whichever set was offered.
 */

import type { ModelInfo, ToolFamily, ToolSpec } from '../models/model-client.ts';
import { plainName } from '../models/model-table.ts';
import { applyPatch } from './apply-patch.ts';
import { execCommand } from './exec-command.ts';
import { editFile, listFilesTool, readFile, searchText, writeFile } from './file-tools.ts';
import { bash, runCommand } from './plain-command.ts';
import { textEditor } from './text-editor.ts';
import type { Tool } from './tool.ts';
import { updatePlan } from './update-plan.ts';
import { writeStdin } from './write-stdin.ts';

type Family = {
  /** Names of models, as `plainName` has them, and providers that have no others. */
  models: RegExp | null;
  providers: readonly string[];
  tools: readonly Tool[];
  /** For the base instructions: how these tools are meant, one line each. */
  about: readonly string[];
};

const families: Readonly<Record<ToolFamily, Family>> = {
  gpt: {
    models: /(^|[^a-z])(gpt|chatgpt|codex|o[1-9])(?![a-z])|codex/,
    providers: ['demo'],
    tools: [execCommand, writeStdin, applyPatch, updatePlan],
    about: [
      'exec_command runs a shell command. Search with rg where it exists. Run what is independent side by side. Long commands go on in the background: ask for their output with write_stdin.',
      'apply_patch is the way to edit files; the user sees and may change every edit. Keep hunks small, with three lines of context. When it says that lines were not found, read the file again first.',
    ],
  },
  claude: {
    models: /(^|[^a-z])claude/,
    providers: ['anthropic'],
    tools: [bash, writeStdin, textEditor, updatePlan],
    about: [
      'bash runs a shell script; each starts anew in the working folder. Search with rg where it exists. Run what is independent side by side. Long commands go on in the background: ask for their output with write_stdin.',
      'str_replace_based_edit_tool is the way to view and edit files; the user sees and may change every edit. old_str is copied exactly, without line numbers. When it was not found, view the file again first.',
    ],
  },
  plain: {
    models: null,
    providers: [],
    tools: [readFile, editFile, writeFile, listFilesTool, searchText, runCommand, writeStdin, updatePlan],
    about: [
      'read_file, list_files and search_text are for looking. edit_file and write_file are the way to change files; the user sees and may change every edit. Read a file before you edit it; when old_text was not found, read it again.',
      'run_command runs a bash script, each anew in the working folder. Long commands go on in the background: ask for their output with write_stdin.',
    ],
  },
};

export const familyNames = Object.keys(families) as ToolFamily[];

/** What config.toml says, else what the model's name tells, else what its provider has. */
export function familyOf({
  toolFamily,
  provider,
  model,
}: Pick<ModelInfo, 'toolFamily' | 'provider' | 'model'>): ToolFamily {
  if (toolFamily) return toolFamily;
  const name = plainName(model);
  return (
    familyNames.find((family) => families[family].models?.test(name)) ??
    familyNames.find((family) => families[family].providers.includes(provider)) ??
    'plain'
  );
}

/** Lines for the base instructions. */
export const aboutTools = (family: ToolFamily): readonly string[] => families[family].about;

/** What `model` is offered. One that cannot call tools is told of them in text, by its client. */
export function toolSpecs(model: ModelInfo): ToolSpec[] {
  return families[familyOf(model)].tools.map((tool) => tool.spec(model));
}

/** Every tool of every family. */
export const tools: readonly Tool[] = [...new Set(Object.values(families).flatMap((family) => family.tools))];

/** Names that models know these tools by from other agents; their arguments' names are forgiven too. */
const aliases: Readonly<Record<string, string>> = {
  applypatch: 'apply_patch',
  shell: 'run_command',
  shell_command: 'run_command',
  local_shell: 'run_command',
  'container.exec': 'run_command',
  run_shell_command: 'run_command',
  execute_command: 'run_command',
  run_terminal_cmd: 'run_command',
  str_replace_editor: 'str_replace_based_edit_tool',
  read: 'read_file',
  view_file: 'read_file',
  read_many_files: 'read_file',
  edit: 'edit_file',
  replace: 'edit_file',
  str_replace: 'edit_file',
  search_replace: 'edit_file',
  write: 'write_file',
  create_file: 'write_file',
  write_to_file: 'write_file',
  ls: 'list_files',
  list_dir: 'list_files',
  list_directory: 'list_files',
  glob: 'list_files',
  find_files: 'list_files',
  grep: 'search_text',
  grep_search: 'search_text',
  search_files: 'search_text',
  search_file_content: 'search_text',
};

export function findTool(name: string): Tool | undefined {
  const own = aliases[name] ?? aliases[name.toLowerCase()] ?? name;
  return tools.find((tool) => tool.name === own) ?? tools.find((tool) => tool.name === own.toLowerCase());
}

/** For a call by a name that no tool has. `others` are tools beside those of the families. */
export function noSuchTool(name: string, others: readonly string[] = []): string {
  const names = [...new Set([...tools.map((tool) => tool.name), ...others])];
  const near = names
    .map((own) => ({ own, distance: distanceOf(name.toLowerCase(), own.toLowerCase()) }))
    .filter(({ own, distance }) => distance <= Math.max(name.length, own.length) * 0.6)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ own }) => own);
  const hint = near.length > 0 ? ` The nearest names are: ${near.join(', ')}.` : '';
  return `There is no tool "${name.slice(0, 80)}".${hint} Nothing was done; call one of the tools that you were offered.`;
}

/** How many letters have to change. */
function distanceOf(one: string, other: string): number {
  const [a, b] = [one.slice(0, 80), other.slice(0, 80)];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
