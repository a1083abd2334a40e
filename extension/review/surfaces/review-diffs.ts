/** What waits, as the editor's own diffs: the baseline on the left, the file itself, editable, on the right. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { type BaseProvider, baselineUri } from '../base-provider.ts';
import { type OpenOptions, openDiff } from '../diff-tabs.ts';
import type { ReviewedFile } from '../store/review-store.ts';
import { plural } from './hunk-text.ts';

const CHANGES = 'vscode.changes';
const ABOUT: Record<ReviewedFile['kind'], string> = {
  update: 'changes to review',
  add: 'new file to review',
  delete: 'deletion to review',
  rename: 'renamed, to review',
};

/** Both sides. One that does not exist is an empty text: the editor shows no diff with a file that is not there. */
function sides(file: ReviewedFile, bases: BaseProvider): { left: vscode.Uri; right: vscode.Uri } {
  const right = file.kind === 'delete' ? bases.put('deleted', file.uri, '') : file.uri;
  return { left: baselineUri(file.uri, 'diff'), right };
}

/** The diff of one file. A deleted one has nothing on the right. */
export async function openReviewDiff(
  file: ReviewedFile,
  bases: BaseProvider,
  options: OpenOptions & { selection?: vscode.Range } = { preserveFocus: false, preview: true },
): Promise<void> {
  const title = `${posix.basename(file.uri.path)} (${ABOUT[file.kind]})`;
  await openDiff({ ...sides(file, bases), title }, options);
}

/**
 * All of them in one editor. Where the editor cannot, a list to choose one diff from after the other. Expects at least
 * one file.
 */
export async function openReviewDiffs(files: readonly ReviewedFile[], bases: BaseProvider): Promise<void> {
  const [only] = files;
  if (only && files.length === 1) return openReviewDiff(only, bases);
  if ((await vscode.commands.getCommands()).includes(CHANGES)) {
    const rows = files.map((file) => {
      const { left, right } = sides(file, bases);
      return [file.uri, left, right];
    });
    await vscode.commands.executeCommand(CHANGES, `Gantry: ${plural(files.length, 'file')} to review`, rows);
    return;
  }
  const picked = await pickFile(files, 'The changes of which file?');
  if (picked) await openReviewDiff(picked, bases);
}

/** Undefined when nothing was chosen. */
export async function pickFile(files: readonly ReviewedFile[], placeHolder: string): Promise<ReviewedFile | undefined> {
  const items = files.map((file) => ({
    label: vscode.workspace.asRelativePath(file.uri),
    description: `${plural(Math.max(1, file.hunks.length), 'change')}`,
    file,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.file;
}
