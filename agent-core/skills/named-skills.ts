/** Which skills the user named. (pure) */
import type { UserInput } from '../protocol/index.ts';
import { SKILL_FILE, type Skill } from './skill.ts';

/** Variables of a shell, not names of skills. */
const VARIABLES = new Set(['PATH', 'HOME', 'USER', 'SHELL', 'PWD', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'TERM']);

/** `[$name](path)`, or `$name` with what may stand in a name. */
const MENTION = /\[\$([A-Za-z0-9_:-]+)\]\s*\(([^)]+)\)|\$([A-Za-z0-9_:-]+)/g;

const plainPath = (path: string): string => path.trim().replace(/^skill:\/\//, '');

export type NamedSkills = {
  skills: Skill[];
  /** What was chosen by hand and is not there or is off, in words for the user and the model. */
  missing: string[];
};

/**
 * In the order of the input: chosen ones by their path, then those in the text by path or by a name that only one skill
 * has. A word after `$` that is no skill is just a word.
 */
export function namedSkills(input: readonly UserInput[], skills: readonly Skill[]): NamedSkills {
  const on = skills.filter(({ enabled }) => enabled);
  const found = new Set<Skill>();
  const missing: string[] = [];
  const chosen = new Set<string>();
  for (const part of input) {
    const isSkill = part.type === 'skill' || (part.type === 'mention' && isSkillPath(part.path));
    if (!isSkill) continue;
    chosen.add(part.name);
    const path = plainPath(part.path);
    const skill = on.find((one) => one.path === path);
    if (skill) found.add(skill);
    else {
      const isOff = skills.some((one) => one.path === path);
      missing.push(`The skill ${part.name} (${part.path}) ${isOff ? 'is switched off' : 'was not found'}.`);
    }
  }
  for (const part of input) {
    if (part.type !== 'text') continue;
    for (const [, linked, path, plain] of part.text.matchAll(MENTION)) {
      const byPath = path === undefined ? undefined : on.find((one) => one.path === plainPath(path));
      const name = linked ?? plain ?? '';
      const named = on.filter((one) => one.name === name);
      const byName =
        named.length === 1 && !chosen.has(name) && !VARIABLES.has(name.toUpperCase()) ? named[0] : undefined;
      const skill = byPath ?? byName;
      if (skill) found.add(skill);
    }
  }
  return { skills: [...found], missing };
}

const isSkillPath = (path: string): boolean =>
  path.startsWith('skill://') || (path.split(/[\\/]/).at(-1) ?? '').toLowerCase() === SKILL_FILE.toLowerCase();
