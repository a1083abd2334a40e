/** The prompt that precedes the user's words, in layers; what changes later is appended, so that caches stay valid. */
import { platform, release } from 'node:os';
import { dirname } from 'node:path';
import type { HistoryItem } from '../models/model-client.ts';
import type { PromptSource, TurnSettings } from '../ports.ts';
import type { UserInput } from '../protocol/index.ts';
import { namedSkills } from '../skills/named-skills.ts';
import type { Skill } from '../skills/skill.ts';
import { skillBodyText, skillListText } from '../skills/skill-text.ts';
import { familyOf } from '../tools/index.ts';
import { FALLBACK_NAMES, type ReadText, readAgents } from './agents-md.ts';
import { baseInstructions, toldFamily, toolInstructions } from './base-instructions.ts';
import { environmentText, findGit, placeOf, type Surroundings } from './environment.ts';
import { permissionText } from './permissions.ts';
import { readTextFile } from './read-text-file.ts';
import { AGENTS_HEAD, NO_AGENTS, NO_SKILLS, type Told, toldIn } from './told.ts';

const DEFAULT_PROJECT_DOC_BYTES = 32 * 1024;

/** What the config says of one folder; read anew for each turn. */
export type PromptConfig = {
  /** Limit of all AGENTS.md files together (`project_doc_max_bytes`). */
  projectDocMaxBytes?: number | undefined;
  /** `project_doc_fallback_filenames`. */
  fallbackNames?: readonly string[] | undefined;
  /** False: the model is not told which skills there are (`skills.include_instructions`); named ones still follow. */
  tellSkills?: boolean | undefined;
  /** False for a project that is not trusted: nothing of it is read. */
  useProject: boolean;
};

export type PromptOptions = {
  /** The agent's home, whose AGENTS.md holds for every project. */
  home: string;
  config?: (cwd: string) => PromptConfig;
  /** Whether a project's file leads to what may hold secrets: a link in a repository must not send them to a provider. */
  isSecret?: (path: string, roots: readonly string[]) => boolean;
  /** The skills of a folder, and the text of one; null when it cannot be read. */
  skills?: { list(cwd: string): Promise<readonly Skill[]>; body(skill: Skill): Promise<string | null> };
  /** The git state and files of the workspace, as one section; null when there is nothing to tell. */
  lookAround?: (settings: TurnSettings, isRepository: boolean) => Promise<string | null>;
  /** Begins with that in the background. */
  lookAhead?: (settings: TurnSettings, isRepository: boolean) => void;
  /** There is no sandbox on this machine. */
  isUnconfined?: () => boolean;
  /** Replaced by tests. */
  readText?: ReadText;
  surroundings?: () => Surroundings;
};

/** Remembers nothing: what was told stands in the history. */
export function createPromptSource(options: PromptOptions): PromptSource {
  const readText = options.readText ?? readTextFile;
  const surroundings = options.surroundings ?? realSurroundings;
  const configOf = options.config ?? ((): PromptConfig => ({ useProject: true }));

  const look = async (settings: TurnSettings): Promise<{ now: Told; isRepository: boolean; useProject: boolean }> => {
    const { cwd } = settings;
    const config = configOf(cwd);
    const { useProject } = config;
    const [git, skills] = await Promise.all([findGit(cwd, readText), options.skills?.list(cwd)]);
    const readPublic: ReadText = async (path, most) => {
      const text = await readText(path, most);
      const isOwn = dirname(path) === options.home;
      return text !== null && !isOwn && options.isSecret?.(path, settings.roots) ? null : text;
    };
    const agents = await readAgents({
      home: options.home,
      cwd,
      gitRoot: git?.root ?? null,
      readText: readPublic,
      maxBytes: config.projectDocMaxBytes ?? DEFAULT_PROJECT_DOC_BYTES,
      fallbackNames: config.fallbackNames ?? FALLBACK_NAMES,
      useProject,
    });
    const now: Told = {
      permissions: permissionText(settings, options.isUnconfined?.()),
      skills: config.tellSkills === false ? null : skillListText(skills ?? []),
      agents: agents === null ? null : agentsText(cwd, agents),
      environment: environmentText(settings, surroundings(), git?.branch ?? null),
    };
    return { now, isRepository: git !== null, useProject };
  };

  const snapshot = async (settings: TurnSettings, { isRepository, useProject }: Awaited<ReturnType<typeof look>>) =>
    useProject ? ((await options.lookAround?.(settings, isRepository)) ?? null) : null;

  return {
    async ahead(settings) {
      if (!configOf(settings.cwd).useProject) return;
      const git = await findGit(settings.cwd, readText);
      options.lookAhead?.(settings, git !== null);
    },
    async initial(settings, model) {
      const seen = await look(settings);
      const { permissions, skills, agents, environment } = seen.now;
      return [
        message('developer', (settings.baseInstructions || baseInstructions(familyOf(model))).trim()),
        message('developer', joined([settings.developerInstructions, skills, permissions])),
        message('user', joined([agents, environment, await snapshot(settings, seen)])),
      ];
    },
    async changes(previous, next, history, model) {
      const before = toldIn(history) ?? (await look(previous)).now;
      const seen = await look(next);
      const { now } = seen;
      const items: HistoryItem[] = [];
      const developer: string[] = [];
      const family = familyOf(model);
      const otherFamily = toldFamily(history);
      if (next.baseInstructions !== previous.baseInstructions) {
        const base = (next.baseInstructions || baseInstructions(family)).trim();
        developer.push(`These instructions take the place of those at the very beginning:\n${base}`);
      } else if (!next.baseInstructions && otherFamily !== null && otherFamily !== family) {
        developer.push(
          `You have other tools now; this takes the place of what was said of them:\n${toolInstructions(family)}`,
        );
      }
      if (next.developerInstructions !== previous.developerInstructions) {
        developer.push(next.developerInstructions || 'The instructions given before by the client no longer hold.');
      }
      if (now.skills !== before.skills) {
        developer.push(`The skills are now these, and no others:\n${now.skills ?? NO_SKILLS}`);
      }
      if (now.permissions !== before.permissions) developer.push(`From now on:\n${now.permissions}`);
      if (developer.length > 0) items.push(message('developer', joined(developer)));
      const project: string[] = [];
      if (now.agents !== before.agents) project.push(now.agents ?? agentsText(next.cwd, NO_AGENTS));
      if (now.environment !== before.environment) {
        project.push(now.environment);
        const isElsewhere = placeOf(now.environment) !== placeOf(before.environment);
        const around = isElsewhere ? await snapshot(next, seen) : null;
        if (around !== null) project.push(around);
      }
      if (project.length > 0) items.push(message('user', joined(project)));
      return items;
    },
    async named(input, settings) {
      if (!options.skills || !input.some(mayName)) return { items: [], problems: [] };
      const { skills, missing } = namedSkills(input, await options.skills.list(settings.cwd));
      const items: HistoryItem[] = [];
      const problems = [...missing];
      for (const skill of skills) {
        const body = await options.skills.body(skill);
        if (body === null) problems.push(`The skill ${skill.name} could not be read: ${skill.path}.`);
        else items.push(message('user', skillBodyText(skill, body)));
      }
      return { items, problems };
    },
  };
}

/** Most input names nothing, and then no folder is searched. */
const mayName = (part: UserInput): boolean =>
  part.type === 'skill' || part.type === 'mention' || (part.type === 'text' && part.text.includes('$'));

const joined = (parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join('\n\n');

const agentsText = (cwd: string, text: string) => `${AGENTS_HEAD}${cwd}\n\n${text}`;

const message = (role: 'developer' | 'user', text: string): HistoryItem => ({
  type: 'message',
  role,
  content: [{ type: 'text', text }],
});

function realSurroundings(): Surroundings {
  return {
    platform: platform(),
    release: release(),
    shell: '/bin/bash',
    now: new Date(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
