/** The user's own order of threads, in one file that is written whole. */
import * as z from 'zod/mini';
import { AgentError, type ThreadSection } from '../protocol/index.ts';
import { readJson, writeJson } from './json-file.ts';
import { statOrNull } from './system-error.ts';
import { withLock } from './thread-lock.ts';
import type { ThreadPaths } from './thread-paths.ts';

const sectionFile = z.object({
  sections: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      appearance: z.nullable(
        z.object({ color: z.optional(z.nullable(z.string())), icon: z.optional(z.nullable(z.string())) }),
      ),
    }),
  ),
  /** In the order of each section. */
  members: z.array(z.object({ threadId: z.string(), sectionId: z.string(), enteredAtMs: z.number() })),
});
type SectionFile = z.infer<typeof sectionFile>;

export type Appearance = ThreadSection['appearance'];

export type Sections = {
  list(): ThreadSection[];
  /** Throws for an empty name. */
  create(id: string, name: string, appearance: Appearance): ThreadSection;
  /** `appearance` undefined: as it is. Throws for a section that is not there. */
  update(id: string, name: string, appearance: Appearance | undefined): ThreadSection;
  /** Its threads are in no section then; their ids. */
  remove(id: string): string[];
  /** True when the thread is somewhere else than before. Throws for a section or neighbour that is not there. */
  move(threadId: string, sectionId: string | null, beforeThreadId: string | null): boolean;
  /** Where a thread is. */
  of(threadId: string): { section: ThreadSection; enteredAtMs: number } | null;
  /** A section's threads in its order. Throws for a section that is not there. */
  members(sectionId: string): string[];
  /** The thread is no more. */
  forget(threadId: string): void;
};

type Guard = <T>(action: string, run: () => T) => T;

const missing = (id: string): AgentError => new AgentError('invalidRequest', `thread section not found: ${id}`);

function nameOf(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new AgentError('invalidRequest', 'thread section name must not be empty');
  return trimmed;
}

export function createSections(paths: ThreadPaths, now: () => number, guard: Guard): Sections {
  const read = (): SectionFile => {
    const parsed = sectionFile.safeParse(readJson(paths.sections));
    return parsed.success ? parsed.data : { sections: [], members: [] };
  };
  let seen: { stamp: string; places: Map<string, NonNullable<ReturnType<Sections['of']>>> } | null = null;
  /** Where all threads are. The file is read again only when it was written: a list asks for each of its threads. */
  const places = () => {
    const stat = statOrNull(paths.sections);
    const stamp = stat ? `${stat.size} ${stat.mtimeMs} ${stat.ino}` : '';
    if (seen?.stamp === stamp) return seen.places;
    const file = read();
    const byId = new Map(file.sections.map((section) => [section.id, section]));
    const found = file.members.flatMap(({ threadId, sectionId, enteredAtMs }) => {
      const section = byId.get(sectionId);
      return section ? [[threadId, { section, enteredAtMs }] as const] : [];
    });
    seen = { stamp, places: new Map(found) };
    return seen.places;
  };
  const change = <T>(action: string, edit: (file: SectionFile) => T): T =>
    guard(action, () =>
      withLock(paths.lockFolder, 'sections', now, () => {
        const file = read();
        const before = JSON.stringify(file);
        const result = edit(file);
        if (JSON.stringify(file) !== before) writeJson(paths.sections, file);
        return result;
      }),
    );
  const find = (file: SectionFile, id: string) => {
    const section = file.sections.find((one) => one.id === id);
    if (!section) throw missing(id);
    return section;
  };

  return {
    list: () => guard('read the sections', read).sections,
    create: (id, name, appearance) =>
      change('make the section', (file) => {
        const section = { id, name: nameOf(name), appearance: appearance ?? null };
        file.sections.push(section);
        return section;
      }),
    update: (id, name, appearance) =>
      change('change the section', (file) => {
        const section = find(file, id);
        section.name = nameOf(name);
        if (appearance !== undefined) section.appearance = appearance;
        return section;
      }),
    remove: (id) =>
      change('delete the section', (file) => {
        find(file, id);
        file.sections = file.sections.filter((section) => section.id !== id);
        const left = file.members.filter(({ sectionId }) => sectionId === id).map(({ threadId }) => threadId);
        file.members = file.members.filter(({ sectionId }) => sectionId !== id);
        return left;
      }),
    move: (threadId, sectionId, beforeThreadId) =>
      change('move the thread', (file) => {
        const before = file.members.find((member) => member.threadId === threadId);
        const rest = file.members.filter((member) => member !== before);
        if (sectionId === null) {
          file.members = rest;
          return before !== undefined;
        }
        find(file, sectionId);
        const neighbour = rest.findIndex(
          (member) => member.threadId === beforeThreadId && member.sectionId === sectionId,
        );
        if (beforeThreadId !== null && neighbour < 0) {
          throw new AgentError('invalidRequest', `thread ${beforeThreadId} is not in section ${sectionId}`);
        }
        const stays = before?.sectionId === sectionId;
        const member = { threadId, sectionId, enteredAtMs: stays ? before.enteredAtMs : now() };
        rest.splice(beforeThreadId === null ? rest.length : neighbour, 0, member);
        file.members = rest;
        return !stays;
      }),
    of: (threadId) => guard('read the sections', places).get(threadId) ?? null,
    members(sectionId) {
      const file = guard('read the sections', read);
      find(file, sectionId);
      return file.members.filter((member) => member.sectionId === sectionId).map(({ threadId }) => threadId);
    },
    forget: (threadId) =>
      change('forget the thread', (file) => {
        file.members = file.members.filter((member) => member.threadId !== threadId);
      }),
  };
}
