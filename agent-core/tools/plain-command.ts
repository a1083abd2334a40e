/** `exec_command` under the names and with the few arguments that other models know. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { execCommand } from './exec-command.ts';
import { rejected, type Tool } from './tool.ts';

const argumentsSchema = z.object({
  // Some models send the words of a command line.
  command: z.union([z.string('a command as a string'), z.array(z.string()).min(1)]),
  workdir: z.string().nullish(),
  tty: z.boolean().nullish(),
  yield_time_ms: z.number().nonnegative().nullish(),
  max_output_tokens: z.number().positive().nullish(),
  sandbox_permissions: z.enum(['use_default', 'require_escalated']).nullish(),
  justification: z.string().nullish(),
});

function commandTool(name: string): Tool {
  return {
    name,
    parallel: true,
    spec: () => ({
      kind: 'function',
      name,
      description:
        'Runs a bash script. Returns its output, or a session ID for write_stdin when it still runs after yield_time_ms.',
      parameters: {
        type: 'object',
        properties: {
          command: { type: 'string' },
          workdir: { type: 'string', description: 'The working folder when left out.' },
          tty: { type: 'boolean', description: 'Run it in a terminal, for write_stdin; else its input is empty.' },
          yield_time_ms: { type: 'number', description: 'How long to wait for the end; 10000 when left out.' },
          sandbox_permissions: {
            type: 'string',
            enum: ['use_default', 'require_escalated'],
            description: 'require_escalated asks the user to run it without the sandbox.',
          },
          justification: { type: 'string', description: 'With require_escalated: one question to the user, why.' },
        },
        required: ['command'],
        additionalProperties: false,
      },
    }),
    async run(input, context) {
      const parsed = await parseArguments(argumentsSchema, name, input);
      if (!parsed.ok) return rejected(parsed.problem);
      const { command, ...rest } = parsed.value;
      const cmd = typeof command === 'string' ? command : scriptOf(command);
      return cmd.trim() === ''
        ? rejected(`${name} needs a script in "command".`)
        : execCommand.run(JSON.stringify({ ...rest, cmd }), context);
    },
  };
}

/** `["bash", "-lc", "ls | wc"]` is the script; other words are quoted. */
function scriptOf(words: readonly string[]): string {
  const [shell = '', flag = '', script] = words;
  if (words.length === 3 && script !== undefined && /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-\w*c$/.test(flag))
    return script;
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

export const bash = commandTool('bash');
export const runCommand = commandTool('run_command');
