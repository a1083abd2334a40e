/** The diff of what restoring a checkpoint would do to one file: as it is now against as it would be. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { CheckpointFile } from '../../agent-core/protocol/index.ts';
import type { CoreClient } from '../core/core-client.ts';
import type { BaseProvider } from './base-provider.ts';
import { openDiff } from './diff-tabs.ts';

export type RestoreDiffDeps = { bases: BaseProvider; client: CoreClient };
export type RestoreDiff = { threadId: string; checkpointId: string; file: CheckpointFile };

/** Opens it, or returns a sentence that says why it cannot. */
export async function openRestoreDiff(
  { bases, client }: RestoreDiffDeps,
  { threadId, checkpointId, file }: RestoreDiff,
): Promise<string | null> {
  const { text, isText } = await client.request('checkpoint/readFile', { threadId, id: checkpointId, path: file.path });
  const uri = vscode.Uri.file(file.path);
  const label = vscode.workspace.asRelativePath(uri);
  if (!isText) return `${label} is no text, so its states cannot be compared here.`;
  const left = file.change === 'add' ? bases.put('missing', uri, '') : uri;
  const right = bases.put(`restore-${checkpointId}`, uri, text ?? '');
  await openDiff(
    { left, right, title: `${posix.basename(uri.path)} (now and restored)` },
    { preserveFocus: false, preview: true },
  );
  return null;
}
