/** `exec_command`: runs a shell command in the sandbox; one that takes long goes on in the background. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { createHostGate } from '../approvals/network.ts';
import { judgeCommand, type Verdict } from '../approvals/policy.ts';
import { findingOf, ruleFor } from '../approvals/rules/finding.ts';
import { asksRepository } from '../approvals/rules/read-only.ts';
import { type CommandPlace, isRuled, proposedRule, ruleKey } from '../approvals/session-rules.ts';
import { quoteWord } from '../approvals/shell-words.ts';
import type { TurnSettings } from '../ports.ts';
import { AgentError } from '../protocol/index.ts';
import { parseArguments } from './arguments.ts';
import { commandActions } from './command-actions.ts';
import { askForCommand, type CommandItem, commandRefusal, keepRule } from './command-approval.ts';
import { report, waitForCommand } from './command-report.ts';
import { staleNote } from './disk-gate.ts';
import { embeddedPatch } from './embedded-patch.ts';
import { runPatch } from './file-change.ts';
import { failed, rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';
import { DEFAULT_OUTPUT_TOKENS } from './truncate.ts';

const NAME = 'exec_command';
const DEFAULT_YIELD_MS = 10_000;
const MAX_YIELD_MS = 30_000;

const TERMINAL = { columns: 120, rows: 30 };
/** In a terminal they would wait for a key. */
const NO_PAGER = { PAGER: 'cat', GIT_PAGER: 'cat', GH_PAGER: 'cat', MANPAGER: 'cat', SYSTEMD_PAGER: 'cat' };

const argumentsSchema = z.object({
  cmd: z.string(),
  workdir: z.string().nullish(),
  shell: z.string().nullish(),
  // Known to models from elsewhere; the login environment is not ours to choose.
  login: z.boolean().nullish(),
  tty: z.boolean().nullish(),
  yield_time_ms: z.number().nonnegative().nullish(),
  max_output_tokens: z.number().positive().nullish(),
  sandbox_permissions: z.enum(['use_default', 'require_escalated']).nullish(),
  justification: z.string().nullish(),
  prefix_rule: z.array(z.string()).nullish(),
});
type Arguments = z.infer<typeof argumentsSchema>;

const COMMAND_WORDS = {
  cancelled: 'The user stopped here. The command was not run.',
  declined:
    'The user rejected the command. It was not run. Do not try the same in another way; go on without it or ask.',
  failed: 'The command was not run: the client failed to answer the approval request.',
};

export const execCommand: Tool = {
  name: NAME,
  parallel: true,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description:
      'Runs a shell command. Returns its output, or a session ID for write_stdin when it still runs after yield_time_ms.',
    parameters: {
      type: 'object',
      properties: {
        cmd: { type: 'string', description: 'Shell script to run.' },
        workdir: { type: 'string', description: 'Folder to run in; the working folder when left out.' },
        shell: { type: 'string', description: 'Shell program; bash when left out.' },
        tty: { type: 'boolean', description: 'Run it in a terminal, for write_stdin; else its input is empty.' },
        yield_time_ms: {
          type: 'number',
          description: `How long to wait for the end; ${DEFAULT_YIELD_MS} when left out.`,
        },
        max_output_tokens: { type: 'number', description: 'More output than this is cut in the middle.' },
        sandbox_permissions: {
          type: 'string',
          enum: ['use_default', 'require_escalated'],
          description: 'require_escalated asks the user to run it without the sandbox.',
        },
        justification: {
          type: 'string',
          description: 'With require_escalated: one question to the user, why it is needed.',
        },
        prefix_rule: {
          type: 'array',
          items: { type: 'string' },
          description:
            'With require_escalated: the first words of the command that the user may allow for good, such as ["npm","install"].',
        },
      },
      required: ['cmd'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const args = parsed.value;
    if (args.cmd.trim() === '') return rejected(`${NAME} needs a command in "cmd".`);
    const cwd = resolve(context.settings.cwd, args.workdir || '.');
    const patch = embeddedPatch(args.cmd);
    if (patch) return runPatch(patch.patch, patch.workdir === null ? cwd : resolve(cwd, patch.workdir), context);
    return runCommand(args, cwd, context);
  },
};

async function runCommand(args: Arguments, cwd: string, context: ToolContext): Promise<ToolOutcome> {
  const { settings, runner } = context;
  const shell = args.shell || '/bin/bash';
  const escalate = args.sandbox_permissions === 'require_escalated';
  const isOpen = escalate || settings.sandboxPolicy.type === 'dangerFullAccess' || runner.unconfinedReason !== null;
  // A yes to a confined command is none to the same command without the sandbox, nor in another folder, nor with an
  // input that the model writes to.
  const place: CommandPlace = { shell, cwd, unsandboxed: isOpen, tty: args.tty === true };
  const sessionKey = JSON.stringify([shell, args.cmd, cwd, isOpen, place.tty]);
  const accepted = context.approvals.commands;
  // The rules of the thread's folder: the folder of a command is the model's to choose.
  const finding = await findingOf(args.cmd, shell, settings.cwd, context.rules);
  const outsideKey = JSON.stringify([shell, args.cmd, cwd, place.tty]);
  context.approvals.grants.ran(context.itemId, outsideKey);
  const letOut = finding.decision !== 'forbid' && context.approvals.grants.takeOut(outsideKey);
  const judged = judgeCommand({
    approvalPolicy: settings.approvalPolicy,
    sandboxPolicy: settings.sandboxPolicy,
    escalate,
    justification: args.justification ?? null,
    danger: finding.danger,
    unconfinedReason: runner.unconfinedReason,
    acceptedForSession: accepted.has(sessionKey) || isRuled(args.cmd, finding, place, accepted),
    rules: { ...finding, outsideSandbox: finding.outsideSandbox && isAtHome(place, settings) },
  });
  // The user pointed at this very command.
  const verdict: Verdict = letOut ? { type: 'allow', unsandboxed: true } : judged;
  if (verdict.type === 'reject') return rejected(verdict.message);

  const item: CommandItem = {
    type: 'commandExecution',
    id: context.itemId,
    pluginId: null,
    scriptPath: null,
    // What clients know commands by, whichever way the shell is really started.
    command: `${shell} -lc ${quoteWord(args.cmd)}`,
    cwd,
    processId: null,
    source: 'agent',
    status: 'inProgress',
    commandActions: commandActions(args.cmd, finding, cwd),
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
  if (verdict.type === 'ask') {
    const argv = [shell, '-lc', args.cmd];
    const rule = ruleFor(args.prefix_rule ?? [], finding) ?? proposedRule(finding, argv);
    const decision = await askForCommand(item, argv, verdict, context, rule);
    const refusal = commandRefusal(decision, COMMAND_WORDS);
    if (refusal) return refusal;
    if (decision === 'acceptForSession') accepted.add(sessionKey);
    else if (typeof decision === 'object') {
      accepted.add(ruleKey(decision.acceptRule, place));
      keepRule(decision.acceptRule, verdict.unsandboxed && settings.sandboxPolicy.type !== 'dangerFullAccess', context);
    }
  }
  // A repository elsewhere may be the model's own, with a program in its configuration.
  const isHere = isAtHome(place, settings) || !finding.parts.some(({ words }) => asksRepository(words));
  const isLooking = finding.isReadOnly && !place.tty && isHere;
  return start(
    item,
    [shell, '-c', args.cmd],
    args,
    { ...verdict, escalated: escalate, sessionKey, isLooking },
    context,
  );
}

/**
 * Where a rule may let a command out of the sandbox: in another folder the same words may run what the model wrote there,
 * and in a terminal it takes what the model writes to it.
 */
const isAtHome = ({ cwd, tty }: CommandPlace, settings: TurnSettings): boolean =>
  !tty && [settings.cwd, ...settings.roots].includes(cwd);

/** For hosts that the command's list does not know. The question goes away with the command, and with the turn. */
function hostGate({ cwd, commandActions: actions }: CommandItem, command: string[], context: ToolContext) {
  const { turnId, itemId, settings, approvals, approver, runner, signal } = context;
  return createHostGate({
    approvalPolicy: settings.approvalPolicy,
    answers: approvals.hosts,
    async ask(question, unwanted) {
      const stopWaiting = context.waiting();
      const canKeep = runner.keepsHosts(settings.cwd);
      const request = { turnId, itemId, command, cwd, commandActions: actions, canKeep, ...question };
      const decision = await approver.host(request, AbortSignal.any([signal, unwanted]));
      stopWaiting();
      return decision;
    },
    remember: (host, action) => runner.rememberHost(settings.cwd, host, action),
  });
}

async function start(
  item: CommandItem,
  argv: string[],
  args: Arguments,
  verdict: Exclude<Verdict, { type: 'reject' }> & { escalated: boolean; sessionKey: string; isLooking: boolean },
  context: ToolContext,
): Promise<ToolOutcome> {
  const { settings, items, commands, runner } = context;
  const shown = verdict.type === 'ask';
  const stale = await context.diskGate.stalePaths({ ...context, command: args.cmd });
  let running: Awaited<ReturnType<typeof runner.start>>;
  try {
    running = await runner.start(
      {
        argv,
        cwd: item.cwd,
        settings,
        unsandboxed: verdict.unsandboxed,
        isLooking: verdict.isLooking,
        itemId: item.id,
        mayReach: hostGate(item, [argv[0] ?? '', '-lc', ...argv.slice(2)], context),
        ...(args.tty ? { terminal: TERMINAL, env: NO_PAGER } : {}),
      },
      context.signal,
    );
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (!shown) items.started(item);
    items.outputDelta(item.id, error.message);
    items.completed({ ...item, status: 'failed', aggregatedOutput: error.message });
    return context.signal.aborted ? { type: 'cancelled', text: error.message } : failed(error.message);
  }
  const started: CommandItem = { ...item, processId: running.processId, source: 'unifiedExecStartup' };
  if (!shown) items.started(started);
  if (stale.length > 0) items.ranStale(item.id, stale);
  const { unsandboxed, escalated, sessionKey } = verdict;
  const freedom = { unsandboxed, escalated, sessionKey };
  const row = commands.add({
    item: started,
    turnId: context.turnId,
    cmd: args.cmd,
    running,
    settings,
    items,
    freedom,
    ...(unsandboxed
      ? {}
      : {
          blockedBy: (output, exit) => runner.blocked({ itemId: item.id, cwd: item.cwd, output, exit, settings }),
        }),
  });
  const wait = Math.min(Math.max(args.yield_time_ms ?? DEFAULT_YIELD_MS, 250), MAX_YIELD_MS);
  await waitForCommand(row, wait, context);
  const outcome = report(row, args.max_output_tokens ?? DEFAULT_OUTPUT_TOKENS, context);
  return { ...outcome, text: staleNote(stale) + outcome.text };
}
