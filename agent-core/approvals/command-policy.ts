/** The user's command rules: found, read anew when a file changes, asked, and added to by a yes. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPlainFile } from '../config/index.ts';
import { late } from '../late.ts';
import type { Log } from '../ports.ts';
import { readCommand } from './read-command.ts';
import { type Finding, judgeByRules, type RuleSet } from './rules/judge.ts';
import { readRulesFile, ruleText, withoutAllows } from './rules/rules-file.ts';
import { loadGrammar, type ParseShell } from './shell/grammar.ts';

/** `isUsers`: the user's or the administrator's own; only these may allow commands outside the sandbox. */
export type RulesFolder = { path: string; isUsers: boolean };

export type RulesFault = { file: string; line: number; message: string };

/** `isWhole`: every file could be read. Where not, `rules` allow nothing: what is missing could have forbidden. */
export type LoadedRules = RuleSet & { faults: readonly RulesFault[]; files: readonly string[]; isWhole: boolean };

export type CommandPolicy = {
  /** What the rules of these folders say of a script for `shell`. Never rejects. */
  judge(script: string, shell: string, folders: readonly RulesFolder[]): Promise<Finding>;
  /** The rules of these folders. Never throws; what cannot be read is a fault. */
  load(folders: readonly RulesFolder[]): LoadedRules;
  /** Writes "commands that begin with these words are allowed" where the user can see and edit it. Throws when it cannot. */
  allow(words: readonly string[], outsideSandbox: boolean): void;
};

export type CommandPolicyOptions = {
  /** Where `allow` writes. */
  file: string;
  /** The user's home, which `~` is in rules. */
  user: string;
  log: Log;
  /** A rules file has faults that it had not when it was read last. */
  onFaults?: (faults: readonly RulesFault[]) => void;
};

export function createCommandPolicy(options: CommandPolicyOptions): CommandPolicy {
  const { file, log } = options;
  const files = new Map<string, { stamp: string; read: LoadedRules }>();
  const grammar = late(loadGrammar);

  const readOne = (path: string, isUsers: boolean): LoadedRules => {
    let stamp = '';
    try {
      const { mtimeMs, size, ino } = statSync(path);
      stamp = `${mtimeMs} ${size} ${ino} ${isUsers}`;
      const known = files.get(path);
      if (known?.stamp === stamp) return known.read;
    } catch {
      files.delete(path);
      return { rules: [], executables: new Map(), faults: [], files: [], isWhole: true };
    }
    const read = readRules(path, isUsers, options.user);
    files.set(path, { stamp, read });
    if (read.faults.length > 0) options.onFaults?.(read.faults);
    return read;
  };

  const load = (folders: readonly RulesFolder[]): LoadedRules =>
    joinedRules(folders.flatMap(({ path, isUsers }) => rulesFilesIn(path).map((name) => readOne(name, isUsers))));

  return {
    load,
    async judge(script, shell, folders) {
      const set = load(folders);
      const parse = await grammar().catch((error: unknown): ParseShell | null => {
        log('warn', 'the shell grammar could not be loaded: only plain commands are read', error);
        return null;
      });
      return judgeByRules(readCommand(script, shell, parse), [shell, '-lc', script], set);
    },
    allow(words, outsideSandbox) {
      const text = ruleText(words, outsideSandbox);
      const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (before.split('\n').includes(text.trimEnd())) return;
      mkdirSync(dirname(file), { recursive: true });
      const head = before === '' ? HEAD : before.endsWith('\n') ? '' : '\n';
      // One write at the end of the file: another process that adds a rule at the same time loses nothing.
      appendFileSync(file, `${head}${text}`, { mode: 0o600 });
    },
  };
}

const HEAD = `# Commands that were answered with "always". Edit or delete lines as you like.\n`;

/** Absolute, by name. */
export function rulesFilesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.rules'));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Never throws. */
export function readRules(file: string, isUsers: boolean, home: string): LoadedRules {
  const { text, problem } = readPlainFile(file);
  if (text === null) {
    const message = `it could not be read: ${problem ?? 'it is gone'}`;
    const faults = [{ file, line: 1, message }];
    return { rules: [], executables: new Map(), files: [file], faults, isWhole: false };
  }
  const { faults, ...read } = readRulesFile(text, file, { mayLeave: isUsers, home });
  return { ...read, files: [file], faults: faults.map((fault) => ({ file, ...fault })) };
}

export function joinedRules(all: readonly LoadedRules[]): LoadedRules {
  const executables = new Map<string, readonly string[]>();
  for (const one of all) {
    for (const [name, paths] of one.executables) executables.set(name, [...(executables.get(name) ?? []), ...paths]);
  }
  const isWhole = all.every((one) => one.isWhole);
  const rules = all.flatMap((one) => one.rules);
  return {
    rules: isWhole ? rules : withoutAllows(rules),
    isWhole,
    executables,
    faults: all.flatMap(({ faults }) => faults),
    files: all.flatMap(({ files: names }) => names),
  };
}
