/**
 * What the model was last told, read back from its history: the one record that a resume, a fork and a revert keep alike.
 * (pure)
 */
import type { HistoryItem } from '../models/model-client.ts';

/** Each part as it stands in the prompt; null where there is none. */
export type Told = { permissions: string; skills: string | null; agents: string | null; environment: string };

export const AGENTS_HEAD = '# AGENTS.md instructions for ';
export const NO_SKILLS = '<skills>\nThere are none any more.\n</skills>';
export const NO_AGENTS = '(there are none any more; those given before no longer hold)';

/** The last `<tag>` … `</tag>` of a text, with its tags. */
function lastSection(text: string, tag: string): string | null {
  const close = text.lastIndexOf(`\n</${tag}>`);
  const open = close === -1 ? -1 : text.lastIndexOf(`<${tag}>\n`, close);
  return open === -1 ? null : text.slice(open, close + `\n</${tag}>`.length);
}

/** Up to what follows it in the same message. */
function agentsPart(text: string): string | null {
  if (!text.startsWith(AGENTS_HEAD)) return null;
  const next = Math.max(text.lastIndexOf('\n\n<environment_context>\n'), text.lastIndexOf('\n\n<workspace>\n'));
  const environment = text.lastIndexOf('\n\n<environment_context>\n');
  const end = environment === -1 ? next : environment;
  return end === -1 ? text : text.slice(0, end);
}

/** Null when the history holds no prompt of ours. */
export function toldIn(history: readonly HistoryItem[]): Told | null {
  let told: Told | null = null;
  for (const item of history) {
    if (item.type !== 'message' || item.role === 'assistant' || item.content.length !== 1) continue;
    const [part] = item.content;
    if (part?.type !== 'text') continue;
    const { text } = part;
    if (item.role === 'developer') {
      const permissions = lastSection(text, 'permissions');
      const skills = lastSection(text, 'skills');
      if (permissions === null && skills === null) continue;
      told ??= { permissions: '', skills: null, agents: null, environment: '' };
      if (permissions !== null) told.permissions = permissions;
      if (skills !== null) told.skills = skills === NO_SKILLS ? null : skills;
    } else if (told && /^(# AGENTS\.md instructions for |<environment_context>\n)/.test(text)) {
      const agents = agentsPart(text);
      if (agents !== null) told.agents = agents.endsWith(NO_AGENTS) ? null : agents;
      told.environment = lastSection(text, 'environment_context') ?? told.environment;
    }
  }
  return told;
}
