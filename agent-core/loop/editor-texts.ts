/** What the model is told of the user's hands in its files: decisions on its changes, and texts that are not saved. */
import type { HistoryItem } from '../models/model-client.ts';
import type { FsResult, TurnSettings, UnsavedFile, WorkspaceFs } from '../ports.ts';
import {
  type AgentChange,
  DECISIONS_TAG,
  decisionText,
  type ReviewDecision,
  shownDiff,
  UNSAVED_TAG,
  unsavedText,
} from './editor-words.ts';
import { note } from './history.ts';

export type EditorTexts = {
  /** A tool of the agent's changed a file. */
  wrote(path: string, before: string | null, after: string | null): void;
  decided(decision: ReviewDecision): void;
  /** For the model's next call; each thing once. Takes little time, whatever the editor does. */
  takeNotes(from: Pick<ThreadFiles, 'fs' | 'settings' | 'history'>): Promise<HistoryItem[]>;
  /** Decisions alone, for a thread that is closed. */
  takeDecisions(from: Pick<ThreadFiles, 'fs' | 'settings'>): Promise<HistoryItem[]>;
  /** The model has lost what it was told. */
  forget(): void;
};

type ThreadFiles = { fs: WorkspaceFs; settings: TurnSettings; history: () => readonly HistoryItem[] };

/** Files of the agent whose texts are kept in mind. */
const MOST_CHANGES = 100;
/** Of an editor that does not answer. */
const READ_LIMIT_MS = 2_000;

/** `onTold` hears which text of a file the model knows of from now on. */
export function createEditorTexts(onTold: (path: string, text: string) => void): EditorTexts {
  const changes = new Map<string, AgentChange>();
  const decisions = new Map<string, ReviewDecision[]>();
  /** Unsaved texts that the model knows, by path. */
  const told = new Map<string, string>();

  const takeDecided = async (
    { fs, settings }: Pick<ThreadFiles, 'fs' | 'settings'>,
    unsaved: ReadonlyMap<string, UnsavedFile>,
  ): Promise<{ items: HistoryItem[]; paths: Set<string> }> => {
    const taken = [...decisions];
    decisions.clear();
    const paths = new Set<string>();
    const texts = await Promise.all(taken.map(([path]) => unsaved.get(path)?.text ?? textNow(fs, path, settings)));
    const sections = taken.map(([path, list], index) => {
      const now = texts[index];
      const change = changes.get(path) ?? null;
      if (now !== undefined) {
        paths.add(path);
        if (now !== null) onTold(path, now);
        if (list.at(-1)?.pendingCount) changes.set(path, { before: change?.before ?? null, after: now });
        else changes.delete(path);
      }
      return decisionText(path, list, change, now);
    });
    return { items: sections.length > 0 ? [note(DECISIONS_TAG, sections.join('\n'))] : [], paths };
  };

  /** `fresh`: told just now, by a decision. */
  const takeUnsaved = async (
    { fs, settings, history }: ThreadFiles,
    unsaved: ReadonlyMap<string, UnsavedFile>,
    fresh: ReadonlySet<string>,
  ): Promise<HistoryItem[]> => {
    const { buffers } = fs;
    if (!buffers) return [];
    const sections: string[] = [];
    for (const { path, text } of unsaved.values()) {
      const known = told.get(path);
      told.set(path, text);
      onTold(path, text);
      if (known === text || (known !== undefined && fresh.has(path))) continue;
      if (known !== undefined) {
        sections.push(`${path}, since you were last told:\n${shownDiff(known, text)}`);
        continue;
      }
      const disk = await buffers.onDisk(path, settings);
      const section = sectionOf(path, textOf(disk), text, fresh.has(path));
      // A thread that is taken up again was told in an earlier life.
      if (section !== null && lastSaid(history(), path) !== section) sections.push(section);
    }
    for (const [path, known] of told) {
      if (unsaved.has(path)) continue;
      told.delete(path);
      const disk = textOf(await buffers.onDisk(path, settings));
      if (typeof disk === 'string') onTold(path, disk);
      if (disk === known) sections.push(`${path} is saved now, as you know it.`);
      else if (disk === null) sections.push(`${path} is closed, and there is no such file on the disk.`);
      else if (disk === undefined) sections.push(`${path} has no unsaved changes any more.`);
      else if (fresh.has(path)) sections.push(`${path} is saved now.`);
      else {
        const diff = shownDiff(known, disk);
        sections.push(
          `${path} has no unsaved changes any more. From what you were told to what is there now:\n${diff}`,
        );
      }
    }
    return sections.length > 0 ? [note(UNSAVED_TAG, unsavedText(sections))] : [];
  };

  return {
    wrote(path, before, after) {
      const first = changes.get(path);
      changes.delete(path);
      changes.set(path, { before: first ? first.before : before, after });
      const [oldest] = changes.keys();
      if (changes.size > MOST_CHANGES && oldest !== undefined) changes.delete(oldest);
      if (told.has(path) && after !== null) told.set(path, after);
    },
    decided(decision) {
      const list = decisions.get(decision.path);
      if (list) list.push(decision);
      else decisions.set(decision.path, [decision]);
    },
    async takeNotes(from) {
      const now = from.fs.buffers ? await from.fs.buffers.unsaved(from.settings) : null;
      const unsaved = new Map((now ?? []).map((file) => [file.path, file]));
      const { items, paths } = await takeDecided(from, unsaved);
      return now === null ? items : [...items, ...(await takeUnsaved(from, unsaved, paths))];
    },
    async takeDecisions(from) {
      return (await takeDecided(from, new Map())).items;
    },
    forget: () => told.clear(),
  };
}

/** Null when there is nothing to say. */
function sectionOf(path: string, disk: string | null | undefined, text: string, isFresh: boolean): string | null {
  if (disk === text) return null;
  if (isFresh) return `${path} is not saved: commands see an older text.`;
  if (disk === undefined) return `${path} is not saved.`;
  return `${path}, from the disk to the editor:\n${shownDiff(disk ?? '', text)}`;
}

/** Undefined: it cannot be read. */
const textOf = (read: FsResult<{ text: string }>): string | null | undefined =>
  read.ok ? read.value.text : read.reason === 'notFound' ? null : undefined;

async function textNow(fs: WorkspaceFs, path: string, settings: TurnSettings): Promise<string | null | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, READ_LIMIT_MS, undefined);
  });
  const read = await Promise.race([fs.readText(path, settings).then(textOf), limit]);
  clearTimeout(timer);
  return read;
}

/** What the model was last told of an unsaved file, as a section of a note. */
function lastSaid(history: readonly HistoryItem[], path: string): string | null {
  const texts = history.flatMap((item) =>
    item.type === 'message' && item.role === 'user'
      ? item.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      : [],
  );
  const last = texts.findLast((text) => text.startsWith(`<${UNSAVED_TAG}>`) && text.includes(`\n${path}`));
  if (last === undefined) return null;
  const start = last.indexOf(`\n${path}`) + 1;
  const end = last.slice(start).search(/\n(?=\/|[A-Za-z]:\\|<\/)/);
  return end < 0 ? last.slice(start) : last.slice(start, start + end);
}
