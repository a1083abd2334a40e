/** `gantry rules`: what the command rules say of a command, without running it. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import {
  createCommandPolicy,
  joinedRules,
  type LoadedRules,
  type RulesFolder,
  readRules,
} from '../../approvals/command-policy.ts';
import { readCommand } from '../../approvals/read-command.ts';
import { type Finding, judgeByRules } from '../../approvals/rules/judge.ts';
import { shownPattern } from '../../approvals/rules/rule.ts';
import { loadGrammar } from '../../approvals/shell/grammar.ts';
import { shownWord } from '../../approvals/shell/reading.ts';
import { quoteWord } from '../../approvals/shell-words.ts';
import { ownRulesFile, rulesFolders } from '../../server/approvals/rule-services.ts';
import { createConfiguration } from '../../server/config/configuration.ts';

export const RULES_HELP = `Usage: gantry rules check [--rules FILE]… [--json] [--shell SHELL] -- CMD…

Says what the command rules decide of a command, part by part, without running it. One word is read as a script for the
shell, more words as one command.

  --rules FILE   only these files; else the rules that hold in this folder
  --shell SHELL  the shell that would run it: bash (the default), sh or dash
  --json         one JSON object on stdout

Exit code: 0 it runs without a question; 1 it is asked about, or left to the approval policy; 3 a rule forbids it;
2 the arguments are wrong, or a file of --rules. Faults in rules that hold here are told on stderr.

Your own rules are in ~/.gantry/rules/*.rules (GANTRY_HOME moves it), one after the other, such as:
  prefix_rule(pattern = ["npm", ["test", "run"]], decision = "allow")      # or "prompt", "forbidden"
`;

const EXIT = { allow: 0, ask: 1, forbid: 3 } as const;

const HELP_WORDS: readonly string[] = ['help', '--help', '-h'];

type CheckOptions = { files: string[]; isJson: boolean; shell: string; command: string[] };

/** Sets the exit code of this process. */
export async function rules(args: readonly string[], overrides: readonly string[]): Promise<void> {
  const options = parseCheck(args);
  if (options === null) {
    process.stdout.write(RULES_HELP);
    return;
  }
  if (typeof options === 'string') {
    process.stderr.write(`gantry: ${options} See gantry rules --help.\n`);
    process.exitCode = 2;
    return;
  }
  const loaded = options.files.length > 0 ? loadFiles(options.files) : loadHere(overrides);
  for (const { file, line, message } of loaded.faults) process.stderr.write(`${file}:${line}: ${message}\n`);
  const [only = ''] = options.command;
  const script = options.command.length === 1 ? only : options.command.map(quoteWord).join(' ');
  const parse = await loadGrammar().catch(() => null);
  const finding = judgeByRules(
    readCommand(script, options.shell, parse),
    [`/bin/${options.shell}`, '-lc', script],
    loaded,
  );
  const decision = decisionOf(finding);
  process.stdout.write(options.isJson ? `${JSON.stringify(asJson(finding, decision))}\n` : asText(finding, decision));
  process.exitCode = options.files.length > 0 && loaded.faults.length > 0 ? 2 : EXIT[decision];
}

/** Null: help is asked for. */
function parseCheck(args: readonly string[]): CheckOptions | string | null {
  if (args[0] === undefined || HELP_WORDS.includes(args[0])) return null;
  if (args[0] !== 'check') return `there is no rules command ${JSON.stringify(args[0])}.`;
  const options: CheckOptions = { files: [], isJson: false, shell: 'bash', command: [] };
  for (let at = 1; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--') {
      options.command = args.slice(at + 1);
      break;
    }
    if (arg === '--help' || arg === '-h') return null;
    if (arg === '--json') options.isJson = true;
    else if (arg === '--rules' || arg === '--shell') {
      const value = args[++at];
      if (value === undefined || value === '' || value === '--') return `${arg} needs a value.`;
      if (arg === '--rules') {
        const file = path.resolve(value);
        if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return `--rules ${file}: there is no such file.`;
        options.files.push(file);
      } else options.shell = value;
    } else if (arg.startsWith('-')) return `there is no option ${JSON.stringify(arg)}.`;
    else {
      options.command = args.slice(at);
      break;
    }
  }
  if (options.command.length === 0) return 'a command is missing, such as gantry rules check -- git push.';
  return /^(bash|sh|dash)$/.test(options.shell) ? options : '--shell must be bash, sh or dash.';
}

const loadFiles = (files: readonly string[]): LoadedRules =>
  joinedRules(files.map((file) => readRules(file, true, homedir())));

function loadHere(overrides: readonly string[]): LoadedRules {
  const cwd = process.cwd();
  const configuration = createConfiguration(process.env, cwd, overrides);
  const folders: RulesFolder[] = rulesFolders(configuration, process.env, cwd, configuration.load(cwd).isTrusted);
  const policy = createCommandPolicy({ file: ownRulesFile(configuration.home), user: homedir(), log: () => {} });
  return policy.load(folders);
}

/** What no rule is about is the policy's, also what only looks: `untrusted` asks about it. */
const decisionOf = ({ decision }: Finding): keyof typeof EXIT => decision ?? 'ask';

function asJson(finding: Finding, decision: string): Record<string, unknown> {
  const { reason, danger, unknown, outsideSandbox, isReadOnly, parts } = finding;
  return {
    decision,
    reason,
    byRule: finding.decision !== null,
    outsideSandbox,
    readOnly: isReadOnly,
    danger,
    unknown,
    parts: parts.map((part) => ({
      words: part.words.map((word) => (word.kind === 'fixed' ? word.text : { [word.kind]: word.text })),
      decision: part.decision,
      readOnly: part.isReadOnly,
      rule:
        part.rule === null
          ? null
          : {
              pattern: part.rule.pattern,
              file: part.rule.file,
              line: part.rule.line,
              justification: part.rule.justification,
            },
    })),
  };
}

const UNDECIDED =
  'No rule decides, so the approval policy does: on-request, the default, runs it in the sandbox without a question; untrusted asks.';
const UNDECIDED_DANGER =
  'No rule decides, so the approval policy does: on-request and untrusted ask about what is dangerous.';

function asText(finding: Finding, decision: string): string {
  const lines = finding.parts.map(({ words, decision: said, rule, isReadOnly }) => {
    const command = words.map(shownWord).map(quoteIfNeeded).join(' ');
    const why = rule ? `${shownPattern(rule)}  (${rule.file}:${rule.line})` : isReadOnly ? 'only looks' : 'no rule';
    return `  ${(said ?? '-').padEnd(6)}  ${command}  <- ${why}\n`;
  });
  const notes = [
    finding.reason,
    finding.unknown === null ? null : `Not all that it runs is known: ${finding.unknown}.`,
    finding.danger,
    finding.decision !== null ? null : finding.danger === null ? UNDECIDED : UNDECIDED_DANGER,
    outsideNote(finding),
  ].filter((note) => note !== null);
  return `${decision}\n${lines.join('')}${notes.map((note) => `${note}\n`).join('')}`;
}

/** Where some rule allows the outside: whether this command may go there, and why not. */
function outsideNote({ outsideSandbox, besides, writesFiles, parts }: Finding): string | null {
  if (outsideSandbox) return 'Outside the sandbox too, in the folder of the session.';
  if (!parts.some(({ rule }) => rule?.outsideSandbox)) return null;
  const why = besides ?? (writesFiles ? 'it writes a file by redirection' : 'not all of it is what a rule lets out');
  return `Outside the sandbox it is asked about: ${why}.`;
}

const quoteIfNeeded = (word: string): string => (word.endsWith('…') ? word : quoteWord(word));
