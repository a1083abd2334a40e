/** Proposed texts as files in memory (`gantry-proposal:`), so that they open in a real, editable editor. */
import * as vscode from 'vscode';

export const PROPOSAL_SCHEME = 'gantry-proposal';

type Entry = { data: Uint8Array; ctime: number; mtime: number; writable: boolean };

/** The proposal of one file in one approval. The path stays that of the file, for its language and its label. */
export function proposalUri(approvalId: string, file: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: PROPOSAL_SCHEME, authority: approvalId, path: file.path });
}

export class ProposalFileSystem implements vscode.FileSystemProvider {
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  /** Puts a proposal there, or takes a newer one. */
  put(uri: vscode.Uri, text: string, options: { writable: boolean }): void {
    const known = this.#entries.get(uri.toString());
    const now = Date.now();
    this.#entries.set(uri.toString(), {
      data: new TextEncoder().encode(text),
      ctime: known?.ctime ?? now,
      mtime: known ? Math.max(now, known.mtime + 1) : now,
      writable: options.writable,
    });
    this.#changed.fire([{ type: known ? vscode.FileChangeType.Changed : vscode.FileChangeType.Created, uri }]);
  }

  remove(uri: vscode.Uri): void {
    if (this.#entries.delete(uri.toString())) this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  /** The saved text; null when there is no such proposal. What is being typed is in the document, not here. */
  text(uri: vscode.Uri): string | null {
    const entry = this.#entries.get(uri.toString());
    return entry ? new TextDecoder().decode(entry.data) : null;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { data, ctime, mtime, writable } = this.#entry(uri);
    const permissions = writable ? undefined : vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime, mtime, size: data.byteLength, ...(permissions ? { permissions } : {}) };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#entry(uri).data;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const entry = this.#entry(uri);
    if (!entry.writable) throw vscode.FileSystemError.NoPermissions(uri);
    this.#entries.set(uri.toString(), { ...entry, data: content, mtime: Math.max(Date.now(), entry.mtime + 1) });
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  #entry(uri: vscode.Uri): Entry {
    const entry = this.#entries.get(uri.toString());
    if (!entry) throw vscode.FileSystemError.FileNotFound(uri);
    return entry;
  }
}
