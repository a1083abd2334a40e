/** Asking about code: from the editor's context menu, the palette and the explorer. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import { selectionOf } from '../session/attachments.ts';
import { actionPrompt, type Problem, type SelectionAction } from '../session/selection-prompt.ts';

/** Attaches the selection to the next message and leaves the words to the person. */
export async function askSelection({ attachments, panel, controller }: GantryParts): Promise<void> {
  const editor = editorWithSelection();
  if (!editor) return;
  attachments.addSelection(editor);
  await panel.focus();
  controller.focusComposer();
}

/** Sends at once, with a prompt of our own. */
export async function runSelectionAction({ controller, panel }: GantryParts, action: SelectionAction): Promise<void> {
  const editor = editorWithSelection();
  if (!editor) return;
  const problems = action === 'fix' ? problemsIn(editor) : [];
  const attached = { ...selectionOf(editor), id: 'sent-at-once' };
  await panel.focus();
  await controller.send(actionPrompt(action, problems), [attached]);
}

export async function addFile({ attachments, panel, controller }: GantryParts, uri?: unknown): Promise<void> {
  const file = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (!file) return;
  await attachments.addFile(file);
  await panel.focus();
  controller.focusComposer();
}

function editorWithSelection(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor && !editor.selection.isEmpty) return editor;
  void vscode.window.showInformationMessage('Select the code to ask about first.');
  return undefined;
}

function problemsIn({ document, selection }: vscode.TextEditor): Problem[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(
      ({ range, severity }) =>
        severity <= vscode.DiagnosticSeverity.Warning && selection.intersection(range) !== undefined,
    )
    .map(({ range, message, source }) => ({ line: range.start.line + 1, message, source: source ?? null }));
}
