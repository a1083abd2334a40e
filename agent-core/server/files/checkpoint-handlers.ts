/** `checkpoint/*`: the files as they were before a turn; shown, and put back where nobody else changed them since. */
import path from 'node:path';
import { applyPlan } from '../../checkpoints/apply.ts';
import { GitError } from '../../checkpoints/git.ts';
import { canOverwrite, type PlannedRestore, partOf, planRestore } from '../../checkpoints/plan.ts';
import type { CheckpointLine, RecordedLine } from '../../checkpoints/records.ts';
import type { CheckpointService } from '../../checkpoints/service.ts';
import { asOpened } from '../../execution/host-uri.ts';
import { realish } from '../../execution/real-paths.ts';
import { decodeText } from '../../execution/text-format.ts';
import type { Log } from '../../ports.ts';
import { AgentError, type Checkpoint, type CheckpointConflict } from '../../protocol/index.ts';
import { unifiedHunks } from '../../tools/unified-diff.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import { checkThreadId, type ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import { dirtyFiles, restoreThrough } from './checkpoint-editor.ts';

type Methods = 'checkpoint/list' | 'checkpoint/preview' | 'checkpoint/restore' | 'checkpoint/readFile';

export type CheckpointHandlerOptions = { threads: ThreadRegistry; service: CheckpointService; log: Log };

const MAX_TEXT = 2 * 1024 * 1024;
const PAGE = 50;
const MAX_PAGE = 200;

const isCheckpoint = (line: RecordedLine): line is CheckpointLine => line.type === 'checkpoint';

function wire(threadId: string, { id, turnId, at, label, notCovered }: CheckpointLine): Checkpoint {
  return { id, threadId, turnId, createdAt: Math.floor(at / 1000), label, notCovered };
}

/** Null for no text; '' for no file. */
function textOf(bytes: Buffer | null, isLink: boolean): string | null {
  if (bytes === null) return '';
  return isLink || bytes.length > MAX_TEXT ? null : (decodeText(bytes)?.text ?? null);
}

function diffOf({ current, target, bytes }: PlannedRestore): string | null {
  const isKnown = current.type === 'file' || current.type === 'none';
  if (!isKnown || (target !== null && bytes === null)) return null;
  const now = current.type === 'file' ? textOf(current.bytes, current.entry.mode === '120000') : '';
  const then = textOf(bytes, target?.mode === '120000');
  return now === null || then === null ? null : unifiedHunks(now, then);
}

/** What git or the disk refuses is told as it is. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new AgentError('storage', `The checkpoint could not be used (${error.message}). No file was changed.`);
  }
}

export function checkpointHandlers({ threads, service, log }: CheckpointHandlerOptions): Pick<Handlers, Methods> {
  const { stores, records } = service;

  const find = async (threadId: string, id: string) => {
    checkThreadId(threadId);
    const lines = await records.read(threadId);
    const checkpoint = lines.filter(isCheckpoint).find((line) => line.id === id);
    if (!checkpoint) {
      const help = 'It may have grown too old; checkpoint/list gives those that are kept';
      throw new AgentError('invalidRequest', `checkpoint not found in thread ${threadId}: ${id}. ${help}`);
    }
    return { lines, checkpoint };
  };

  const planOf = async (thread: LiveThread, id: string) => {
    const { lines, checkpoint } = await find(thread.id, id);
    const dirty = await dirtyFiles(thread, log);
    const plan = await told(() =>
      planRestore(lines, checkpoint, {
        stores,
        maxFileSize: service.config().maxFileSize,
        isDirty: (file) => dirty.has(file),
      }),
    );
    return { checkpoint, plan };
  };

  type Asked = { paths: Set<string> | null; overwrite: Set<string> };

  const restoreFiles = async (
    thread: LiveThread,
    checkpoint: CheckpointLine,
    whole: PlannedRestore[],
    asked: Asked,
  ) => {
    const plan = whole.filter(({ path: file }) => asked.paths === null || asked.paths.has(file));
    const isTaken = (one: PlannedRestore) =>
      one.conflict === null || (asked.overwrite.has(one.path) && canOverwrite(one));
    const conflicts = plan.flatMap((one): CheckpointConflict[] =>
      isTaken(one) || one.conflict === null ? [] : [{ path: one.path, reason: one.conflict }],
    );
    const taken = plan.filter(isTaken);
    if (taken.length === 0) return { restored: [], conflicts, undoId: null };
    const roots = [...new Set(taken.map(({ root }) => root))];
    const label = `Before going back to: ${checkpoint.label ?? 'an earlier checkpoint'}`;
    const undoId = await told(() => service.make(thread.id, roots, label));
    const { done, changed, failed } = await applyPlan(
      taken,
      checkpoint.at,
      service.config().maxFileSize,
      restoreThrough(thread, checkpoint.turnId ?? checkpoint.id),
    );
    if (done.length > 0) await records.append(thread.id, { type: 'left', files: done });
    for (const { path: file, message } of failed) log('warn', `${file} could not be restored`, message);
    for (const file of changed) conflicts.push({ path: file, reason: 'changedByUser' });
    for (const { path: file } of failed) conflicts.push({ path: file, reason: 'notReadable' });
    return { restored: done.map((file) => file.path).sort(), conflicts, undoId: done.length > 0 ? undoId : null };
  };

  const tellModel = (thread: LiveThread, restored: readonly string[]): void => {
    if (restored.length === 0) return;
    const text = `The user put these files back to how they were before; read them again before you change them:\n${restored.join('\n')}`;
    thread.submit({ type: 'tell', tag: 'files_restored', text });
  };

  return {
    async 'checkpoint/list'({ threadId, cursor, limit }) {
      checkThreadId(threadId);
      const all = (await records.read(threadId)).filter(isCheckpoint);
      const query = { all, idOf: ({ id }: CheckpointLine) => id, cursor: cursor ?? null, ascending: false };
      const { data, nextCursor } = pageOf({ ...query, limit: pageSize(limit, PAGE, MAX_PAGE) });
      return { data: data.map((line) => wire(threadId, line)), nextCursor };
    },

    async 'checkpoint/preview'({ threadId, id }) {
      const thread = threads.loaded(threadId);
      const { plan } = await planOf(thread, id);
      return {
        files: plan.map((one) => ({
          path: asOpened(one.path, thread.settings),
          change: one.change,
          diff: diffOf(one),
          conflict: one.conflict,
        })),
      };
    },

    async 'checkpoint/readFile'({ threadId, id, path: file }) {
      const { checkpoint } = await find(threadId, id);
      const real = path.join(realish(path.dirname(path.resolve(file))), path.basename(file));
      const part = partOf(checkpoint.parts, real);
      if (!part) {
        throw new AgentError('invalidParams', `${file} lies in none of the folders of checkpoint ${id}`);
      }
      const [entry = null] = await told(() => stores.entries(part, [real]));
      if (entry === null) return { text: null, isText: !checkpoint.notCovered.includes(real) };
      const [bytes = null] = await told(() => stores.read(part.root, [entry.id]));
      const text = bytes === null ? null : textOf(bytes, entry.mode === '120000');
      return { text, isText: text !== null };
    },

    async 'checkpoint/restore'({ threadId, id, scope, paths, overwrite }, { afterReply }) {
      const thread = threads.loaded(threadId);
      if (thread.activeTurnId !== null) {
        throw new AgentError('invalidRequest', 'a turn is running; interrupt it before going back to a checkpoint');
      }
      const { checkpoint, plan } = await planOf(thread, id);
      const { turnId } = checkpoint;
      if (scope !== 'code' && turnId === null) {
        throw new AgentError(
          'invalidRequest',
          `checkpoint ${id} was made by a restore: it has files only, scope "code"`,
        );
      }
      if (scope !== 'code' && !threads.turnViews(thread).some((turn) => turn.id === turnId)) {
        throw new AgentError('invalidRequest', `turn not found in thread ${threadId}: ${turnId}; use scope "code"`);
      }
      const real = (file: string) => path.join(realish(path.dirname(path.resolve(file))), path.basename(file));
      const asked = { paths: paths ? new Set(paths.map(real)) : null, overwrite: new Set((overwrite ?? []).map(real)) };
      const found =
        scope === 'thread'
          ? { restored: [], conflicts: [], undoId: null }
          : await restoreFiles(thread, checkpoint, plan, asked);
      const shown = (file: string) => asOpened(file, thread.settings);
      const answer = {
        restored: found.restored.map(shown),
        conflicts: found.conflicts.map((one) => ({ ...one, path: shown(one.path) })),
        undoId: found.undoId,
      };
      if (scope === 'code' || turnId === null) {
        tellModel(thread, answer.restored);
        return answer;
      }
      const again = await threads.revert(threadId, turnId);
      afterReply(() => again.broadcast({ method: 'thread/reverted', params: { threadId } }));
      return answer;
    },
  };
}
