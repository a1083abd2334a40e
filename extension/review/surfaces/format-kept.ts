/** Formats a file once the last of its changes was kept: until then a formatter would only make more changes to review. */
import * as vscode from 'vscode';
import type { DocumentWriter } from '../../host-fs/document-writer.ts';
import { FULL_BUDGET, lineDiff, splitLines } from '../model/line-diff.ts';

const plain = (text: string): string => text.replaceAll('\r\n', '\n');

/** Null, or a sentence that says why the file was left as it is. A language without a formatter is no problem. */
export async function formatKept(writer: Pick<DocumentWriter, 'apply'>, uri: vscode.Uri): Promise<string | null> {
  const document = await vscode.workspace.openTextDocument(uri);
  const { tabSize, insertSpaces } = indentation(document);
  const edits = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
    'vscode.executeFormatDocumentProvider',
    uri,
    { tabSize, insertSpaces },
  );
  if (!edits?.length) return null;
  const before = plain(document.getText());
  const after = splitLines(plain(withEdits(document, edits)));
  const { changes } = lineDiff(splitLines(before), after, FULL_BUDGET);
  const lines = changes.map(({ baseStart, baseEnd, start, end }) => {
    return { startLine: baseStart, endLine: baseEnd, lines: after.slice(start, end) };
  });
  if (lines.length === 0) return null;
  const result = await writer.apply(uri, lines, before);
  if (result.type === 'written') return null;
  return result.type === 'refused' ? result.message : 'It changed while the formatter was at work.';
}

function indentation(document: vscode.TextDocument): { tabSize: number; insertSpaces: boolean } {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.options;
  const editor = vscode.workspace.getConfiguration('editor', document);
  return {
    tabSize: Number(shown?.tabSize ?? editor.get('tabSize', 4)) || 4,
    insertSpaces: Boolean(shown?.insertSpaces ?? editor.get('insertSpaces', true)),
  };
}

/** The document's text with the edits made; they are apart, in whatever order. */
function withEdits(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): string {
  let text = document.getText();
  const fromTheEnd = edits
    .map((edit) => ({ from: document.offsetAt(edit.range.start), to: document.offsetAt(edit.range.end), edit }))
    .reverse()
    .sort((a, b) => b.from - a.from);
  for (const { from, to, edit } of fromTheEnd) text = text.slice(0, from) + edit.newText + text.slice(to);
  return text;
}
