/** What a skill is: a folder with a SKILL.md, whose front matter says what it is good for. (pure) */
import type { SkillDependencies, SkillInterface, SkillScope } from '../protocol/index.ts';

export const SKILL_FILE = 'SKILL.md';

export type Skill = {
  name: string;
  description: string;
  /** From the file itself; that of `interface` goes before it. */
  shortDescription: string | null;
  /** The SKILL.md, absolute and real. */
  path: string;
  scope: SkillScope;
  enabled: boolean;
  /** False: the model is not told of it, and uses it only when the user names it. */
  implicit: boolean;
  interface: SkillInterface | null;
  dependencies: SkillDependencies | null;
};

/** What could not be read, with file and line where that is known; the other skills hold. */
export type SkillProblem = { path: string; message: string };

export type SkillSet = { skills: Skill[]; problems: SkillProblem[] };

/** A folder that is searched for skills. */
export type SkillRoot = {
  path: string;
  scope: SkillScope;
  /** Comes with the project, so nobody vouches for where its links lead. */
  isProject: boolean;
  /** Belongs to another agent: a skill of the same name in a folder of ours stands in its place. */
  isForeign: boolean;
};

/** `[[skills.config]]` of config.toml: by path or by name, never both; a later one wins. */
export type SkillRule = { path?: string | undefined; name?: string | undefined; enabled: boolean };
