/**
 * What the user does with git while reviews are pending: to stage a file is to keep it, another HEAD ends the reviews of the
 * repository. To discard a file brings its old text back, which the store sees by itself.
 */
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ReviewStore } from './review-store.ts';

const uri = z.custom<vscode.Uri>((value) => value instanceof vscode.Uri);
const listener = z.custom<vscode.Event<unknown>>((value) => typeof value === 'function');
const Change = z.object({ uri });
const State = z.object({
  HEAD: z.optional(z.object({ name: z.optional(z.string()), commit: z.optional(z.string()) })),
  indexChanges: z.array(Change),
  workingTreeChanges: z.array(Change),
});
const Repository = z.object({ rootUri: uri, state: z.object({ onDidChange: listener }) });
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
  const read = () => {
    const now = State.safeParse((repository as { state: unknown }).state);
    return now.success ? now.data : null;
  };
  const staged = (now: z.infer<typeof State>) => {
    const unstaged = new Set(now.workingTreeChanges.map((change) => keyOf(change.uri)));
    return new Set(now.indexChanges.map((change) => keyOf(change.uri)).filter((key) => !unstaged.has(key)));
  };
  let before = read();
  let wasStaged = before ? staged(before) : new Set<string>();
  return state.onDidChange(() => {
    if (store.files.length === 0 && !before) return;
    const now = read();
    if (!now) return;
    const isStaged = staged(now);
    const isMoved = before?.HEAD?.commit !== now.HEAD?.commit || before?.HEAD?.name !== now.HEAD?.name;
    if (before?.HEAD && isMoved) {
      // A commit of what was reviewed leaves the rest pending; another branch is another file.
      if (before.HEAD.name !== now.HEAD?.name) store.forgetBelow(rootUri, 'another branch or commit was checked out');
    } else {
      for (const file of store.files)
        if (isStaged.has(keyOf(file.uri)) && !wasStaged.has(keyOf(file.uri))) void store.keepFile(file.uri);
    }
    before = now;
    wasStaged = isStaged;
  });
}
