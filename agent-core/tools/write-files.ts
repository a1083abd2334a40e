/** Writes what was decided: all or, when one file is not as it was and no merge helps, nothing. */
import type { FileText, FsResult, TurnSettings, WriteOptions, WritePlace, WrittenText } from '../ports.ts';
import { mergeTexts } from './merge-texts.ts';
import { type PlannedFile, shownDiff } from './patch-plan.ts';
import type { ToolContext } from './tool.ts';
import { cutForModel } from './truncate.ts';
import { unifiedHunks } from './unified-diff.ts';

/** What the model calls what it did. */
export type Noun = 'patch' | 'edit';

/** How the files are written; `decided`: the user has seen and accepted them. `places`: where a yes beyond the sandbox leads. */
export type WriteJob = {
  settings: TurnSettings;
  context: ToolContext;
  decided: boolean;
  noun: Noun;
  places: ReadonlyMap<string, WritePlace>;
};

export type Written = {
  /** As they were written in the end. */
  written: PlannedFile[];
  failure: Failure | null;
  /** For the model: what came out otherwise than it wrote. */
  remarks: string[];
};

/** `fresh`: what stands there now, for the model to go on with; null where it says nothing. */
type Failure = { file: PlannedFile; message: string; fresh: string | null };

/** Between our looking and our writing a file can change again, but not for ever. */
const TRIES = 3;
const FRESH_TOKENS = 4000;

/** In order, until one fails; what was written stays, and is in the turn's diff. None when one is not as it was. */
export async function writeAll(files: readonly PlannedFile[], job: WriteJob): Promise<Written> {
  const written: PlannedFile[] = [];
  const remarks: string[] = [];
  let planned = [...files];
  // A person may take long to answer: what changed meanwhile is found before anything is written.
  if (files.length > 1) {
    planned = [];
    for (const file of files) {
      const looked = await lookAgain(file, job);
      if ('failure' in looked) return { written, failure: looked.failure, remarks };
      planned.push(looked.file);
      remarks.push(...looked.remarks);
    }
  }
  for (const file of planned) {
    const result: OneWritten | Failure = job.context.signal.aborted
      ? { file, message: 'the turn was interrupted', fresh: null }
      : await writeWithMerge(file, job);
    if ('message' in result) return { written, failure: result, remarks };
    written.push(result.file);
    remarks.push(...result.remarks);
  }
  return { written, failure: null, remarks };
}

type OneWritten = { file: PlannedFile; remarks: string[] };

/** The file as it is to be written now, when it is not as it was. */
async function lookAgain(file: PlannedFile, job: WriteJob): Promise<OneWritten | { failure: Failure }> {
  const { fs } = job.context;
  if (file.target) {
    const there = await fs.readText(file.target.path);
    const isSame = there.ok ? there.value.hash === file.target.hash : there.reason === 'notFound' && !file.target.hash;
    if (!isSame) return { failure: changedFailure(file, file.target.path, there.ok ? there.value : null, null, job) };
  }
  const now = await fs.readText(file.path);
  if (!now.ok && now.reason !== 'notFound') return { failure: { file, message: now.message, fresh: null } };
  const fresh = now.ok ? now.value : null;
  if ((fresh?.hash ?? null) === file.baseHash) return { file, remarks: [] };
  const rebased = rebase(file, fresh, job);
  return 'message' in rebased ? { failure: rebased } : rebased;
}

async function writeWithMerge(given: PlannedFile, job: WriteJob): Promise<OneWritten | Failure> {
  let file = given;
  const remarks: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const result = await writeOne(file, job);
    if (result.ok) return { file: result.file, remarks: [...remarks, ...result.remarks] };
    if (result.reason !== 'conflict' || result.fresh === undefined || attempt === TRIES) {
      const advice = result.reason === 'conflict' ? ` ${readAgain(job.noun)}` : '';
      return { file, message: result.message + advice, fresh: null };
    }
    const rebased = rebase(file, result.fresh, job);
    if ('message' in rebased) return rebased;
    file = rebased.file;
    remarks.push(...rebased.remarks);
  }
}

const readAgain = (noun: Noun): string => `Read the file again and make a new ${noun}.`;

/** The same change made of what is there now: a three-way merge, or why there is none. */
function rebase(file: PlannedFile, fresh: FileText | null, job: WriteJob): OneWritten | Failure {
  const { path, oldText, newText } = file;
  if (oldText === null || newText === null || fresh === null || file.target?.hash) {
    return changedFailure(file, path, fresh, oldText, job);
  }
  const merged = mergeTexts(oldText, newText, fresh.text);
  if (merged === null) return changedFailure(file, path, fresh, oldText, job);
  const next = { ...file, oldText: fresh.text, newText: merged, baseHash: fresh.hash };
  const theirs = bounded(unifiedHunks(oldText, fresh.text));
  return {
    file: { ...next, diff: shownDiff(file.kind, fresh.text, merged) },
    remarks: [
      `${path} had changed since you saw it; your ${job.noun} was merged with that. What others changed there:\n${theirs}`,
    ],
  };
}

function changedFailure(
  file: PlannedFile,
  path: string,
  fresh: FileText | null,
  known: string | null,
  { noun }: WriteJob,
): Failure {
  if (fresh === null) {
    return {
      file,
      message: known === null ? `${path} has changed since. ${readAgain(noun)}` : `${path} is gone since.`,
      fresh: null,
    };
  }
  const message = known === null ? `${path} exists by now.` : `${path} has changed since.`;
  return {
    file,
    message: `${message} Make a new ${noun} from what is there now.`,
    fresh: freshText(path, fresh.text, known),
  };
}

/** The whole text, or what is new in it where the whole would be long. */
export function freshText(path: string, text: string, known: string | null): string {
  const diff = known === null ? null : unifiedHunks(known, text);
  if (diff !== null && text.length > 4 * FRESH_TOKENS && diff.length < text.length) {
    return `From the text that you knew to what is in ${path} now:\n${bounded(diff)}`;
  }
  return `${path} is now:\n${bounded(text)}`;
}

const bounded = (text: string): string => cutForModel(text.trimEnd(), FRESH_TOKENS);

type Attempt = { ok: true; file: PlannedFile; remarks: string[] } | Extract<FsResult<never>, { ok: false }>;

async function writeOne(file: PlannedFile, job: WriteJob): Promise<Attempt> {
  const { fs, diff, turnId, itemId, signal } = job.context;
  const { settings, decided, places } = job;
  const { path, oldText, newText, baseHash, target } = file;
  const options = (before: string | null, place = path): WriteOptions => ({
    origin: { turnId, itemId, decided, before, signal },
    at: places.get(place),
  });
  if (newText === null) {
    if (baseHash === null) return { ok: true, file, remarks: [] };
    const removed = await fs.remove(path, baseHash, settings, options(oldText));
    if (!removed.ok) return removed;
    diff.changed(path, oldText, null);
    return { ok: true, file, remarks: [] };
  }
  if (!target) {
    // Somebody else did just this meanwhile.
    if (newText === oldText && baseHash !== null) return { ok: true, file, remarks: [] };
    const written = await fs.writeText(path, newText, baseHash, settings, options(oldText));
    if (!written.ok) return written;
    diff.changed(path, oldText, written.value.text);
    return { ok: true, ...asWritten(file, written.value) };
  }
  if (fs.move && target.hash === null && baseHash !== null) {
    const both = { ...options(oldText), targetAt: places.get(target.path) };
    const moved = await fs.move(path, target.path, newText, baseHash, settings, both);
    if (!moved.ok) return ofSource(moved, file, job);
    diff.changed(target.path, null, moved.value.text, path);
    diff.changed(path, oldText, null);
    return { ok: true, ...asWritten(file, moved.value) };
  }
  const place = { like: path, ...options(target.text, target.path) };
  const written = await fs.writeText(target.path, newText, target.hash, settings, place);
  if (!written.ok) return { ok: false, reason: written.reason, message: written.message };
  diff.changed(target.path, target.text, written.value.text, path);
  if (baseHash !== null) {
    const removed = await fs.remove(path, baseHash, settings, options(oldText));
    if (!removed.ok) {
      const message = `${target.path} was written, but ${path} could not be removed: ${removed.message}`;
      return { ok: false, reason: removed.reason === 'conflict' ? 'io' : removed.reason, message };
    }
    diff.changed(path, oldText, null);
  }
  return { ok: true, ...asWritten(file, written.value) };
}

/** What is at the target of a move is nothing to merge with: only the text that moves is. */
async function ofSource(
  { reason, message }: Extract<FsResult<never>, { ok: false }>,
  { path, baseHash }: PlannedFile,
  { context }: WriteJob,
): Promise<Attempt> {
  const now = reason === 'conflict' ? await context.fs.readText(path) : null;
  const isChanged = now?.ok === true && now.value.hash !== baseHash;
  return { ok: false, reason, message, ...(isChanged ? { fresh: now.value } : {}) };
}

/** A formatter of the editor may have had the last word. */
function asWritten(file: PlannedFile, { text, formatterDelta }: WrittenText): OneWritten {
  if (text === file.newText) return { file, remarks: [] };
  const place = file.target?.path ?? file.path;
  const delta = formatterDelta ?? unifiedHunks(file.newText ?? '', text);
  return {
    file: { ...file, newText: text, diff: shownDiff(file.kind, file.oldText, text) },
    remarks: [`formatter changed ${place}:\n${bounded(delta)}`],
  };
}
