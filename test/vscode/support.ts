/** What the suites inside the extension host share. Everything of Gantry is the running one, reached by its exports. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { GantryApi } from '../../extension/main.ts';
import type { PanelState } from '../../webview/bridge/panel-state.ts';
import { waitFor } from '../support/editor/wait-for.ts';
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server/index.ts';

export { waitFor };
export type Parts = GantryApi['parts'];

export async function gantry(): Promise<Parts> {
  const extension = vscode.extensions.getExtension<GantryApi>('gantry.gantry');
  assert.ok(extension, 'the extension gantry.gantry is not there');
  return (await extension.activate()).parts;
}

/** Resolves with the first state that fits, which may be the present one. */
export async function stateWhere(
  parts: Parts,
  what: string,
  fits: (state: PanelState) => boolean,
): Promise<PanelState> {
  if (fits(parts.store.state)) return parts.store.state;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      const { core, notices, thread } = parts.store.state;
      reject(new Error(`${what} did not come about: ${JSON.stringify({ core, notices, thread }).slice(0, 3000)}`));
    }, 25_000);
    const subscription = parts.store.onPatches(() => {
      if (!fits(parts.store.state)) return;
      end();
      resolve(parts.store.state);
    });
    const end = () => {
      clearTimeout(timer);
      subscription.dispose();
    };
  });
}

/** The next event that fits. */
export function nextEvent<T>(event: vscode.Event<T>, fits: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      if (!fits(value)) return;
      subscription.dispose();
      resolve(value);
    });
  });
}

export function folder(): string {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first, 'the tests need an open folder');
  return first.uri.fsPath;
}

export const file = (name: string) => path.join(folder(), name);
export const textOf = (name: string) => readFile(file(name), 'utf8');

function home(): string {
  const { GANTRY_HOME } = process.env;
  assert.ok(GANTRY_HOME, 'the tests never touch a real home: GANTRY_HOME must be set');
  return GANTRY_HOME;
}

/** Writes config.toml and starts the core anew with it. */
export async function writeConfig(parts: Parts, toml: string): Promise<void> {
  await mkdir(home(), { recursive: true });
  await writeFile(path.join(home(), 'config.toml'), toml);
  await restartCore(parts);
}

export async function restartCore(parts: Parts): Promise<void> {
  const ready = nextEvent(parts.core.onReady);
  await parts.core.restart();
  const { client } = await ready;
  // Its models and its sandbox are what a thread starts with.
  await parts.status.load(client);
}

/** A scripted model as the only one; `stop` takes it away again. */
export async function startModel(
  parts: Parts,
  options: ModelServerOptions,
  provider = '',
): Promise<{ server: ModelServer; stop(): Promise<void> }> {
  const server = await startModelServer(options);
  await writeConfig(
    parts,
    `model = "gpt-5.5"\nmodel_provider = "mock"\n[model_providers.mock]\nname = "Mock"\nbase_url = "${server.baseUrl}"\nwire_api = "responses"\n${provider}\n`,
  );
  const stop = async () => {
    await server.close();
    await rm(path.join(home(), 'config.toml'), { force: true });
  };
  return { server, stop };
}

/** Leaves the editor as it was found: no thread, no tab, nothing to review, and asked before files are written. */
export async function cleanUp(parts: Parts): Promise<void> {
  if (parts.threads.isRunning) {
    await parts.threads.interrupt();
    await stateWhere(parts, 'the end of the turn', () => !parts.threads.isRunning);
  }
  parts.threads.newThread();
  // It is remembered for the workspace, and decides what the next suite's agent does.
  await parts.controller.setMode('ask');
  parts.attachments.remove(...parts.store.state.attachments.map(({ id }) => id));
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const { store } = parts.reviews;
  store.forgetAll(
    store.files.map(({ uri }) => uri),
    'the test is over',
  );
  store.ended.dismiss();
}

export const patch = (...files: string[]) => `*** Begin Patch\n${files.join('\n')}\n*** End Patch\n`;
export const updateFile = (name: string, from: string, to: string) => `*** Update File: ${name}\n@@\n-${from}\n+${to}`;

/** The proposals that are open as diffs, by the last part of their path. */
export function openProposals(): string[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => (input instanceof vscode.TabInputTextDiff ? [input.modified] : []))
    .filter(({ scheme }) => scheme === 'gantry-proposal')
    .map((uri) => path.basename(uri.path))
    .sort();
}
