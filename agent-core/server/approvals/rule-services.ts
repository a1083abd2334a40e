/** Command rules for the threads of a core: where their files are, and who is told of their faults. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RulesFolder } from '../../approvals/command-policy.ts';
import type { Env } from '../../config/index.ts';
import { systemFolders } from '../../config/index.ts';
import { imported, late } from '../../late.ts';
import type { CommandRules, Log } from '../../ports.ts';
import type { ServerNotification } from '../../protocol/index.ts';
import { warningOf } from '../about/status.ts';
import type { Configuration } from '../config/configuration.ts';

export type RuleServicesOptions = {
  configuration: Configuration;
  env: Env;
  user: string;
  log: Log;
  announce: (notification: ServerNotification) => void;
};

/** From the administrator's to the project's; a project's only where it is trusted. */
export function rulesFolders(
  homes: { home: string; readHome: string },
  env: Env,
  cwd: string,
  isTrusted: boolean,
): RulesFolder[] {
  const own = [...systemFolders(env), homes.readHome, homes.home];
  const project = isTrusted
    ? [...new Set([repositoryRoot(cwd), cwd])].flatMap((folder) =>
        ['.gantry', '.codex'].map((name) => path.join(folder, name)),
      )
    : [];
  return [
    ...[...new Set(own)].map((folder) => ({ path: path.join(folder, 'rules'), isUsers: true })),
    ...project
      .filter((folder) => !own.includes(folder))
      .map((folder) => ({ path: path.join(folder, 'rules'), isUsers: false })),
  ];
}

/** Where "always" is written; the reference's own home stays as it is. */
export const ownRulesFile = (home: string): string => path.join(home, 'rules', 'default.rules');

function repositoryRoot(cwd: string): string {
  for (let at = cwd; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return cwd;
  }
}

/** For each thread, given its own overrides of the configuration. */
export type RulesFor = (overrides: () => Record<string, unknown>) => CommandRules & {
  /** Reads the rules that hold in `cwd`, so that their faults are told now and not with the first command. */
  look(cwd: string): void;
};

export function createRuleServices(options: RuleServicesOptions): () => Promise<RulesFor> {
  const { configuration, env, user, log, announce } = options;
  return late(async (): Promise<RulesFor> => {
    const { createCommandPolicy } = await imported(import('../../approvals/command-policy.ts'));
    const policy = createCommandPolicy({
      file: ownRulesFile(configuration.home),
      user,
      log,
      onFaults(faults) {
        for (const { file, line, message } of faults) {
          const said = `${path.basename(file)} line ${line}: ${message}`;
          const problem = { file, line, column: 1, message: said, expected: null, severity: 'warning' } as const;
          announce({ method: 'configWarning', params: warningOf(problem) });
        }
      },
    });
    return (overrides) => {
      const foldersOf = (cwd: string) =>
        rulesFolders(configuration, env, cwd, configuration.load(cwd, overrides()).isTrusted);
      return {
        judge: (script, shell, cwd) => policy.judge(script, shell, foldersOf(cwd)),
        allow: policy.allow,
        look: (cwd) => void policy.load(foldersOf(cwd)),
      };
    };
  });
}
