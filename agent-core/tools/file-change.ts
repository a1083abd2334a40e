/** From a patch or an edit to written files: plan, ask, write, tell. Only the core writes; approvers never do. */

import { whyBeyond } from '../approvals/path-rules.ts';
import { judgeFileChange, type Verdict } from '../approvals/policy.ts';
import type { FileChangeDecision, TurnSettings } from '../ports.ts';
import type { FileUpdateChange, ThreadItem } from '../protocol/index.ts';
import { judgeFinalText } from './partial-accept.ts';
import { parsePatch } from './patch-parser.ts';
import { type PlannedFile, planPatch, shownDiff } from './patch-plan.ts';
import { rejected, type ToolContext, type ToolOutcome } from './tool.ts';

type FileChangeItem = Extract<ThreadItem, { type: 'fileChange' }>;

/** Runs one patch; relative paths start at `cwd`. */
export async function runPatch(patch: string, cwd: string, given: ToolContext): Promise<ToolOutcome> {
  const context = readingAs(given);
  const parsed = parsePatch(patch);
  if (!parsed.ok) return rejected(`apply_patch verification failed: ${parsed.problem}`);
  const plan = await planPatch(parsed.operations, cwd, context.fs);
  if (!plan.ok) return rejected(`apply_patch verification failed: ${plan.problem}`);
  for (const { path, target } of plan.files) {
    // By another spelling, or through a link: what was written would then be removed.
    if (target && (await context.realPath(target.path)) === (await context.realPath(path))) {
      return rejected(`apply_patch verification failed: Failed to move ${path}: ${target.path} is the same file`);
    }
  }
  return propose(plan.files, context);
}

/** What an edit makes of a file's text; `null` is a file that does not exist. */
export type Edit = (text: string | null) => { ok: true; text: string } | { ok: false; problem: string };

/** Changes or makes one file; `path` is absolute. */
export async function runEdit(path: string, edit: Edit, given: ToolContext): Promise<ToolOutcome> {
  const context = readingAs(given);
  const read = await context.fs.readText(path);
  if (!read.ok && read.reason !== 'notFound') return rejected(`${read.message} Nothing was changed.`);
  const base = read.ok ? read.value : null;
  const edited = edit(base?.text ?? null);
  if (!edited.ok) return rejected(`${edited.problem}\nNothing was changed.`);
  if (edited.text === base?.text) return rejected(`${path} has this text already. Nothing was changed.`);
  const kind: FileUpdateChange['kind'] = base ? { type: 'update', move_path: null } : { type: 'add' };
  const [oldText, newText] = [base?.text ?? null, edited.text];
  const diff = shownDiff(kind, oldText, newText);
  return propose([{ path, kind, diff, oldText, newText, baseHash: base?.hash ?? null, target: null }], context);
}

/** Reads as the settings allow: what may hold secrets is refused. */
const readingAs = (given: ToolContext): ToolContext => {
  const { settings, fs } = given;
  return { ...given, fs: { ...fs, readText: (path: string) => fs.readText(path, settings) } };
};

async function propose(files: PlannedFile[], context: ToolContext): Promise<ToolOutcome> {
  const { verdict, sessionKeys } = await judge(files, context);
  if (verdict.type === 'reject') return rejected(verdict.message);

  const item: FileChangeItem = {
    type: 'fileChange',
    id: context.itemId,
    changes: files.map(({ path, kind, diff }) => ({ path, kind, diff })),
    status: 'inProgress',
  };
  context.items.started(item);
  const decision = verdict.type === 'ask' ? await ask(files, verdict, context) : ({ type: 'accept' } as const);
  if (decision.type === 'acceptForSession') for (const key of sessionKeys) context.approvals.files.add(key);
  const settings = verdict.unsandboxed ? openSettings(context.settings) : context.settings;
  return settle(item, files, decision, settings, context);
}

/** A person's yes to a file outside of the sandbox opens it for this write only. */
const openSettings = (settings: TurnSettings): TurnSettings => ({
  ...settings,
  sandboxPolicy: { type: 'dangerFullAccess' },
});

async function judge(files: PlannedFile[], context: ToolContext): Promise<{ verdict: Verdict; sessionKeys: string[] }> {
  const { settings, protectedPaths, realPath } = context;
  const paths = files.flatMap((file) => (file.target ? [file.path, file.target.path] : [file.path]));
  let beyond: string | null = null;
  const sessionKeys: string[] = [];
  for (const path of paths) {
    const why = await whyBeyond(path, { settings, protectedPaths, realPath });
    beyond ??= why;
    // A yes to a file that may be written is none to it once it may not, nor to what a link of its name leads to later.
    sessionKeys.push(JSON.stringify([await realPath(path), why !== null]));
  }
  const verdict = judgeFileChange({
    approvalPolicy: settings.approvalPolicy,
    sandboxPolicy: settings.sandboxPolicy,
    editApproval: settings.editApproval,
    beyond,
    acceptedForSession: sessionKeys.every((key) => context.approvals.files.has(key)),
  });
  return { verdict, sessionKeys };
}

async function ask(files: PlannedFile[], verdict: Extract<Verdict, { type: 'ask' }>, context: ToolContext) {
  const stopWaiting = context.waiting();
  const decision = await context.approver.fileChange(
    {
      turnId: context.turnId,
      itemId: context.itemId,
      changes: files.map(({ target: _, ...file }) => file),
      reason: verdict.reason,
      grantRoot: null,
    },
    context.signal,
  );
  stopWaiting();
  return decision;
}

async function settle(
  item: FileChangeItem,
  files: PlannedFile[],
  decision: FileChangeDecision,
  settings: TurnSettings,
  context: ToolContext,
): Promise<ToolOutcome> {
  const end = (status: 'declined' | 'failed') => context.items.completed({ ...item, status });
  // An interrupt that came with the answer, or before the write, wins: nothing is written after it.
  if (decision.type === 'cancel' || context.signal.aborted) {
    end('declined');
    return { type: 'cancelled', text: 'The user stopped here. The patch was not applied.' };
  }
  if (decision.type === 'decline') {
    end('declined');
    return { type: 'done', success: false, text: 'The user rejected the patch. No file was changed.' };
  }
  if (decision.type === 'failed') {
    end('failed');
    return {
      type: 'done',
      success: false,
      text: 'The patch could not be approved: the client failed to answer. No file was changed.',
    };
  }
  if (decision.type === 'acceptPartial') return settlePartly(item, files, decision, settings, context);
  const result = await writeAll(files, settings, context);
  context.items.completed({ ...item, status: result.failure ? 'failed' : 'completed' });
  context.items.diffUpdated(context.diff.text());
  if (result.failure) return { type: 'done', success: false, text: failureText(files, result) };
  return {
    type: 'done',
    success: true,
    text: `Success. Updated the following files:\n${files.map(summaryLine).join('\n')}`,
  };
}

type Partial = Extract<FileChangeDecision, { type: 'acceptPartial' }>;

async function settlePartly(
  item: FileChangeItem,
  files: PlannedFile[],
  decision: Partial,
  settings: TurnSettings,
  context: ToolContext,
): Promise<ToolOutcome> {
  const finals: PlannedFile[] = [];
  const told: string[] = [];
  for (const file of files) {
    const answer = decision.files.find((one) => one.path === file.path);
    if (!answer) {
      told.push(`${file.path}: rejected, unchanged.`);
      continue;
    }
    if (answer.baseHash !== file.baseHash) {
      told.push(
        `${file.path}: not written, because the answer was given for another version of the file. Read it again.`,
      );
      continue;
    }
    const deletes = file.newText === null;
    if (deletes && answer.finalText !== '') {
      told.push(
        answer.finalText === file.oldText
          ? `${file.path}: not deleted, unchanged.`
          : `${file.path}: kept, with the user's own text.`,
      );
      if (answer.finalText !== file.oldText)
        finals.push(withFinal(file, answer.finalText, { type: 'update', move_path: null }));
      continue;
    }
    told.push(
      deletes
        ? `${file.path}: deleted as proposed.`
        : judgeFinalText(file.path, file.oldText ?? '', file.newText ?? '', answer.finalText).text,
    );
    const unchanged = !deletes && answer.finalText === file.oldText && !file.target;
    if (!unchanged) finals.push(deletes ? file : withFinal(file, answer.finalText, file.kind));
  }
  if (decision.note) told.push(`The user says: ${decision.note}`);
  if (finals.length === 0) {
    context.items.completed({ ...item, status: 'declined' });
    return { type: 'done', success: false, text: `The user kept nothing of the patch.\n${told.join('\n')}` };
  }
  const result = await writeAll(finals, settings, context);
  const changes: FileUpdateChange[] = finals.map(({ path, kind, diff }) => ({ path, kind, diff }));
  context.items.completed({ ...item, changes, status: result.failure ? 'failed' : 'completed' });
  context.items.diffUpdated(context.diff.text());
  const head = 'The user accepted the patch in part. What is in the files now:';
  const tail = result.failure ? `\n${failureText(finals, result)}` : '';
  return { type: 'done', success: !result.failure, text: `${head}\n${told.join('\n')}${tail}` };
}

function withFinal(file: PlannedFile, finalText: string, kind: FileUpdateChange['kind']): PlannedFile {
  return { ...file, kind, newText: finalText, diff: shownDiff(kind, file.oldText, finalText) };
}

type Written = { written: PlannedFile[]; failure: { file: PlannedFile; message: string } | null };

/** In order, until one fails; what was written stays, and is in the turn's diff. None when one is not as it was. */
async function writeAll(files: PlannedFile[], settings: TurnSettings, context: ToolContext): Promise<Written> {
  const written: PlannedFile[] = [];
  // A person may take long to answer: what changed meanwhile is found before anything is written.
  if (files.length > 1) {
    for (const file of files) {
      const changed = await changedSince(file, context);
      if (changed !== null) return { written, failure: { file, message: changed } };
    }
  }
  for (const file of files) {
    const problem = context.signal.aborted ? 'the turn was interrupted' : await writeOne(file, settings, context);
    if (problem !== null) return { written, failure: { file, message: problem } };
    written.push(file);
  }
  return { written, failure: null };
}

async function changedSince({ path, baseHash, target }: PlannedFile, { fs }: ToolContext): Promise<string | null> {
  const places = [{ path, hash: baseHash }, ...(target ? [target] : [])];
  for (const place of places) {
    const now = await fs.readText(place.path);
    const isSame = now.ok ? now.value.hash === place.hash : now.reason === 'notFound' && place.hash === null;
    if (!isSame) return `${place.path} has changed since. Read the file again and make a new patch.`;
  }
  return null;
}

async function writeOne(file: PlannedFile, settings: TurnSettings, context: ToolContext): Promise<string | null> {
  const { fs, diff } = context;
  const { path, oldText, newText, baseHash, target } = file;
  if (newText === null) {
    if (baseHash === null) return null;
    const removed = await fs.remove(path, baseHash, settings);
    if (!removed.ok) return explain(removed);
    diff.changed(path, oldText, null);
    return null;
  }
  const place = target ?? { path, text: oldText, hash: baseHash };
  const written = await fs.writeText(place.path, newText, place.hash, settings, target ? path : undefined);
  if (!written.ok) return explain(written);
  if (!target) {
    diff.changed(path, oldText, newText);
    return null;
  }
  diff.changed(target.path, target.text, newText, path);
  if (baseHash === null) return null;
  const removed = await fs.remove(path, baseHash, settings);
  if (!removed.ok) return `${target.path} was written, but ${path} could not be removed: ${explain(removed)}`;
  diff.changed(path, oldText, null);
  return null;
}

function explain(result: { reason: string; message: string }): string {
  return result.reason === 'conflict' ? `${result.message} Read the file again and make a new patch.` : result.message;
}

function failureText(files: PlannedFile[], { written, failure }: Written): string {
  if (!failure) return '';
  const left = files.filter((file) => !written.includes(file) && file !== failure.file);
  const lines = [`The patch failed at ${failure.file.path}: ${failure.message}`];
  lines.push(
    written.length > 0 ? `Written before that:\n${written.map(summaryLine).join('\n')}` : 'No file was changed.',
  );
  if (left.length > 0) lines.push(`Not tried:\n${left.map(summaryLine).join('\n')}`);
  return lines.join('\n');
}

function summaryLine(file: PlannedFile): string {
  const letter = file.kind.type === 'add' ? 'A' : file.kind.type === 'delete' ? 'D' : 'M';
  return `${letter} ${file.target?.path ?? file.path}`;
}
