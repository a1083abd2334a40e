/** Keys of model providers: kept by the editor's secret storage, handed to the core over its pipe, and nowhere else. */
import type * as vscode from 'vscode';
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { CoreClient } from '../core/core-client.ts';

const NAMES = 'gantry.keyProviders';
const slot = (provider: string) => `gantry.key.${provider}`;

export type SecretsDeps = Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>;

export class ProviderKeys {
  readonly #deps: SecretsDeps;
  readonly #changed = new Emitter<{ provider: string; key: string | null }>();
  readonly onDidChange: Event<{ provider: string; key: string | null }> = this.#changed.event;

  constructor(deps: SecretsDeps) {
    this.#deps = deps;
  }

  /** Providers that have a key. The secret storage cannot be listed, so the names (not the keys) are kept beside it. */
  get providers(): string[] {
    return this.#deps.globalState.get<string[]>(NAMES, []);
  }

  async set(provider: string, key: string): Promise<void> {
    await this.#deps.secrets.store(slot(provider), key);
    await this.#deps.globalState.update(NAMES, [...new Set([...this.providers, provider])].sort());
    this.#changed.fire({ provider, key });
  }

  async remove(provider: string): Promise<void> {
    await this.#deps.secrets.delete(slot(provider));
    await this.#deps.globalState.update(
      NAMES,
      this.providers.filter((name) => name !== provider),
    );
    this.#changed.fire({ provider, key: null });
  }

  /** Gives a core that just started all keys. Does nothing with a peer that has no place for them. */
  async handOver(client: CoreClient): Promise<void> {
    if (!client.gantry) return;
    for (const provider of this.providers) {
      const key = await this.#deps.secrets.get(slot(provider));
      if (key) await client.request('gantry/secret/set', { provider, key });
    }
  }
}
