/** The host's copy of the panel's state, and the patches that views of it still have to hear of. */
import { Emitter, type Event } from 'vscode-jsonrpc';
import { applyPatch, initialPanelState, type PanelPatch, type PanelState } from '../../webview/bridge/panel-state.ts';

type Delta = Extract<PanelPatch, { op: 'delta' }>;
export type Scheduler = (run: () => void) => void;

const FRAME_MS = 16;
const onceAFrame: Scheduler = (run) => void setTimeout(run, FRAME_MS);

/**
 * Patches count at once for whoever reads `state`; views hear of them together, at most once a frame. Deltas of one
 * text that follow each other become one patch, so a flood of them costs one copy a frame.
 */
export class PanelStore {
  readonly #schedule: Scheduler;
  readonly #flushed = new Emitter<PanelPatch[]>();
  readonly onPatches: Event<PanelPatch[]> = this.#flushed.event;
  #state: PanelState = initialPanelState;
  #deltas: Delta[] = [];
  #unsent: PanelPatch[] = [];
  #scheduled = false;

  constructor(schedule: Scheduler = onceAFrame) {
    this.#schedule = schedule;
  }

  get state(): PanelState {
    for (const patch of this.#deltas) this.#take(patch);
    this.#deltas = [];
    return this.#state;
  }

  /** The same, but texts may lack their newest deltas. Reading it costs nothing while text streams. */
  get withoutDeltas(): PanelState {
    return this.#state;
  }

  apply(...patches: PanelPatch[]): void {
    for (const patch of patches) {
      if (patch.op !== 'delta') {
        void this.state;
        this.#take(patch);
        continue;
      }
      const last = this.#deltas.at(-1);
      const merged = last && mergeDeltas(last, patch);
      if (merged) this.#deltas[this.#deltas.length - 1] = merged;
      else this.#deltas.push(patch);
    }
    if (this.#scheduled || patches.length === 0) return;
    this.#scheduled = true;
    this.#schedule(() => this.flush());
  }

  set(values: Extract<PanelPatch, { op: 'set' }>['values']): void {
    this.apply({ op: 'set', values });
  }

  /** Sends what waits. A view that starts from `snapshot()` hears only of what comes after it. */
  flush(): void {
    this.#scheduled = false;
    void this.state;
    const patches = this.#unsent;
    this.#unsent = [];
    if (patches.length > 0) this.#flushed.fire(patches);
  }

  snapshot(): PanelState {
    this.flush();
    return this.#state;
  }

  #take(patch: PanelPatch): void {
    this.#state = applyPatch(this.#state, patch);
    this.#unsent.push(patch);
  }
}

function mergeDeltas(a: Delta, b: Delta): Delta | undefined {
  const same = a.threadId === b.threadId && a.itemId === b.itemId && a.field === b.field && a.index === b.index;
  return same ? { ...a, text: a.text + b.text } : undefined;
}
