/** Which skills are on. (pure) */
import path from 'node:path';
import { SKILL_FILE, type Skill, type SkillRule } from './skill.ts';

/** A rule's path may be that of the folder or of its SKILL.md, and may begin with `~/`. */
function rulePath(rule: string, user: string): string {
  const whole = rule.startsWith('~/') ? path.join(user, rule.slice(2)) : path.normalize(rule);
  return path.basename(whole) === SKILL_FILE ? whole : path.join(whole, SKILL_FILE);
}

/** Skills are on unless a rule says otherwise; a later rule wins. `realPath` resolves links of a rule's path. */
export function applyRules(
  skills: readonly Skill[],
  rules: readonly SkillRule[],
  user: string,
  realPath: (file: string) => string,
): Skill[] {
  const enabled = new Map(skills.map((skill) => [skill.path, true]));
  for (const rule of rules) {
    const at = rule.path === undefined ? null : realPath(rulePath(rule.path, user));
    for (const skill of skills) {
      if (at === null ? skill.name === rule.name?.trim() : skill.path === at) enabled.set(skill.path, rule.enabled);
    }
  }
  return skills.map((skill) => ({ ...skill, enabled: enabled.get(skill.path) ?? true }));
}
