/** From a patch or an edit to written files: plan, ask, write, tell. Only the core writes; approvers never do. */

import { dirname } from 'node:path';
import { judgeFileChange, type Verdict } from '../approvals/policy.ts';
import type { FileChangeDecision, TurnSettings, WritePlace } from '../ports.ts';
import type { FileUpdateChange, ThreadItem } from '../protocol/index.ts';
import { settleFile } from './partial-accept.ts';
import { parsePatch } from './patch-parser.ts';
import { type PlannedFile, planPatch, shownDiff } from './patch-plan.ts';
import { rejected, type ToolContext, type ToolOutcome } from './tool.ts';
import { type Noun, type WriteJob, type Written, writeAll } from './write-files.ts';

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
  return propose(plan.files, 'patch', context);
}

/** What an edit makes of a file's text; `null` is a file that does not exist. `remark` is for the model. */
export type Edit = (
  text: string | null,
) => { ok: true; text: string; remark?: string } | { ok: false; problem: string };

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
  const planned: PlannedFile = { path, kind, diff, oldText, newText, baseHash: base?.hash ?? null, target: null };
  const outcome = await propose([planned], 'edit', context);
  const isWritten = outcome.type === 'done' && outcome.success;
  return isWritten && edited.remark ? { ...outcome, text: `${outcome.text}\n${edited.remark}` } : outcome;
}

/** Reads as the settings allow: what may hold secrets is refused. */
const readingAs = (given: ToolContext): ToolContext => {
  const { settings, fs } = given;
  return { ...given, fs: { ...fs, readText: (path: string) => fs.readText(path, settings) } };
};

async function propose(files: PlannedFile[], noun: Noun, context: ToolContext): Promise<ToolOutcome> {
  const { verdict, sessionKeys, places } = await judge(files, context);
  if (verdict.type === 'reject') {
    const { settings, runner, items, itemId } = context;
    const blocked = files.flatMap(({ path }) => runner.blockedEdit(path, settings) ?? []);
    if (settings.editApproval !== 'refuse' && blocked.length > 0) items.blocked(itemId, blocked);
    return rejected(verdict.message);
  }

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
  // Inside of the sandbox its rules are asked again when it is written; beyond it, only what was judged counts.
  const bound = verdict.unsandboxed ? places : new Map<string, WritePlace>();
  return settle(item, files, decision, { settings, context, noun, places: bound, isAsked: verdict.type === 'ask' });
}

/** A person's yes to a file outside of the sandbox opens it for this write only. */
const openSettings = (settings: TurnSettings): TurnSettings => ({
  ...settings,
  sandboxPolicy: { type: 'dangerFullAccess' },
});

type Judged = { verdict: Verdict; sessionKeys: string[]; places: Map<string, WritePlace> };

async function judge(files: PlannedFile[], context: ToolContext): Promise<Judged> {
  const { settings, runner } = context;
  const paths = files.flatMap((file) => (file.target ? [file.path, file.target.path] : [file.path]));
  let beyond: string | null = null;
  let closed: string | null = null;
  const sessionKeys: string[] = [];
  const places = new Map<string, WritePlace>();
  for (const path of paths) {
    const target = runner.realPath(path);
    places.set(path, { folder: runner.realPath(dirname(path)), target });
    const why = runner.whyNotWritable(path, settings);
    beyond ??= why;
    closed ??= runner.whyClosed(path, settings);
    // A yes to a file that may be written is none to it once it may not, nor to what a link of its name leads to later.
    sessionKeys.push(JSON.stringify([target, why !== null]));
  }
  const verdict = judgeFileChange({
    approvalPolicy: settings.approvalPolicy,
    sandboxPolicy: settings.sandboxPolicy,
    editApproval: settings.editApproval,
    beyond,
    closed,
    acceptedForSession: sessionKeys.every((key) => context.approvals.files.has(key)),
  });
  return { verdict, sessionKeys, places };
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
  { settings, context, noun, places, isAsked }: Omit<WriteJob, 'decided'> & { isAsked: boolean },
): Promise<ToolOutcome> {
  const refused = (status: 'declined' | 'failed') => context.items.completed({ ...item, status });
  // An interrupt that came with the answer, or before the write, wins: nothing is written after it.
  if (decision.type === 'cancel' || context.signal.aborted) {
    refused('declined');
    return { type: 'cancelled', text: `The user stopped here. The ${noun} was not applied.` };
  }
  if (decision.type === 'decline') {
    refused('declined');
    return { type: 'done', success: false, text: `The user rejected the ${noun}. No file was changed.` };
  }
  if (decision.type === 'failed') {
    refused('failed');
    return {
      type: 'done',
      success: false,
      text: `The ${noun} could not be approved: the client failed to answer. No file was changed.`,
    };
  }
  const job: WriteJob = { settings, context, noun, places, decided: isAsked };
  if (decision.type === 'acceptPartial') return settlePartly(item, files, decision, job);
  const result = await writeAll(files, job);
  end(item, files, result, context);
  const remarks = result.remarks.length > 0 ? `\n${result.remarks.join('\n')}` : '';
  if (result.failure) return { type: 'done', success: false, text: failureText(files, result, noun) + remarks };
  const summary = files.map(summaryLine).join('\n');
  return { type: 'done', success: true, text: `Success. Updated the following files:\n${summary}${remarks}` };
}

type Partial = Extract<FileChangeDecision, { type: 'acceptPartial' }>;

async function settlePartly(
  item: FileChangeItem,
  files: PlannedFile[],
  decision: Partial,
  job: WriteJob,
): Promise<ToolOutcome> {
  const { context, noun } = job;
  const finals: PlannedFile[] = [];
  const told: string[] = [];
  for (const file of files) {
    const answer = decision.files.find((one) => one.path === file.path);
    const isStale = answer !== undefined && answer.baseHash !== file.baseHash;
    const now = isStale ? await context.fs.readText(file.path) : null;
    const settled = settleFile(file, answer, now?.ok ? now.value : null);
    told.push(settled.told);
    if (settled.final) finals.push(settled.final);
  }
  if (decision.note) told.push(`The user says: ${decision.note}`);
  if (finals.length === 0) {
    context.items.completed({ ...item, status: 'declined' });
    return { type: 'done', success: false, text: `The user kept nothing of the ${noun}.\n${told.join('\n')}` };
  }
  const result = await writeAll(finals, job);
  end(item, finals, result, context);
  const head = `The user accepted the ${noun} in part. What became of it:`;
  const tail = result.failure ? failureText(finals, result, noun) : '';
  const text = [head, ...told, ...result.remarks, ...(tail ? [tail] : [])].join('\n');
  return { type: 'done', success: !result.failure, text };
}

/** The item shows the files as they were written. */
function end(
  item: FileChangeItem,
  files: readonly PlannedFile[],
  { written, failure }: Written,
  context: ToolContext,
): void {
  const changes: FileUpdateChange[] = files.map((file) => {
    const { path, kind, diff } = written.find((one) => one.path === file.path) ?? file;
    return { path, kind, diff };
  });
  context.items.completed({ ...item, changes, status: failure ? 'failed' : 'completed' });
  context.items.diffUpdated(context.diff.text());
}

function failureText(files: readonly PlannedFile[], { written, failure }: Written, noun: Noun): string {
  if (!failure) return '';
  const done = written.map(({ path }) => path);
  const left = files.filter(({ path }) => !done.includes(path) && path !== failure.file.path);
  const lines = [`The ${noun} failed at ${failure.file.path}: ${failure.message}`];
  lines.push(
    written.length > 0 ? `Written before that:\n${written.map(summaryLine).join('\n')}` : 'No file was changed.',
  );
  if (left.length > 0) lines.push(`Not tried:\n${left.map(summaryLine).join('\n')}`);
  if (failure.fresh !== null) lines.push(failure.fresh);
  return lines.join('\n');
}

function summaryLine(file: PlannedFile): string {
  const letter = file.kind.type === 'add' ? 'A' : file.kind.type === 'delete' ? 'D' : 'M';
  return `${letter} ${file.target?.path ?? file.path}`;
}
