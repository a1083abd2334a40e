/** What the person chose in the panel, and which thread this workspace was in. */
import * as vscode from 'vscode';
import type { Mode } from '../../webview/bridge/panel-state.ts';
import { settings } from '../settings.ts';
import { formatModelId, type ModelId, parseModelId } from './model-choice.ts';

const MODE = 'gantry.mode';
const MODEL = 'gantry.model';
const THREAD = 'gantry.thread';
const UNSENT = 'gantry.unsent';
/** Long enough to find the folder; a window that is opened later is about something else. */
const UNSENT_FOR_MS = 10 * 60_000;

export class Preferences {
  readonly #context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState'>;
  #fullAccess = false;

  constructor(context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState'>) {
    this.#context = context;
  }

  get mode(): Mode {
    return this.#fullAccess ? 'full' : this.#context.workspaceState.get<Mode>(MODE, settings.mode());
  }

  /** Remembered for this workspace. Full access is not: it ends with the window unless the setting says so. */
  async setMode(mode: Mode): Promise<void> {
    this.#fullAccess = mode === 'full';
    if (mode !== 'full') await this.#context.workspaceState.update(MODE, mode);
  }

  get model(): ModelId | null {
    const name = settings.model() ?? this.#context.globalState.get<string>(MODEL);
    return name ? parseModelId(name) : null;
  }

  /** Goes into the setting where there is one, else it is remembered for all windows. */
  async setModel(model: ModelId): Promise<void> {
    const name = formatModelId(model);
    await this.#context.globalState.update(MODEL, name);
    if (settings.model() !== null) {
      await vscode.workspace.getConfiguration('gantry').update('model', name, vscode.ConfigurationTarget.Global);
    }
  }

  /** Text that could not be sent for want of a folder: opening one starts the window anew. Null forgets it. */
  async keepUnsent(text: string | null): Promise<void> {
    const kept = text === null ? undefined : { text, at: Date.now() };
    if (kept || this.#context.globalState.get(UNSENT)) await this.#context.globalState.update(UNSENT, kept);
  }

  /** Gives it out once. */
  async takeUnsent(): Promise<string | null> {
    const kept = this.#context.globalState.get<{ text: string; at: number }>(UNSENT);
    await this.keepUnsent(null);
    return kept && Date.now() - kept.at < UNSENT_FOR_MS ? kept.text : null;
  }

  get threadId(): string | null {
    return this.#context.workspaceState.get<string>(THREAD) ?? null;
  }

  setThreadId(threadId: string | null): void {
    void this.#context.workspaceState.update(THREAD, threadId ?? undefined);
  }
}
