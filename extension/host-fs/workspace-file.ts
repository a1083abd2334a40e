/** What is at a URI for the person in front of the editor: unsaved text, a file, or neither. Reads only. */
import * as vscode from 'vscode';
import { PROPOSAL_SCHEME } from '../review/ask-first/proposal-fs.ts';
import { BASE_SCHEME } from '../review/base-provider.ts';
import type { Refused } from './document-writer.ts';
import { decodeFile, type FileText } from './file-encoding.ts';
import { type Seen, settled } from './open-document.ts';
import { plain } from './plain-text.ts';
import { canonicalKey } from './uri-key.ts';

export const MAX_BYTES = 10 * 1024 * 1024;

/**
 * `buffer`: a document that differs from the disk, or has no place there. `file`: the disk's text; a clean document that shows
 * it will follow the disk. `missing`: neither.
 */
export type WorkspaceFile =
  | { type: 'buffer'; seen: Seen; text: string }
  | { type: 'file'; uri: vscode.Uri; seen: Seen | null; bytes: Uint8Array; content: FileText }
  | { type: 'missing' }
  | Refused;

const OWN_SCHEMES: ReadonlySet<string> = new Set([BASE_SCHEME, PROPOSAL_SCHEME]);

export const refused = (reason: Refused['reason'], message: string): Refused => ({ type: 'refused', reason, message });

export const nameOf = (uri: vscode.Uri): string =>
  uri.scheme === 'untitled' ? uri.path : vscode.workspace.asRelativePath(uri);

/** The document of the file, by whatever name it was opened; an unsaved one before a clean one. */
export function documentOf(uri: vscode.Uri): vscode.TextDocument | null {
  const exact = uri.toString();
  const key = canonicalKey(uri);
  const found = vscode.workspace.textDocuments.filter(
    (one) =>
      !one.isClosed && one.uri.scheme === uri.scheme && (one.uri.toString() === exact || canonicalKey(one.uri) === key),
  );
  const named = (one: vscode.TextDocument) => one.uri.toString() === exact;
  return (
    found.find((one) => one.isDirty && named(one)) ??
    found.find((one) => one.isDirty) ??
    found.find(named) ??
    found[0] ??
    null
  );
}

export function notebookOf(uri: vscode.Uri): vscode.NotebookDocument | null {
  const key = canonicalKey(uri);
  const { notebookDocuments } = vscode.workspace;
  return (
    notebookDocuments.find((one) => !one.isClosed && one.uri.scheme === uri.scheme && canonicalKey(one.uri) === key) ??
    null
  );
}

/** Refuses directories, binary files, what is too large, and kinds of URI that the editor has no file system for. */
export async function lookAt(uri: vscode.Uri): Promise<WorkspaceFile> {
  const file = await lookOnce(uri);
  if (file.type !== 'file' || !file.seen) return file;
  const { document, version } = file.seen;
  if (document.version === version && plain(document.getText()) === file.content.text) return file;
  if (document.version === version && !document.isDirty) await settled(document);
  return lookOnce(uri);
}

async function lookOnce(uri: vscode.Uri): Promise<WorkspaceFile> {
  const strange = whyNotHere(uri);
  if (strange) return strange;
  const document = documentOf(uri);
  // Taken before anything is awaited: what is typed from here on makes it another document.
  const seen = document && { document, version: document.version };
  if (seen && (seen.document.isDirty || seen.document.isUntitled)) {
    return { type: 'buffer', seen, text: plain(seen.document.getText()) };
  }
  if (uri.scheme === 'untitled') return { type: 'missing' };
  const at = document?.uri ?? uri;
  try {
    const { type, size } = await vscode.workspace.fs.stat(at);
    if (type & vscode.FileType.Directory) return refused('isDirectory', `${nameOf(uri)} is a folder.`);
    if (size > MAX_BYTES) {
      return refused('tooLarge', `${nameOf(uri)} has ${size} bytes; the editor handles at most ${MAX_BYTES}.`);
    }
    const bytes = await vscode.workspace.fs.readFile(at);
    const content = await decodeFile(bytes, at, document?.encoding);
    if (!content) return refused('binary', `${nameOf(uri)} is a binary file.`);
    return { type: 'file', uri: at, seen, bytes, content };
  } catch (error) {
    return isMissing(error) ? { type: 'missing' } : failure(error, uri);
  }
}

/** Why nothing may be written at `uri`, whatever is there; null when it may. */
export async function whyNotWritable(uri: vscode.Uri): Promise<Refused | null> {
  if (uri.scheme === 'untitled') return null;
  const name = nameOf(uri);
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) {
    return refused('readOnly', `${name} is on a file system that the editor can only read (${uri.scheme}).`);
  }
  if (isSetReadOnly(uri)) {
    return refused('readOnly', `${name} is read-only by the user’s setting files.readonlyInclude.`);
  }
  try {
    const { permissions } = await vscode.workspace.fs.stat(uri);
    return permissions === vscode.FilePermission.Readonly ? refused('readOnly', `${name} is read-only.`) : null;
  } catch {
    return null;
  }
}

/** The refusal for what a file system threw. */
export function failure(error: unknown, uri: vscode.Uri): Refused {
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof vscode.FileSystemError ? error.code : '';
  if (code === 'FileNotFound') return refused('notFound', `${nameOf(uri)} does not exist.`);
  if (code === 'FileIsADirectory') return refused('isDirectory', `${nameOf(uri)} is a folder.`);
  // The second is what making a folder says whose name a file has.
  if (code === 'FileNotADirectory' || code === 'FileExists')
    return refused('notFound', `A folder on the way to ${nameOf(uri)} is a file.`);
  if (code === 'NoPermissions') return refused('readOnly', `${nameOf(uri)} may not be changed: ${why}`);
  return refused('io', `${nameOf(uri)} could not be reached: ${why}`);
}

export const isMissing = (error: unknown): boolean =>
  error instanceof vscode.FileSystemError && (error.code === 'FileNotFound' || error.code === 'FileNotADirectory');

function whyNotHere(uri: vscode.Uri): Refused | null {
  if (OWN_SCHEMES.has(uri.scheme)) return refused('forbidden', `${uri.scheme}: is Gantry’s own and holds no files.`);
  if (uri.scheme === 'untitled' || vscode.workspace.fs.isWritableFileSystem(uri.scheme) !== undefined) return null;
  return refused('noScheme', `The editor has no file system for ${uri.scheme}:.`);
}

/** The editor does not tell which files its settings make read-only; its own matcher is asked, with the document's place alone. */
function isSetReadOnly(uri: vscode.Uri): boolean {
  const files = vscode.workspace.getConfiguration('files', uri);
  const isIn = (patterns: Record<string, unknown> | undefined) =>
    Object.entries(patterns ?? {}).some(([pattern, isOn]) => isOn === true && matches(uri, pattern));
  return isIn(files.get('readonlyInclude')) && !isIn(files.get('readonlyExclude'));
}

function matches(uri: vscode.Uri, pattern: string): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const place = { uri, languageId: '' } as vscode.TextDocument;
  const filters: vscode.DocumentFilter[] = [
    { pattern },
    ...(folder ? [{ pattern: new vscode.RelativePattern(folder, pattern) }] : []),
  ];
  return filters.some((filter) => vscode.languages.match(filter, place) > 0);
}
