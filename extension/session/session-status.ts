/** What is true of this window beside its thread: core, sandbox, models, trust; kept in the panel's state. */
import type { ConfigProblem, GantryStatus, ServerNotification } from '../../agent-core/protocol/index.ts';
import type { Mode, ModelChoice } from '../../webview/bridge/panel-state.ts';
import type { CoreClient } from '../core/core-client.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { PanelStore } from '../panel/panel-store.ts';
import { hookWarning } from './hook-view.ts';
import { choicesOf, chooseModel, type ModelId, peerModels, sameModel } from './model-choice.ts';
import { effectiveMode } from './modes.ts';
import { noticesOf } from './notices.ts';

export type StatusDeps = {
  core: CoreSupervisor;
  store: PanelStore;
  /** The mode and model that the person chose; they are asked again at each change. */
  wantedMode(): Mode;
  pickedModel(): ModelId | null;
  place(): { folder: string | null; name: string | null; trusted: boolean };
  /** Null when the setting that names another agent is fine. */
  agentCommandProblem(): string | null;
  log: { error(text: string): void };
};

export class SessionStatus {
  readonly #deps: StatusDeps;
  #peer: { ours: boolean } | null = null;
  #selected: ModelId | null = null;
  #modelProblems: string[] = [];
  #configProblems: ConfigProblem[] = [];
  #warnings: string[] = [];
  #configPath: string | null = null;
  #home: string | null = null;

  constructor(deps: StatusDeps) {
    this.#deps = deps;
    deps.core.onState((core) => {
      deps.store.set({ core });
      this.refresh();
    });
  }

  /** Where the core reads its configuration; null until it has said so. */
  get configPath(): string | null {
    return this.#configPath;
  }

  /** Where the core keeps what is its own; null until it has said so. */
  get home(): string | null {
    return this.#home;
  }

  /** The first place in a configuration file that could not be used. */
  get configProblem(): ConfigProblem | null {
    return this.#configProblems[0] ?? null;
  }

  get model(): ModelChoice | null {
    const { models, model } = this.#deps.store.state;
    return models.find((choice) => sameModel(choice, model)) ?? null;
  }

  /** Asks a core that has just started for all of it. */
  async load(client: CoreClient): Promise<void> {
    this.#peer = { ours: client.gantry !== null };
    this.#deps.store.set({ peer: client.gantry ? 'gantry' : 'other' });
    this.#warnings = [];
    const results = await Promise.allSettled([
      client.gantry ? client.request('gantry/status/read', {}).then((status) => this.#take(status)) : null,
      this.loadModels(client),
    ]);
    for (const result of results) if (result.status === 'rejected') this.#deps.log.error(String(result.reason));
    this.refresh();
  }

  async loadModels(client: CoreClient, refresh = false): Promise<void> {
    if (client.gantry) {
      const list = await client.request('gantry/model/list', { refresh });
      this.#selected = list.selected;
      this.#modelProblems = list.problems;
      this.#deps.store.set({ models: choicesOf(list) });
    } else {
      const [list, config] = await Promise.all([
        client.request('model/list', {}),
        client.request('config/read', {}).catch(() => null),
      ]);
      const { models, selected } = peerModels(list, config?.config.model ?? null);
      this.#selected = selected;
      this.#modelProblems = [];
      this.#deps.store.set({ models });
    }
    this.refresh();
  }

  hear({ method, params }: ServerNotification): void {
    if (method === 'gantry/status/changed') this.#take(params);
    else if (method === 'configWarning')
      this.#warn(params.details ? `${params.summary}: ${params.details}` : params.summary);
    else if (method === 'warning') this.#warn(params.message);
    else if (method === 'hook/completed') {
      const text = hookWarning(params.run);
      if (text !== null) this.#warn(text);
    } else return;
    this.refresh();
  }

  /** Works mode, model and notices out anew; to be called when a setting, trust or the folders have changed. */
  refresh(): void {
    const { store } = this.#deps;
    const { folder, name, trusted } = this.#deps.place();
    const mode = effectiveMode(this.#deps.wantedMode(), trusted);
    const model = chooseModel(store.state.models, this.#deps.pickedModel(), this.#selected);
    store.set({ mode, model, workspace: name });
    const notices = noticesOf({
      hasFolder: folder !== null,
      trusted,
      peer: this.#peer,
      sandbox: store.state.sandbox,
      model: this.model,
      modelProblems: this.#modelProblems,
      configProblems: this.#configProblems,
      warnings: this.#warnings,
      fullAccess: mode === 'full',
      agentCommandProblem: this.#deps.agentCommandProblem(),
    });
    store.set({ notices });
  }

  #take({ sandbox, config, home }: GantryStatus): void {
    this.#configProblems = config.problems;
    this.#configPath = config.path;
    this.#home = home;
    this.#deps.store.set({ sandbox });
  }

  #warn(text: string): void {
    this.#warnings = [...this.#warnings.filter((other) => other !== text), text].slice(-10);
  }
}
