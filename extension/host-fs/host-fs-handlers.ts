/** `host/fs/*`: what the core may do with files through the editor. Limits of the core's own were kept before it asks. */
import * as vscode from 'vscode';
import {
  type HostFsConflict,
  type HostFsReadParams,
  type HostFsReadResponse,
  type HostFsTextEdit,
  type HostFsWriteParams,
  hostFsRefused,
  type ServerRequestAnswer,
} from '../../agent-core/protocol/index.ts';
import type { ServerRequestHandlers } from '../core/core-client.ts';
import type { Refused, WriteResult } from './document-writer.ts';
import { hashOf, lineEnd, plain } from './plain-text.ts';
import type { SaveQuestions } from './save-question.ts';
import { nameOf, notebookOf, type WorkspaceFile } from './workspace-file.ts';
import type { WorkspaceWriter } from './workspace-writer.ts';

type Methods = `host/fs/${'read' | 'write' | 'create' | 'delete' | 'rename' | 'dirty' | 'save'}`;

/** Refusals reject with the protocol's own error, whose message is fit for the model. */
export function hostFsHandlers(
  writer: WorkspaceWriter,
  questions: SaveQuestions,
): Required<Pick<ServerRequestHandlers, Methods>> {
  return {
    'host/fs/read': async ({ uri, range }) => {
      const parsed = parseUri(uri);
      return readAnswer(parsed, await writer.look(parsed), range);
    },
    'host/fs/write': (params) => write(writer, params),
    'host/fs/create': async ({ uri, text, origin }) => {
      const result = accepted(await writer.create(parseUri(uri), { text, origin: origin ?? null }));
      return result.type === 'written' ? { hash: result.hash } : conflictOf(result);
    },
    'host/fs/delete': async ({ uri, baseHash, origin }) => {
      const result = accepted(await writer.delete(parseUri(uri), { baseHash, origin: origin ?? null }));
      return result.type === 'written' ? { deleted: true } : conflictOf(result);
    },
    'host/fs/rename': async ({ uri, newUri, baseHash, origin }) => {
      const request = { newUri: parseUri(newUri), baseHash, origin: origin ?? null };
      const result = accepted(await writer.rename(parseUri(uri), request));
      return result.type === 'written' ? { hash: result.hash } : conflictOf(result);
    },
    'host/fs/dirty': async ({ known }) => {
      const hashes = new Map((known ?? []).map((one) => [one.uri, one.hash]));
      return { data: dirtyBuffers().map((one) => unlessKnown(one, hashes.get(one.uri))) };
    },
    'host/fs/save': async (params) => ({ saved: await questions.ask(params, parseUri) }),
  };
}

async function write(
  writer: WorkspaceWriter,
  { uri: given, text, edits, baseHash, origin }: HostFsWriteParams,
): Promise<ServerRequestAnswer<'host/fs/write'>> {
  const uri = parseUri(given);
  let wanted = text ?? '';
  if (edits) {
    const file = await writer.look(uri);
    if (file.type === 'refused') throw errorOf(file);
    const now = file.type === 'missing' ? null : textOf(file);
    // Lines count only in the text that they were counted in; the writer then tells of the conflict.
    if (now !== null && hashOf(now) === baseHash) wanted = withEdits(now, edits);
  }
  const result = accepted(await writer.write(uri, { text: wanted, baseHash, origin: origin ?? null }));
  if (result.type === 'conflict') return { conflict: true, text: result.text, hash: result.hash };
  return { hash: result.hash, ...(result.formatterDelta ? { formatterDelta: result.formatterDelta } : {}) };
}

function readAnswer(uri: vscode.Uri, file: WorkspaceFile, range: HostFsReadParams['range']): HostFsReadResponse {
  if (file.type === 'refused') throw errorOf(file);
  if (file.type === 'missing') throw hostFsRefused('notFound', `${nameOf(uri)} does not exist.`);
  const text = textOf(file);
  const shown = range
    ? linesOf(text)
        .slice(Math.max(0, range.startLine - 1), range.endLine)
        .join('')
    : text;
  const common = { text: shown, hash: hashOf(text) };
  if (file.type === 'buffer') {
    const { eol, encoding, version } = file.seen.document;
    return { ...common, eol: eol === vscode.EndOfLine.CRLF ? 'crlf' : 'lf', encoding, dirty: true, version };
  }
  const { raw, encoding } = file.content;
  return {
    ...common,
    eol: lineEnd(raw),
    encoding,
    // An open notebook's cells are not in its file before it is saved.
    dirty: notebookOf(uri)?.isDirty ?? false,
    ...(file.seen ? { version: file.seen.version } : {}),
  };
}

type Buffer = { uri: string; hash: string; text: string; version: number };

/**
 * Texts of files of the workspace that are not saved. Notebooks are not among them: they are no texts, and what is
 * written under an open one is refused.
 */
function dirtyBuffers(): Buffer[] {
  const { textDocuments, getWorkspaceFolder, fs } = vscode.workspace;
  return textDocuments
    .filter(
      (one) =>
        one.isDirty &&
        !one.isUntitled &&
        !one.isClosed &&
        fs.isWritableFileSystem(one.uri.scheme) !== undefined &&
        getWorkspaceFolder(one.uri) !== undefined,
    )
    .map((one) => {
      const text = plain(one.getText());
      return { uri: one.uri.toString(), hash: hashOf(text), text, version: one.version };
    });
}

function unlessKnown({ text, ...rest }: Buffer, known: string | undefined) {
  return known === rest.hash ? rest : { ...rest, text };
}

function parseUri(uri: string): vscode.Uri {
  try {
    return vscode.Uri.parse(uri, true);
  } catch {
    throw hostFsRefused('noScheme', `${uri} is not a URI.`);
  }
}

const errorOf = ({ reason, message }: Refused) => hostFsRefused(reason, message);

function accepted(result: WriteResult): Exclude<WriteResult, Refused> {
  if (result.type === 'refused') throw errorOf(result);
  return result;
}

const conflictOf = ({ reason, text, hash }: Extract<WriteResult, { type: 'conflict' }>): HostFsConflict => ({
  conflict: true,
  reason,
  text,
  hash,
});

const textOf = (file: Extract<WorkspaceFile, { type: 'buffer' | 'file' }>) =>
  file.type === 'buffer' ? file.text : file.content.text;

const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

function withEdits(text: string, edits: readonly HostFsTextEdit[]): string {
  const lines = linesOf(text);
  for (const { startLine, endLine, text: put } of [...edits].reverse()) {
    lines.splice(startLine - 1, Math.max(0, endLine - startLine), put);
  }
  return lines.join('');
}
