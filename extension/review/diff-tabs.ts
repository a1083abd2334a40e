/** Opens and closes the native diffs of proposals; closes no tab that is not Gantry's own. */
import * as vscode from 'vscode';
import { PROPOSAL_SCHEME } from './ask-first/proposal-fs.ts';

export type DiffToOpen = { left: vscode.Uri; right: vscode.Uri; title: string };
export type OpenOptions = { preserveFocus: boolean; preview: boolean };

export async function openDiff({ left, right, title }: DiffToOpen, options: OpenOptions): Promise<void> {
  await vscode.commands.executeCommand('vscode.diff', left, right, title, options);
}

/** The proposal that a tab shows, as a diff or by itself. */
export function proposalOfTab(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  const input: unknown = tab?.input;
  const uri =
    input instanceof vscode.TabInputTextDiff
      ? input.modified
      : input instanceof vscode.TabInputText
        ? input.uri
        : undefined;
  return uri?.scheme === PROPOSAL_SCHEME ? uri : undefined;
}

/**
 * Closes the tabs of the proposals that `belongs` picks. A proposal with typing in it is saved first (into memory), so
 * that the editor asks nothing.
 */
export async function closeProposals(belongs: (uri: vscode.Uri) => boolean): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter((tab) => {
    const uri = proposalOfTab(tab);
    return uri !== undefined && belongs(uri);
  });
  if (ours.length === 0) return;
  const dirty = vscode.workspace.textDocuments.filter(
    (document) => document.uri.scheme === PROPOSAL_SCHEME && document.isDirty && belongs(document.uri),
  );
  await Promise.all(dirty.map((document) => document.save()));
  await vscode.window.tabGroups.close(ours, true);
}
