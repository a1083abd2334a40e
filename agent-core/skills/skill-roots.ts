/** Where skills are looked for. (pure) */
import path from 'node:path';
import type { SkillRoot } from './skill.ts';

export type SkillPlaces = {
  /** The user's home. */
  user: string;
  /** Where Gantry writes, and where config.toml is read: the same but for CODEX_HOME. */
  home: string;
  readHome: string;
  /** Folders that a client named. */
  extra: readonly string[];
};

/** In each folder of a project, from the git root down to the working folder. */
const PROJECT_FOLDERS: readonly string[] = ['.gantry/skills', '.agents/skills', '.codex/skills', '.claude/skills'];

const folder = (at: string, more: Partial<SkillRoot> = {}): SkillRoot => ({
  path: at,
  scope: 'user',
  isProject: false,
  isForeign: false,
  ...more,
});

/** Those that the user keeps for all projects; `otherAgents` takes in the homes of other agents. */
export function userRoots({ user, home, readHome, extra }: SkillPlaces, otherAgents: boolean): SkillRoot[] {
  const roots = [
    ...extra.map((at) => folder(at)),
    folder(path.join(home, 'skills')),
    folder(path.join(readHome, 'skills')),
    folder(path.join(user, '.agents/skills')),
  ];
  if (otherAgents) {
    for (const agent of ['.codex', '.claude']) {
      roots.push(folder(path.join(user, agent, 'skills'), { isForeign: true }));
    }
  }
  return unique(roots);
}

/** Those of a project, the nearest first. */
export function projectRoots(cwd: string, gitRoot: string | null): SkillRoot[] {
  const roots: SkillRoot[] = [];
  const top = gitRoot ?? cwd;
  for (let at = cwd; ; at = path.dirname(at)) {
    for (const name of PROJECT_FOLDERS) {
      const isForeign = name.startsWith('.codex') || name.startsWith('.claude');
      roots.push(folder(path.join(at, name), { scope: 'repo', isProject: true, isForeign }));
    }
    if (at === top || path.dirname(at) === at) break;
  }
  return unique(roots);
}

function unique(roots: readonly SkillRoot[]): SkillRoot[] {
  const seen = new Set<string>();
  return roots.filter(({ path: at }) => !seen.has(at) && seen.add(at));
}
