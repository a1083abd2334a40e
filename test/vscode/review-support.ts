/** What the suites about the review of written changes share: an agent that writes, and what then waits. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hashOf, plain } from '../../extension/host-fs/plain-text.ts';
import { file, nextEvent, type Parts, waitFor } from './support.ts';

export const uriOf = (name: string): vscode.Uri => vscode.Uri.file(file(name));
export const bytesOf = async (name: string): Promise<Buffer> =>
  Buffer.from(await vscode.workspace.fs.readFile(uriOf(name)));
export const diskText = async (name: string): Promise<string> => (await bytesOf(name)).toString('utf8');

export async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** Puts files there that no agent wrote; resolves when the editor's documents have heard of it. */
export async function givenFiles(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const uri = uriOf(name);
    await vscode.workspace.fs.writeFile(uri, Buffer.from(content));
    const text = plain(await vscode.workspace.decode(Buffer.from(content), { uri }));
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open)
      await waitFor(() => open.isClosed || plain(open.getText()) === text, { what: `the reloading of ${name}` });
  }
}

const place = (item: string, threadId: string) => ({ threadId, turnId: 'turn', itemId: item, decided: false });

/** The text that the model would see. */
async function seen(uri: vscode.Uri): Promise<string | null> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return plain(open.getText());
  if (!(await exists(uri))) return null;
  return plain(await vscode.workspace.decode(await vscode.workspace.fs.readFile(uri), { uri }));
}

export type Agent = {
  /** Writes the whole text, which is a new file where there is none. */
  write(uri: vscode.Uri, text: string): Promise<void>;
  /** Changes the text that is there. */
  edit(uri: vscode.Uri, change: (text: string) => string): Promise<void>;
  delete(uri: vscode.Uri): Promise<void>;
  rename(uri: vscode.Uri, newUri: vscode.Uri): Promise<void>;
};

/** An agent that writes without asking, in the thread named. */
export function agent(parts: Parts, threadId = 'thread'): Agent {
  let items = 0;
  const origin = () => place(`item-${++items}`, threadId);
  const write = async (uri: vscode.Uri, text: string) => {
    const before = await seen(uri);
    const baseHash = before === null ? null : hashOf(before);
    const result = await parts.writer.write(uri, { text, baseHash, origin: origin() });
    assert.equal(result.type, 'written', JSON.stringify(result));
  };
  const baseHash = async (uri: vscode.Uri) => hashOf((await seen(uri)) ?? '');
  return {
    write,
    edit: async (uri, change) => write(uri, change((await seen(uri)) ?? '')),
    delete: async (uri) => {
      const result = await parts.writer.delete(uri, { baseHash: await baseHash(uri), origin: origin() });
      assert.equal(result.type, 'written', JSON.stringify(result));
    },
    rename: async (uri, newUri) => {
      const result = await parts.writer.rename(uri, { newUri, baseHash: await baseHash(uri), origin: origin() });
      assert.equal(result.type, 'written', JSON.stringify(result));
    },
  };
}

/** What waits in a file: line, old lines, new lines of each hunk. Empty when nothing does. */
export const pendingIn = (parts: Parts, uri: vscode.Uri): [number, string[], string[]][] =>
  (parts.reviews.store.find(uri)?.hunks ?? []).map(({ start, baseLines, lines }) => [
    start,
    [...baseLines],
    [...lines],
  ]);

/** The names of the files that wait, with what was done to them. */
export const pendingFiles = (parts: Parts): string[] =>
  parts.reviews.store.files.map(({ uri, kind }) => `${kind} ${vscode.workspace.asRelativePath(uri)}`).sort();

/** Waits for the review to look like this; the assertion says how it differs. */
export async function untilPending(
  parts: Parts,
  uri: vscode.Uri,
  wanted: [number, string[], string[]][],
): Promise<void> {
  const fits = () => JSON.stringify(pendingIn(parts, uri)) === JSON.stringify(wanted);
  await waitFor(fits, { what: 'the hunks', timeoutMs: 10_000 }).catch(() => {});
  assert.deepEqual(pendingIn(parts, uri), wanted);
}

export async function documentOf(uri: vscode.Uri): Promise<vscode.TextDocument> {
  return vscode.workspace.openTextDocument(uri);
}

/** The person's typing. */
export async function type(uri: vscode.Uri, line: number, character: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(uri, new vscode.Position(line, character), text);
  assert.equal(await vscode.workspace.applyEdit(edit), true);
}

export const hunkId = (parts: Parts, uri: vscode.Uri, index: number): string => {
  const id = parts.reviews.store.find(uri)?.hunks[index]?.id;
  assert.ok(id, `no hunk ${index} waits in ${uri.path}`);
  return id;
};

/** Sets a setting of the workspace for one test; the returned function takes it away again. */
export async function withSetting(name: string, value: unknown): Promise<() => Promise<void>> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration().update(name, value, target);
  return async () => {
    await vscode.workspace.getConfiguration().update(name, undefined, target);
  };
}

/** An editor in a browser saves by itself otherwise. */
export const withoutAutoSave = (): Promise<() => Promise<void>> => withSetting('files.autoSave', 'off');

/** What the review says to a screen reader next. */
export const nextAnnouncement = (parts: Parts): Promise<string> => nextEvent(parts.surfaces.actions.onDidAnnounce);

/** Ends every review and every editor, and removes these files. */
export async function endReviews(parts: Parts, ...names: string[]): Promise<void> {
  await parts.reviews.store.keepAll();
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty) continue;
    await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  for (const name of names)
    await vscode.workspace.fs.delete(uriOf(name), { recursive: true }).then(undefined, () => {});
  assert.deepEqual(parts.reviews.store.files, []);
}

/** The tabs of the window, by what they show. */
export function tabs(): string[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .map(({ input, label }) => {
      if (input instanceof vscode.TabInputText) return `text ${input.uri.scheme} ${label}`;
      if (input instanceof vscode.TabInputTextDiff)
        return `diff ${input.original.scheme} ${input.modified.scheme} ${label}`;
      return `other ${label}`;
    });
}
