/** Works a patch out against the files as they are: what each would become. Writes nothing. */
import { resolve } from 'node:path';
import type { ProposedFile, WorkspaceFs } from '../ports.ts';
import type { FileUpdateChange } from '../protocol/index.ts';
import { applyHunks } from './apply-hunks.ts';
import type { PatchOperation } from './patch-parser.ts';
import { unifiedHunks } from './unified-diff.ts';

/** A proposal and, for a move, where it goes; `kind.move_path` and `path` are absolute. */
export type PlannedFile = ProposedFile & { target: { path: string; text: string | null; hash: string | null } | null };

export type PatchPlan = { ok: true; files: PlannedFile[] } | { ok: false; problem: string };

type Draft = {
  path: string;
  base: { text: string; hash: string } | null;
  target: PlannedFile['target'];
  text: string | null;
  added: boolean;
};

/** Operations are taken in order; later ones see what earlier ones did. The files come sorted by path. */
export async function planPatch(
  operations: readonly PatchOperation[],
  cwd: string,
  fs: WorkspaceFs,
): Promise<PatchPlan> {
  const drafts: Draft[] = [];
  for (const operation of operations) {
    const problem = await takeOperation(operation, drafts, cwd, fs);
    if (problem !== null) return { ok: false, problem };
  }
  const files = drafts.filter((draft) => draft.base !== null || draft.text !== null).map(toPlanned);
  if (files.length === 0) return { ok: false, problem: 'No files were modified.' };
  return { ok: true, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function takeOperation(
  operation: PatchOperation,
  drafts: Draft[],
  cwd: string,
  fs: WorkspaceFs,
): Promise<string | null> {
  const path = resolve(cwd, operation.path);
  const opened = await openDraft(path, drafts, fs);
  if (typeof opened === 'string') return opened;
  const draft = opened;
  if (operation.type === 'add') {
    draft.added = true;
    draft.text = operation.text;
    return null;
  }
  if (draft.text === null) {
    const verb = operation.type === 'delete' ? 'delete' : 'update';
    return `Failed to read file to ${verb} ${path}: there is no such file`;
  }
  if (operation.type === 'delete') {
    draft.text = null;
    draft.target = null;
    return null;
  }
  const applied = applyHunks(draft.text, operation.hunks, path);
  if (!applied.ok) return applied.problem;
  draft.text = applied.text;
  return operation.movePath === null ? null : moveDraft(draft, resolve(cwd, operation.movePath), drafts, fs);
}

async function moveDraft(draft: Draft, path: string, drafts: Draft[], fs: WorkspaceFs): Promise<string | null> {
  if (path === placeOf(draft)) return null;
  if (path === draft.path) {
    draft.target = null;
    return null;
  }
  const other = drafts.find((one) => placeOf(one) === path && one.text !== null);
  if (other) return `Failed to move to ${path}: the same patch writes that file`;
  const there = await fs.readText(path);
  if (!there.ok && there.reason !== 'notFound') return `Failed to move to ${path}: ${there.message}`;
  const now = there.ok ? there.value : null;
  draft.target = { path, text: now?.text ?? null, hash: now?.hash ?? null };
  return null;
}

const placeOf = (draft: Draft) => draft.target?.path ?? draft.path;

async function openDraft(path: string, drafts: Draft[], fs: WorkspaceFs): Promise<Draft | string> {
  const known =
    drafts.find((draft) => placeOf(draft) === path && draft.text !== null) ??
    drafts.find((draft) => draft.path === path);
  if (known) return known;
  const read = await fs.readText(path);
  if (!read.ok && read.reason !== 'notFound') return `Failed to read ${path}: ${read.message}`;
  const base = read.ok ? read.value : null;
  const draft: Draft = { path, base, target: null, text: base?.text ?? null, added: false };
  drafts.push(draft);
  return draft;
}

function toPlanned(draft: Draft): PlannedFile {
  const { path, target, text: newText } = draft;
  const oldText = draft.base?.text ?? null;
  const kind: FileUpdateChange['kind'] =
    newText === null
      ? { type: 'delete' }
      : oldText === null || (draft.added && !target)
        ? { type: 'add' }
        : { type: 'update', move_path: target?.path ?? null };
  const diff = shownDiff(kind, oldText, newText);
  return { path, kind, diff, oldText, newText, baseHash: draft.base?.hash ?? null, target };
}

/** The `diff` of a change on the wire: the raw text of an added or deleted file, else hunks. */
export function shownDiff(kind: FileUpdateChange['kind'], oldText: string | null, newText: string | null): string {
  if (kind.type === 'add') return newText ?? '';
  if (kind.type === 'delete') return oldText ?? '';
  const hunks = unifiedHunks(oldText ?? '', newText ?? '');
  return kind.move_path ? `${hunks}\n\nMoved to: ${kind.move_path}` : hunks;
}
