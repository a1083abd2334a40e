/** The entry in the status bar: what the agent is doing, and the way to the panel. */
import * as vscode from 'vscode';
import type { PanelState } from '../webview/bridge/panel-state.ts';
import { COMMANDS } from './contributions.ts';
import { runningTurn } from './panel/thread-model.ts';
import { sameModel } from './session/model-choice.ts';
import { MODE_INFOS } from './session/modes.ts';

export type StatusBarFacts = { state: PanelState; waiting: number };

/** Text, tooltip and colour for a state. Pure. */
export function statusBarView({ state, waiting }: StatusBarFacts): {
  text: string;
  tooltip: string;
  problem: 'error' | 'warning' | null;
} {
  const { core, mode, models, model, thread } = state;
  const modeLabel = MODE_INFOS.find((info) => info.mode === mode)?.label ?? mode;
  const modelLabel = models.find((choice) => sameModel(choice, model))?.displayName ?? 'no model';
  const detail = `Mode: ${modeLabel}. Model: ${modelLabel}. Click to open the panel.`;
  if (core.status === 'failed')
    return { text: '$(error) Gantry', tooltip: core.message ?? 'The agent does not run.', problem: 'error' };
  if (core.status !== 'ready')
    return { text: '$(loading~spin) Gantry', tooltip: core.message ?? 'The agent is starting.', problem: null };
  if (waiting > 0) {
    const what = waiting === 1 ? '1 approval' : `${waiting} approvals`;
    return { text: `$(bell-dot) Gantry: ${what}`, tooltip: `Waiting for you: ${what}. ${detail}`, problem: 'warning' };
  }
  const icon = runningTurn(thread) ? '$(sync~spin)' : '$(comment-discussion)';
  return {
    text: `${icon} Gantry: ${modeLabel}`,
    tooltip: `${runningTurn(thread) ? 'Working. ' : ''}${detail}`,
    problem: null,
  };
}

export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = vscode.window.createStatusBarItem('gantry.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Gantry';
    this.#item.command = COMMANDS.focusPanel;
    this.#item.show();
  }

  update(facts: StatusBarFacts): void {
    const { text, tooltip, problem } = statusBarView(facts);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `${text.replace(/\$\([^)]*\) ?/g, '')}. ${tooltip}` };
    this.#item.backgroundColor = problem ? new vscode.ThemeColor(`statusBarItem.${problem}Background`) : undefined;
  }

  dispose(): void {
    this.#item.dispose();
  }
}
