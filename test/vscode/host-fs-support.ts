/** What the suites of the host file system share: the running extension's writer and handlers, and files of one test. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { HostFsReadResponse } from '../../agent-core/protocol/index.ts';
import type { AgentWrite } from '../../extension/host-fs/document-writer.ts';
import { hostFsHandlers } from '../../extension/host-fs/host-fs-handlers.ts';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { file, gantry, type Parts } from './support.ts';

type Handlers = ReturnType<typeof hostFsHandlers>;

const { workspace, window, commands } = vscode;
export const origin = { threadId: 't', turnId: 'u', itemId: 'i', decided: false };
export const context = { requestId: null };
export const uriOf = (name: string) => vscode.Uri.file(file(name));
export const bytesOf = (name: string) => readFile(file(name));

export const set = (name: string, value: unknown) =>
  workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);

export const refusal = (reason: string, message: RegExp) => (error: unknown) => {
  const { code, data } = error as { code: string; data: unknown };
  assert.deepEqual({ code, data }, { code: 'hostFs', data: { reason } });
  assert.match((error as Error).message, message);
  return true;
};

/** Puts this into the text without saving it, at its beginning. */
export async function type(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), text);
  assert.equal(await workspace.applyEdit(edit), true);
}

/** Gives the surrounding `describe` block a folder per test; call it once at the block's top. Auto save is off. */
export function useHostFiles() {
  let running: { parts: Parts; host: Handlers } | undefined;
  // No two tests share a file: the editor keeps documents for a while after their tabs are closed.
  let own = '';
  let count = 0;
  const writes: AgentWrite[] = [];
  const subscriptions: vscode.Disposable[] = [];
  let listening: vscode.Disposable | undefined;

  before(async () => {
    const parts = await gantry();
    running = { parts, host: hostFsHandlers(parts.writer, parts.saveQuestions) };
    listening = parts.writer.onDidWrite((write) => writes.push(write));
    // The editor in a browser saves by itself unless told otherwise.
    await set('files.autoSave', 'off');
  });
  beforeEach(async function () {
    own = `host-fs-${this.currentTest?.parent?.title.replaceAll(/\W/g, '')}-${++count}`;
    await mkdir(file(own), { recursive: true });
    writes.length = 0;
  });
  afterEach(async () => {
    while (window.tabGroups.all.some(({ tabs }) => tabs.length > 0)) {
      await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    for (const one of subscriptions.splice(0)) one.dispose();
    const { store } = get().parts.reviews;
    store.forgetAll(
      store.files.map(({ uri }) => uri),
      'the test is over',
    );
    await rm(file(own), { recursive: true, force: true });
  });
  after(async () => {
    listening?.dispose();
    await set('files.autoSave', undefined);
  });

  const get = () => {
    if (!running) throw new Error('the host is there only inside tests and hooks');
    return running;
  };
  const at = (name: string) => `${own}/${name}`;
  const uriText = (name: string) => uriOf(at(name)).toString();
  return {
    parts: () => get().parts,
    host: () => get().host,
    /** Ended with the test. */
    subscriptions,
    writes,
    told: () => writes.map(({ uri, ...rest }) => ({ uri: uri.toString(), ...rest })),
    at,
    uriText,
    put: (name: string, bytes: string | Uint8Array) => writeFile(file(at(name)), bytes),
    async open(name: string): Promise<vscode.TextDocument> {
      const document = await workspace.openTextDocument(uriOf(at(name)));
      await window.showTextDocument(document, { preview: false });
      return document;
    },
    read: (name: string) => get().host['host/fs/read']({ uri: uriText(name) }, context) as Promise<HostFsReadResponse>,
    write: (name: string, from: string | null, text: string) =>
      get().host['host/fs/write'](
        { uri: uriText(name), baseHash: from === null ? null : hashOf(from), text, origin },
        context,
      ),
  };
}
