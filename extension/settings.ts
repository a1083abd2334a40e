/** The settings `gantry.*`, parsed: what a person wrote into settings.json may be anything. */
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { MODES, type Mode } from '../webview/bridge/panel-state.ts';
import { type AutoOpen, SETTINGS, type SettingName } from './contributions.ts';

export const AGENT_COMMAND = 'gantry.agent.command';

const schemas = {
  mode: z.enum(MODES as [Mode, ...Mode[]]),
  model: z.string(),
  'agent.command': z.array(z.string()),
  'modelPrices.source': z.string(),
  flag: z.boolean(),
  'review.autoOpen': z.enum(['never', 'onApproval', 'always']),
};

const raw = (name: SettingName): unknown => vscode.workspace.getConfiguration('gantry').get(name);

/**
 * Without what the workspace says, also where it is trusted: a project may say how it is worked on, not what program is
 * started in the user's name outside of the sandbox.
 */
const usersOwn = (name: SettingName): unknown => {
  const found = vscode.workspace.getConfiguration('gantry').inspect(name);
  return found?.globalValue ?? found?.defaultValue;
};

function read<T>(name: SettingName, schema: z.ZodMiniType<T>): T {
  const parsed = z.safeParse(schema, raw(name));
  return parsed.success ? parsed.data : z.parse(schema, SETTINGS[name]);
}

/** Each read sees the value of now. */
export const settings = {
  mode: (): Mode => read('mode', schemas.mode),
  /** Null when nothing is set. */
  model: (): string | null => read('model', schemas.model) || null,
  /** Null: Gantry's own core. */
  agentCommand: (): [string, ...string[]] | null => {
    const parsed = z.safeParse(schemas['agent.command'], usersOwn('agent.command'));
    const [program, ...args] = parsed.success ? parsed.data : [];
    return program ? [program, ...args] : null;
  },
  isAgentCommandValid: (): boolean => z.safeParse(schemas['agent.command'], usersOwn('agent.command')).success,
  /** Where prices of models are taken from when the person says so; null: from nowhere. */
  priceSource: (): string | null => read('modelPrices.source', schemas['modelPrices.source']).trim() || null,
  codeLens: (): boolean => read('review.codeLens', schemas.flag),
  decorations: (): boolean => read('review.decorations', schemas.flag),
  formatOnKeep: (): boolean => read('review.formatOnKeep', schemas.flag),
  autoOpen: (): AutoOpen => read('review.autoOpen', schemas['review.autoOpen']),
};
