/** The skills of a folder, as they are on disk now. */
import { realpathSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SkillScope } from '../protocol/index.ts';
import { findSkills } from './find-skills.ts';
import { parseExtras, parseSkill } from './parse-skill.ts';
import type { Skill, SkillProblem, SkillRoot, SkillRule, SkillSet } from './skill.ts';
import { projectRoots, type SkillPlaces, userRoots } from './skill-roots.ts';
import { applyRules } from './skill-rules.ts';

const MOST_SKILL_BYTES = 256 * 1024;
const MOST_EXTRAS_BYTES = 64 * 1024;

/** What the config says for one folder. */
export type SkillConfig = {
  rules: readonly SkillRule[];
  /** Whether `~/.claude/skills` and the like are taken in. */
  otherAgents: boolean;
  /** False for a project that is not trusted: nothing of it is read. */
  useProject: boolean;
};

export type SkillCatalogOptions = Omit<SkillPlaces, 'extra'> & {
  gitRootOf: (cwd: string) => string | null;
  /** Whether a project's file leads to what may hold secrets. */
  isSecret: (file: string, roots: readonly string[]) => boolean;
};

export type SkillCatalog = {
  /** Never throws. What has not changed since the last call is not parsed again, unless `forceReload`. */
  list(cwd: string, config: SkillConfig, forceReload?: boolean): Promise<SkillSet>;
  /** The text of a skill's file, cut at a limit with a word about it; null when it is gone. */
  body(skill: Skill): Promise<string | null>;
  /** Replaces the folders that clients named. */
  setExtraRoots(roots: readonly string[]): void;
  /** All folders that are searched for `cwd`, whether they exist or not. */
  roots(cwd: string, config: SkillConfig): SkillRoot[];
};

type Known = Omit<Skill, 'scope' | 'enabled'>;
type Kept = { stamp: string; skill: Known | null; problems: SkillProblem[] };

export function createSkillCatalog(options: SkillCatalogOptions): SkillCatalog {
  const kept = new Map<string, Kept>();
  let extra: readonly string[] = [];

  const rootsOf = (cwd: string, config: SkillConfig): SkillRoot[] => {
    const own = userRoots({ ...options, extra }, config.otherAgents);
    const project = config.useProject ? projectRoots(cwd, options.gitRootOf(cwd)) : [];
    const foreign = (isForeign: boolean) => [...project, ...own].filter((root) => root.isForeign === isForeign);
    return [...foreign(false), ...foreign(true)];
  };

  const read = async (file: string): Promise<Kept> => {
    const extras = path.join(path.dirname(file), 'agents/openai.yaml');
    const stamp = `${await stampOf(file)} ${await stampOf(extras)}`;
    const before = kept.get(file);
    if (before?.stamp === stamp) return before;
    const now = await parse(file, extras, stamp);
    kept.set(file, now);
    return now;
  };

  return {
    roots: rootsOf,
    setExtraRoots(roots) {
      extra = [...roots];
    },
    async list(cwd, config, forceReload = false) {
      if (forceReload) kept.clear();
      const roots = rootsOf(cwd, config);
      const skills = new Map<string, Skill>();
      const problems = new Map<string, SkillProblem>();
      const names = new Set<string>();
      for (const root of roots) {
        const found = await findSkills(root.path);
        for (const problem of found.problems) problems.set(`${problem.path} ${problem.message}`, problem);
        const top = options.gitRootOf(cwd) ?? cwd;
        for (const file of found.files) {
          if (skills.has(file)) continue;
          if (root.isProject && options.isSecret(file, [top])) {
            problems.set(file, { path: file, message: 'is not read: it may hold keys or tokens' });
            continue;
          }
          const entry = await read(file);
          for (const problem of entry.problems) problems.set(`${problem.path} ${problem.message}`, problem);
          if (!entry.skill || (root.isForeign && names.has(entry.skill.name))) continue;
          names.add(entry.skill.name);
          skills.set(file, { ...entry.skill, scope: root.scope satisfies SkillScope, enabled: true });
        }
      }
      const ruled = applyRules([...skills.values()], config.rules, options.user, realPath);
      return { skills: ruled, problems: [...problems.values()] };
    },
    async body(skill) {
      const content = await readStart(skill.path, MOST_SKILL_BYTES);
      if (content === null) return null;
      return content.isWhole
        ? content.text
        : `${content.text}\n(${skill.path} is cut here: read the rest from the file)`;
    },
  };
}

async function parse(file: string, extrasFile: string, stamp: string): Promise<Kept> {
  const content = await readStart(file, MOST_SKILL_BYTES);
  if (content === null) return { stamp, skill: null, problems: [{ path: file, message: 'cannot be read' }] };
  const head = await parseSkill(content.text, file);
  if (!head.ok) return { stamp, skill: null, problems: [{ path: file, message: head.message }] };
  const skill: Known = { ...head.value, path: file, interface: null, dependencies: null };
  const more = await readStart(extrasFile, MOST_EXTRAS_BYTES);
  if (more === null) return { stamp, skill, problems: [] };
  const extras = await parseExtras(more.text, path.dirname(file));
  if (!extras.ok) return { stamp, skill, problems: [{ path: extrasFile, message: extras.message }] };
  const { implicit, ...shown } = extras.value;
  return { stamp, skill: { ...skill, ...shown, implicit: skill.implicit && implicit !== false }, problems: [] };
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return '-';
  }
}

async function readStart(file: string, most: number): Promise<{ text: string; isWhole: boolean } | null> {
  try {
    // What is no plain file may have no end, or nobody who writes to it.
    if (!(await stat(file)).isFile()) return null;
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(most + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      const isWhole = length <= most;
      const text = buffer.subarray(0, Math.min(length, most)).toString('utf8');
      return { text: isWhole ? text : text.replace(/\uFFFD+$/, ''), isWhole };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
