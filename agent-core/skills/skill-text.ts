/** What the model is told of skills. (pure) */
import type { Skill } from './skill.ts';

/** Bytes for the whole list: about 1,500 tokens, however many skills a user has gathered. */
const SKILL_LIST_BYTES = 6 * 1024;
const LEAST_DESCRIPTION = 40;

const INTRO =
  'Skills are instructions for kinds of work. When a task fits a description, or the user names a skill ($name), read its SKILL.md first and follow it; paths in it are relative to its folder.';

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

function cut(words: string, most: number): string {
  if (words.length <= most) return words;
  const end = words.slice(0, Math.max(0, most - 1)).replace(/[\uD800-\uDBFF]$/, '');
  return `${end.trimEnd()}…`;
}

/**
 * The skills that are on, one a line, within `budget` bytes: descriptions are shortened alike first, then skills at the
 * end of the list are left out with their number said. Null when there is none.
 */
export function skillListText(skills: readonly Skill[], budget = SKILL_LIST_BYTES): string | null {
  const told = skills.filter(({ enabled, implicit }) => enabled && implicit);
  if (told.length === 0) return null;
  const render = (most: number, count: number): string => {
    const lines = told
      .slice(0, count)
      .map(({ name, description, path }) => `- ${name}: ${cut(description, most)} (${path})`);
    if (count < told.length) lines.push(`(${told.length - count} more are left out: there are too many to list)`);
    return `<skills>\n${INTRO}\n${lines.join('\n')}\n</skills>`;
  };
  for (const most of [1024, 512, 256, 160, 100, LEAST_DESCRIPTION]) {
    const text = render(most, told.length);
    if (bytes(text) <= budget) return text;
  }
  let count = told.length - 1;
  while (count > 0 && bytes(render(LEAST_DESCRIPTION, count)) > budget) count -= 1;
  return render(LEAST_DESCRIPTION, count);
}

/** A skill that the user named, whole. */
export const skillBodyText = (skill: Pick<Skill, 'name' | 'path'>, content: string): string =>
  `<skill>\n<name>${skill.name}</name>\n<path>${skill.path}</path>\n${content.trim()}\n</skill>`;
