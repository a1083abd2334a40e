/** Where a turn takes place. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { TurnSettings } from '../ports.ts';
import type { ReadText } from './agents-md.ts';

const MOST_GIT_BYTES = 64 * 1024;

export type Surroundings = { platform: string; release: string; shell: string; now: Date; timeZone: string };

/** The nearest folder upwards that holds `.git`, with its branch (null: none, or a detached head). */
export async function findGit(
  cwd: string,
  readText: ReadText,
): Promise<{ root: string; branch: string | null } | null> {
  for (let at = cwd; ; at = dirname(at)) {
    const folder = await gitFolder(at, readText);
    const head = folder === null ? null : await readText(join(folder, 'HEAD'), MOST_GIT_BYTES);
    if (head !== null) return { root: at, branch: /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? null };
    if (dirname(at) === at) return null;
  }
}

/** In a work tree `.git` is a file that names the real folder. */
async function gitFolder(at: string, readText: ReadText): Promise<string | null> {
  const path = join(at, '.git');
  const pointer = await readText(path, MOST_GIT_BYTES);
  const target = pointer === null ? null : (/^gitdir: (.+)$/m.exec(pointer)?.[1] ?? null);
  if (target === null) return path;
  return isAbsolute(target) ? target : resolve(at, target);
}

export function environmentText(settings: TurnSettings, around: Surroundings, branch: string | null): string {
  const lines = [`cwd: ${settings.cwd}`];
  const others = settings.roots.filter((root) => root !== settings.cwd);
  if (others.length > 0) lines.push(`workspace folders: ${[settings.cwd, ...others].join(', ')}`);
  lines.push(
    `os: ${around.platform} ${around.release}`,
    `shell: ${around.shell}`,
    `date: ${dateIn(around.now, around.timeZone)} (${around.timeZone})`,
  );
  if (branch !== null) lines.push(`git branch: ${branch}`);
  return `<environment_context>\n${lines.join('\n')}\n</environment_context>`;
}

/** The environment but for the day: when this changes, the model works in another place. */
export const placeOf = (environment: string): string => environment.replace(/^date: .*$/m, '');

/** `2026-03-01`; the day of the week costs nothing and saves a computation. */
function dateIn(now: Date, timeZone: string): string {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    now,
  );
  return `${date}, ${new Intl.DateTimeFormat('en', { timeZone, weekday: 'long' }).format(now)}`;
}
