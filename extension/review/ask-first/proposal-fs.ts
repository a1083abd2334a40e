/** Proposed texts as files in memory (`gantry-proposal:`), so that they open in a real, editable editor. */
import * as vscode from 'vscode';

export const PROPOSAL_SCHEME = 'gantry-proposal';

type Entry = { data: Uint8Array; ctime: number; mtime: number; writable: boolean };

/**
 * How long a proposal can be read that is decided: closing the first tab brings the next one up for a moment, and the editor
 * logs an error for each that finds nothing.
 */
const LINGER_MS = 10_000;

/** The proposal of one file in one approval. The path stays that of the file, for its language and its label. */
export function proposalUri(approvalId: string, file: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: PROPOSAL_SCHEME, authority: approvalId, path: file.path });
}

export class ProposalFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #going = new Map<string, NodeJS.Timeout>();

  dispose(): void {
    for (const timer of this.#going.values()) clearTimeout(timer);
    this.#going.clear();
    this.#changed.dispose();
  }

  /** Puts a proposal there, or takes a newer one. */
  put(uri: vscode.Uri, text: string, options: { writable: boolean }): void {
    this.#stay(uri.toString());
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

  /** It goes after a while. */
  remove(uri: vscode.Uri): void {
    const key = uri.toString();
    if (!this.#entries.has(key) || this.#going.has(key)) return;
    const go = () => {
      this.#going.delete(key);
      if (this.#entries.delete(key)) this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
    };
    this.#going.set(key, setTimeout(go, LINGER_MS));
  }

  #stay(key: string): void {
    clearTimeout(this.#going.get(key));
    this.#going.delete(key);
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
