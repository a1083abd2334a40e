/** Skills on the wire: listed by folder, switched on and off, and told when their files change. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { late } from '../../late.ts';
import { AgentError, type ServerNotification, type SkillsListEntry } from '../../protocol/index.ts';
import type { Skill, SkillRule } from '../../skills/skill.ts';
import type { ConfigOverrides } from '../threads/live-thread.ts';
import type { PromptServices } from '../turns/prompt-services.ts';
import type { Handlers } from '../wire/connection.ts';

type Methods = 'skills/list' | 'skills/extraRoots/set' | 'skills/config/write';

export type SkillHandlerOptions = {
  prompts: PromptServices;
  /** The core's own folder. */
  cwd: string;
  /** What a client said of a folder when it started a thread there; undefined when nobody did. */
  overridesOf: (cwd: string) => ConfigOverrides | undefined;
  announce: (notification: ServerNotification) => void;
};

function wireSkill({ implicit: _, interface: shown, ...skill }: Skill): SkillsListEntry['skills'][number] {
  return { ...skill, interface: shown, shortDescription: shown?.shortDescription ?? skill.shortDescription };
}

export function skillHandlers(options: SkillHandlerOptions): Pick<Handlers, Methods> {
  const { prompts, cwd: ownFolder, overridesOf, announce } = options;
  const watch = late(async () => {
    const { watchSkills } = await import('../../skills/watch-skills.ts');
    return watchSkills(() => announce({ method: 'skills/changed', params: {} }));
  });

  /** Whoever has asked once wants to know when to ask again. */
  const follow = async (cwd: string): Promise<void> => {
    const [watcher, catalog] = await Promise.all([watch(), prompts.skills()]);
    watcher.add(catalog.roots(cwd, prompts.skillConfig(cwd, overridesOf(cwd))).map((root) => root.path));
  };

  const listIn = async (cwd: string, forceReload: boolean): Promise<SkillsListEntry> => {
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
      return { cwd, skills: [], errors: [{ path: cwd, message: 'is not a folder; pass one that exists' }] };
    }
    await follow(cwd);
    const { skills, problems } = await (await prompts.skills()).list(
      cwd,
      prompts.skillConfig(cwd, overridesOf(cwd)),
      forceReload,
    );
    return { cwd, skills: skills.map(wireSkill), errors: problems };
  };

  return {
    async 'skills/list'(params) {
      const cwds = params.cwds?.length ? params.cwds : [ownFolder];
      const data: SkillsListEntry[] = [];
      // What the first one reads anew holds for the others.
      for (const [index, cwd] of cwds.entries()) {
        data.push(await listIn(path.resolve(ownFolder, cwd), params.forceReload === true && index === 0));
      }
      return { data };
    },

    async 'skills/extraRoots/set'({ extraRoots }, { afterReply }) {
      const wrong = extraRoots.find((root) => !path.isAbsolute(root));
      if (wrong !== undefined) {
        throw new AgentError(
          'invalidRequest',
          `extraRoots takes absolute paths, and ${JSON.stringify(wrong)} is none.`,
        );
      }
      (await prompts.skills()).setExtraRoots(extraRoots.map((root) => path.normalize(root)));
      await follow(ownFolder);
      afterReply(() => announce({ method: 'skills/changed', params: {} }));
      return {};
    },

    async 'skills/config/write'({ enabled, name, path: file }, { afterReply }) {
      const called = name?.trim() ?? '';
      const at = file ?? '';
      if ((called === '') === (at === '')) {
        throw new AgentError('invalidParams', 'skills/config/write takes either a path or a name of a skill.');
      }
      if (at !== '' && !path.isAbsolute(at)) {
        throw new AgentError('invalidParams', `The path of a skill must be absolute: ${at}`);
      }
      const [key, value] = at === '' ? ['name', called] : ['path', at];
      await prompts.changeSkillRules((rules) => {
        const others = rules.filter((rule) => !isRuleOf(rule, key, value));
        // Skills are on without a rule.
        return enabled && !others.some(isOff) ? others : [...others, { [key]: value, enabled }];
      });
      afterReply(() => announce({ method: 'skills/changed', params: {} }));
      return { effectiveEnabled: enabled };
    },
  };
}

const isRuleOf = (rule: SkillRule, key: string, value: string): boolean =>
  (key === 'name' ? rule.name : rule.path) === value;

const isOff = (rule: SkillRule): boolean => !rule.enabled;
