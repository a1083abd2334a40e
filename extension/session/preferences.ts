/** What the person chose in the panel, and which thread this workspace was in. */
import * as vscode from 'vscode';
import type { Mode } from '../../webview/bridge/panel-state.ts';
import { settings } from '../settings.ts';
import { formatModelId, type ModelId, parseModelId } from './model-choice.ts';

const MODE = 'gantry.mode';
const MODEL = 'gantry.model';
const THREAD = 'gantry.thread';

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

  get threadId(): string | null {
    return this.#context.workspaceState.get<string>(THREAD) ?? null;
  }

  setThreadId(threadId: string | null): void {
    void this.#context.workspaceState.update(THREAD, threadId ?? undefined);
  }
}
