/** What the prompt of each thread is made from: config, trust and skills of its folder. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { projectTrust } from '../../config/index.ts';
import type { PromptConfig } from '../../context/prompt-source.ts';
import { imported, late } from '../../late.ts';
import type { CommandRunner, PromptSource } from '../../ports.ts';
import type { SkillRule } from '../../skills/skill.ts';
import type { SkillCatalog, SkillConfig } from '../../skills/skill-catalog.ts';
import type { Configuration } from '../config/configuration.ts';
import { gitRootOf } from '../threads/git-info.ts';
import type { ConfigOverrides } from '../threads/live-thread.ts';

export type PromptServicesOptions = {
  configuration: Configuration;
  env: Readonly<Record<string, string | undefined>>;
  /** The user's home. */
  user: string;
};

export type PromptThread = {
  runner: CommandRunner;
  overrides: () => ConfigOverrides;
};

export type PromptServices = {
  skills(): Promise<SkillCatalog>;
  skillConfig(cwd: string, overrides?: ConfigOverrides): SkillConfig;
  /** Writes `[[skills.config]]`. Throws `AgentError('configWrite', …)`. */
  changeSkillRules(change: (rules: readonly SkillRule[]) => SkillRule[]): Promise<void>;
  /** Loads what makes prompts, once. */
  prompts(): Promise<(thread: PromptThread) => PromptSource>;
  /** Skill folders in homes that commands cannot read otherwise: they stay readable. */
  readableFolders(): string[];
};

export function createPromptServices({ configuration, env, user }: PromptServicesOptions): PromptServices {
  const { home, readHome } = configuration;

  const isSecret = late(async () => {
    const { readRefusal } = await imported(import('../../execution/sandbox-settings.ts'));
    const homes = { user, agent: [...new Set([home, readHome])] };
    return (file: string, roots: readonly string[]) => readRefusal(file, homes, roots) !== null;
  });

  const skills = late(async () => {
    const { createSkillCatalog } = await imported(import('../../skills/skill-catalog.ts'));
    return createSkillCatalog({ user, home, readHome, gitRootOf, isSecret: await isSecret() });
  });

  const configOf = (cwd: string, overrides?: ConfigOverrides): { prompt: PromptConfig; skills: SkillConfig } => {
    const { config, isTrusted } = configuration.load(cwd, overrides);
    const root = gitRootOf(cwd);
    // Where nobody has said anything of a folder, its texts are told, as by others; a no of anybody is a no.
    const useProject = isTrusted || projectTrust(config, root === null ? [cwd] : [cwd, root]) === null;
    return {
      prompt: {
        projectDocMaxBytes: config.project_doc_max_bytes,
        fallbackNames: config.project_doc_fallback_filenames,
        tellSkills: config.skills?.include_instructions,
        useProject,
      },
      skills: {
        rules: config.skills?.config ?? [],
        otherAgents: config.skills?.other_agents !== false,
        useProject,
      },
    };
  };

  const skillConfig: PromptServices['skillConfig'] = (cwd, overrides) => configOf(cwd, overrides).skills;

  const prompts = late(async (): Promise<(thread: PromptThread) => PromptSource> => {
    const [{ createPromptSource }, { createSnapshots, snapshotText }, catalog, secret] = await Promise.all([
      imported(import('../../context/prompt-source.ts')),
      imported(import('../../context/workspace-snapshot.ts')),
      skills(),
      isSecret(),
    ]);
    const snapshots = createSnapshots({ env });
    return ({ runner, overrides }) =>
      createPromptSource({
        home: readHome,
        isSecret: secret,
        config: (cwd) => configOf(cwd, overrides()).prompt,
        isUnconfined: () => runner.unconfinedReason !== null,
        skills: {
          list: async (cwd) => (await catalog.list(cwd, skillConfig(cwd, overrides()))).skills,
          body: (skill) => catalog.body(skill),
        },
        lookAround: async (settings, isRepository) =>
          snapshotText(await snapshots.look({ settings, isRepository, runner })),
        lookAhead: (settings, isRepository) => snapshots.ahead({ settings, isRepository, runner }),
      });
  });

  return {
    skills,
    skillConfig,
    async changeSkillRules(change) {
      const { editConfigFile } = await imported(import('../config/edit-config-file.ts'));
      // Of the user's own files, without any project's.
      const { config, writablePath, requirements } = configuration.load(home);
      const value = change((config.skills?.config ?? []).map(({ ...rule }) => rule));
      const edit = { path: ['skills', 'config'], value: value.length > 0 ? value : undefined };
      editConfigFile(writablePath, [edit], requirements);
    },
    prompts,
    readableFolders: () => readableFolders(user, [home, readHome], configOf(home).skills.otherAgents),
  };
}

/** Homes of agents; what else of the user's is secret is never opened for a skill. */
const AGENT_HOMES: readonly string[] = ['.codex', '.claude'];

/** Real paths. A `skills` that is a link out of its home opens nothing. */
function readableFolders(user: string, own: readonly string[], otherAgents: boolean): string[] {
  const others = otherAgents ? AGENT_HOMES.map((name) => path.join(user, name)) : [];
  const found = [...new Set([...own, ...others])].flatMap((home) => {
    try {
      const real = realpathSync(path.join(home, 'skills'));
      return path.dirname(real) === realpathSync(home) ? [real] : [];
    } catch {
      return [];
    }
  });
  return [...new Set(found)];
}
