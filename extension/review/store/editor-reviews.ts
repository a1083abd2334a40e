/** The store in a real editor: what feeds it, and where it is kept. */
import * as vscode from 'vscode';
import type { FileReviewDecidedParams } from '../../../agent-core/protocol/index.ts';
import type { DocumentWriter } from '../../host-fs/document-writer.ts';
import { plain } from '../../host-fs/plain-text.ts';
import { canonicalKey } from '../../host-fs/uri-key.ts';
import { documentOf } from '../../host-fs/workspace-file.ts';
import { savedText } from '../file-text.ts';
import { Emitter } from './emitter.ts';
import { followGit } from './git-actions.ts';
import { ReviewStore } from './review-store.ts';
import { type Folder, SavedReviews } from './saved-reviews.ts';

export type EditorReviewsOptions = {
  /** The store must be made after the writer: the writer's word on a change comes before the document's. */
  writer: DocumentWriter;
  report(params: FileReviewDecidedParams): void;
  notice(message: string): void;
  /** Null where the editor keeps nothing for the workspace: reviews end with the window then. */
  storage: vscode.Uri | null;
  log: { warn(message: string): void };
};

const IDLE_MS = 400;

export class EditorReviews implements vscode.Disposable {
  readonly store: ReviewStore;
  /** Settles when the reviews of the last window are there. */
  readonly ready: Promise<void>;
  readonly #noticed = new Emitter<string>();
  /** What the user is told: a review ended, or could not be saved. */
  readonly onDidNotice = this.#noticed.event;
  readonly #saved: SavedReviews | null;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #watchers = new Map<string, vscode.Disposable>();
  /** Keys of the files and folders that the editor is renaming. */
  #moving: readonly string[] = [];
  #idle: NodeJS.Timeout | null = null;

  constructor({ writer, report, notice: show, storage, log }: EditorReviewsOptions) {
    const notice = (message: string) => {
      show(message);
      this.#noticed.fire(message);
    };
    this.#saved = storage ? new SavedReviews(folderAt(vscode.Uri.joinPath(storage, 'reviews')), notice) : null;
    this.store = new ReviewStore({
      ...{ writer, report, notice, keyOf: canonicalKey },
      uriOf: (path) => vscode.Uri.file(path),
      parseUri: (uri) => vscode.Uri.parse(uri, true),
      read: async (uri) => {
        const document = documentOf(uri);
        if (document?.isDirty) return { text: plain(document.getText()), isDirty: true };
        const text = await savedText(uri);
        return { text: text === null ? null : plain(text), isDirty: false };
      },
      isMoving: (uri) => this.#isMoving(uri),
      changed: () => this.#changed(),
    });
    this.#follow(writer);
    this.ready = this.#restore().catch((error) => log.warn(`Pending reviews were not loaded: ${String(error)}`));
    followGit(this.store, canonicalKey).then(
      (git) => this.#subscriptions.push(git),
      (error) => log.warn(`Git is not followed: ${String(error)}`),
    );
  }

  dispose(): void {
    // A window in which nothing changed leaves alone what another one of the same folder has saved.
    if (this.#saved?.isDue) void this.save();
    if (this.#idle) clearTimeout(this.#idle);
    for (const one of [...this.#subscriptions, ...this.#watchers.values(), this.store]) one.dispose();
  }

  /** Writes down at once what is pending, for a window that closes. */
  async save(): Promise<void> {
    await this.#saved?.save(this.store.save());
  }

  #follow(writer: DocumentWriter): void {
    const { store } = this;
    this.#subscriptions.push(
      writer.onDidWrite((write) => store.agentWrote(write)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
        if (!isFile(document.uri)) return;
        // That a document is clean again may be told without a change.
        if (!document.isDirty) store.cleaned(document.uri);
        if (contentChanges.length === 0) return;
        store.documentChanged(document.uri, {
          changes: contentChanges.map(({ range: { start, end }, text }) => ({
            range: {
              ...{ startLine: start.line, startCharacter: start.character },
              ...{ endLine: end.line, endCharacter: end.character },
            },
            text,
          })),
          isUndoRedo: reason !== undefined,
          isDirty: document.isDirty,
          lineCount: document.lineCount,
          text: () => plain(document.getText()),
        });
      }),
      vscode.workspace.onWillSaveTextDocument(({ document }) => store.willSave(document.uri)),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        store.saved(uri);
        store.cleaned(uri);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => store.closed(document.uri)),
      vscode.workspace.onWillRenameFiles(({ files }) => {
        this.#moving = files.map(({ oldUri }) => canonicalKey(oldUri));
      }),
      vscode.workspace.onDidRenameFiles(({ files }) => {
        this.#moving = [];
        store.renamed(files.map(({ oldUri, newUri }) => ({ from: oldUri, to: newUri })));
      }),
      store.onDidChange(() => this.#watch()),
    );
  }

  /** Files with something pending are watched, wherever they are; open documents tell of the disk themselves. */
  #watch(): void {
    const wanted = new Map(this.store.files.map(({ uri }) => [uri.toString(), uri]));
    for (const [key, watcher] of this.#watchers) {
      if (wanted.has(key)) continue;
      watcher.dispose();
      this.#watchers.delete(key);
    }
    for (const [key, uri] of wanted) {
      if (this.#watchers.has(key) || uri.scheme === 'untitled') continue;
      const name = uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/[[\]{}*?]/g, '[$&]');
      const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), name);
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const look = () => {
        if (!documentOf(uri)) void this.store.diskChanged(uri);
      };
      const gone = () => void this.store.diskChanged(uri);
      const heard = [watcher.onDidChange(look), watcher.onDidCreate(look), watcher.onDidDelete(gone)];
      this.#watchers.set(key, vscode.Disposable.from(watcher, ...heard));
    }
  }

  /** The disk may tell of the old place being empty before the editor tells of the new one. */
  #isMoving(uri: vscode.Uri): boolean {
    const key = canonicalKey(uri);
    return this.#moving.some((from) => key === from || key.startsWith(`${from}/`));
  }

  #changed(): void {
    this.#saved?.saveSoon(() => this.store.save());
    this.#idle ??= setTimeout(() => {
      this.#idle = null;
      this.store.refine();
    }, IDLE_MS);
  }

  async #restore(): Promise<void> {
    const files = await this.#saved?.load();
    if (files && files.length > 0) await this.store.restore(files);
  }
}

const isFile = ({ scheme }: vscode.Uri): boolean => scheme !== 'output' && scheme !== 'git';

/**
 * A file is written beside its place and moved there. The editor takes the old one away before it moves the new one: a window
 * that ends right then has left the new one beside its place, where it is found.
 */
function folderAt(folder: vscode.Uri): Folder {
  const { fs } = vscode.workspace;
  const at = (name: string) => vscode.Uri.joinPath(folder, name);
  let writes = 0;
  const textAt = async (name: string): Promise<string | null> => {
    try {
      return new TextDecoder().decode(await fs.readFile(at(name)));
    } catch {
      return null;
    }
  };
  return {
    read: async (name) => {
      const text = await textAt(name);
      if (text !== null) return text;
      const names = await fs.readDirectory(folder).then(
        (all) => all.map(([one]) => one),
        () => [],
      );
      const beside = names.filter((one) => one.startsWith(`${name}.`) && one.endsWith('.new'));
      const [left] = beside;
      return left !== undefined && beside.length === 1 ? textAt(left) : null;
    },
    write: async (name, text) => {
      const beside = at(`${name}.${writes++}.new`);
      await fs.createDirectory(folder);
      await fs.writeFile(beside, new TextEncoder().encode(text));
      await fs.rename(beside, at(name), { overwrite: true });
    },
    remove: async (name) => fs.delete(at(name)),
    list: async () => (await fs.readDirectory(folder)).map(([name]) => name),
  };
}
