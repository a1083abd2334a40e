/**
 * What the user does with git while reviews are pending, told by content. To stage or commit a hunk is to keep it. Files
 * that a checkout or a stash wrote are reviewed no more, and a notice says so; those that git left alone stay. To discard
 * a file brings its old text back, which the store sees by itself.
 */
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { plain } from '../../host-fs/plain-text.ts';
import { keepTaken } from './hunks-in.ts';
import type { ReviewStore } from './review-store.ts';

const uri = z.custom<vscode.Uri>((value) => value instanceof vscode.Uri);
const listener = z.custom<vscode.Event<unknown>>((value) => typeof value === 'function');
const Change = z.object({ uri });
const State = z.object({
  HEAD: z.optional(z.object({ name: z.optional(z.string()), commit: z.optional(z.string()) })),
  indexChanges: z.array(Change),
});
type State = z.infer<typeof State>;
const Repository = z.object({
  rootUri: uri,
  state: z.object({ onDidChange: listener }),
  show: z.custom<unknown>((value) => typeof value === 'function'),
  getCommit: z.custom<unknown>((value) => typeof value === 'function'),
});
/** As it is called: its methods need their object. */
type Repository = {
  show(ref: string, path: string): Promise<unknown>;
  getCommit(ref: string): Promise<unknown>;
  state: unknown;
};
const Commit = z.object({ hash: z.string(), parents: z.array(z.string()) });
type Commit = z.infer<typeof Commit>;
const INDEX = '';
const STASH = 'refs/stash';
const Api = z.object({
  repositories: z.array(z.unknown()),
  onDidOpenRepository: listener,
  onDidCloseRepository: listener,
});
const Exports = z.object({ getAPI: z.custom<(version: number) => unknown>((value) => typeof value === 'function') });

/** Without the git extension, or with another version of it, nothing of this is seen. */
export async function followGit(store: ReviewStore, keyOf: (uri: vscode.Uri) => string): Promise<vscode.Disposable> {
  const extension = vscode.extensions.getExtension('vscode.git');
  if (!extension) return new vscode.Disposable(() => undefined);
  const exported: unknown = await extension.activate();
  // Called on the exports themselves: what was parsed is a copy, and the method needs its object.
  const api = Exports.safeParse(exported).success
    ? Api.safeParse((exported as z.infer<typeof Exports>).getAPI(1))
    : null;
  if (!api?.success) return new vscode.Disposable(() => undefined);
  const repositories = new Map<unknown, vscode.Disposable>();
  const open = (repository: unknown) => {
    if (!repositories.has(repository)) repositories.set(repository, followRepository(repository, store, keyOf));
  };
  const close = (repository: unknown) => {
    repositories.get(repository)?.dispose();
    repositories.delete(repository);
  };
  for (const repository of api.data.repositories) open(repository);
  const { onDidOpenRepository, onDidCloseRepository } = api.data;
  const subscriptions = [onDidOpenRepository(open), onDidCloseRepository(close)];
  return new vscode.Disposable(() => {
    for (const one of [...subscriptions, ...repositories.values()]) one.dispose();
  });
}

function followRepository(
  repository: unknown,
  store: ReviewStore,
  keyOf: (uri: vscode.Uri) => string,
): vscode.Disposable {
  const parsed = Repository.safeParse(repository);
  if (!parsed.success) return new vscode.Disposable(() => undefined);
  const { rootUri, state } = parsed.data;
  const followed = new FollowedRepository(repository as Repository, rootUri, store, keyOf);
  return vscode.Disposable.from(
    state.onDidChange(() => followed.look()),
    store.onDidChange(() => followed.begin()),
  );
}

class FollowedRepository {
  readonly #repository: Repository;
  readonly #store: ReviewStore;
  readonly #keyOf: (uri: vscode.Uri) => string;
  readonly #isInside: (uri: vscode.Uri) => boolean;
  /** Texts of files that are staged, by key, as they were when last looked at. */
  readonly #staged = new Map<string, string | null>();
  #before: State | null;
  #stash: string | null = null;
  #hasReviews = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(repository: Repository, root: vscode.Uri, store: ReviewStore, keyOf: (uri: vscode.Uri) => string) {
    this.#repository = repository;
    this.#store = store;
    this.#keyOf = keyOf;
    const below = `${keyOf(root).replace(/\/$/, '')}/`;
    this.#isInside = (file) => keyOf(file).startsWith(below);
    this.#before = this.#read();
  }

  /** To be called when reviews change: git is asked only while there are some. */
  begin(): void {
    if (this.#hasReviews || this.#pending().length === 0) return;
    this.#hasReviews = true;
    this.#looking = this.#looking.then(async () => {
      this.#stash = (await this.#commit(STASH))?.hash ?? null;
    });
  }

  look(): void {
    const seen = this.#read();
    if (seen) this.#looking = this.#looking.then(() => this.#compare(seen)).catch(() => undefined);
  }

  async #compare(now: State): Promise<void> {
    const before = this.#before?.HEAD;
    this.#before = now;
    if (!this.#hasReviews) return;
    const isMoved = before !== undefined && (before.commit !== now.HEAD?.commit || before.name !== now.HEAD?.name);
    const stash = await this.#commit(STASH);
    const isStashed = stash !== null && stash.hash !== this.#stash && stash.parents[0] === now.HEAD?.commit;
    // Git may tell of its work before the disk does.
    if (isMoved || isStashed) await Promise.all(this.#pending().map((file) => this.#store.diskChanged(file)));
    const written = this.#store.writtenOutside(this.#isInside);
    const deleted = this.#store.ended.newlyDeleted(this.#isInside);
    const gone: vscode.Uri[] = [];
    const goneFiles: vscode.Uri[] = [];
    if (isMoved || isStashed) {
      for (const file of written) if ((await this.#text('HEAD', file.uri)) === file.text) gone.push(file.uri);
      for (const file of deleted) if ((await this.#text('HEAD', file)) === null) goneFiles.push(file);
    }
    const why = isMoved ? 'another branch or commit was checked out' : 'its changes were stashed';
    this.#store.forgetAll(gone, why);
    this.#store.ended.because(goneFiles, why);
    // A stash is there before the files are as they were; it counts until they are.
    if (!isStashed || gone.length + goneFiles.length > 0) this.#stash = stash?.hash ?? null;
    const head = isMoved ? await this.#commit('HEAD') : null;
    const isCommit = before?.commit !== undefined && head?.parents.includes(before.commit);
    // Where another commit was checked out, nobody staged what the index has now.
    if (!isMoved || isCommit) await this.#keepStaged(this.#pending(), now, before?.commit);
    else this.#staged.clear();
    this.#hasReviews = this.#pending().length > 0;
    if (!this.#hasReviews) this.#staged.clear();
  }

  async #keepStaged(pending: readonly vscode.Uri[], now: State, commit: string | undefined): Promise<void> {
    const changed = new Set(now.indexChanges.map((change) => this.#keyOf(change.uri)));
    for (const file of pending) {
      const key = this.#keyOf(file);
      const isCommitted = commit !== now.HEAD?.commit;
      if (!changed.has(key) && !this.#staged.has(key) && !isCommitted) continue;
      const known = this.#staged.get(key);
      const was = known === undefined && commit ? await this.#text(commit, file) : (known ?? null);
      const is = await this.#text(INDEX, file);
      if (changed.has(key)) this.#staged.set(key, is);
      else this.#staged.delete(key);
      await keepTaken(this.#store, file, { before: was, now: is });
    }
  }

  #pending(): vscode.Uri[] {
    return this.#store.files.map((file) => file.uri).filter(this.#isInside);
  }

  #read(): State | null {
    const now = State.safeParse(this.#repository.state);
    return now.success ? now.data : null;
  }

  /** Null when the file is not in there. */
  async #text(ref: string, { fsPath }: vscode.Uri): Promise<string | null> {
    try {
      const text = await this.#repository.show(ref, fsPath);
      return typeof text === 'string' ? plain(text) : null;
    } catch {
      return null;
    }
  }

  async #commit(ref: string): Promise<Commit | null> {
    try {
      const commit = Commit.safeParse(await this.#repository.getCommit(ref));
      return commit.success ? commit.data : null;
    } catch {
      return null;
    }
  }
}
