/** What the user set up for other agents: shown, and taken over as far as chosen. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type Raw, valueAt } from '../../config/raw.ts';
import { AGENTS, type AgentId, agentOf, type Place } from '../../external-agents/finding.ts';
import type { Importer } from '../../external-agents/importer.ts';
import { imported, late } from '../../late.ts';
import type { Log } from '../../ports.ts';
import {
  AgentError,
  type ExternalAgentConfigImportHistory,
  type ExternalAgentConfigImportTypeResult,
  type ServerNotification,
} from '../../protocol/index.ts';
import { gitRootOf } from '../threads/git-info.ts';
import type { Handlers } from '../wire/connection.ts';
import type { Configuration } from './configuration.ts';

type Methods =
  | 'externalAgentConfig/detect'
  | 'externalAgentConfig/import'
  | 'externalAgentConfig/import/recordHistory'
  | 'externalAgentConfig/import/readHistories';

export type ExternalAgentHandlerOptions = {
  configuration: Configuration;
  /** The user's home. */
  user: string;
  now: () => number;
  announce: (notification: ServerNotification) => void;
  log: Log;
};

export function externalAgentHandlers(options: ExternalAgentHandlerOptions): Pick<Handlers, Methods> {
  const { configuration, user, now, announce, log } = options;
  const { home, readHome } = configuration;
  const historyFile = path.join(home, 'external-agent-imports.json');
  const history = late(() => imported(import('../../external-agents/import-history.ts')));

  const placeOf = (cwd: string | null): Place =>
    cwd === null
      ? {
          cwd,
          user,
          instructions: home === readHome ? path.join(home, 'AGENTS.md') : null,
          skills: path.join(home, 'skills'),
          config: configuration.load(home).writablePath,
        }
      : {
          cwd,
          user,
          instructions: path.join(cwd, 'AGENTS.md'),
          skills: path.join(cwd, '.gantry/skills'),
          config: path.join(cwd, '.gantry/config.toml'),
        };

  const importer = late(async (): Promise<Importer> => {
    const [{ createImporter }, { editConfigFile }, { createConfigReader }] = await Promise.all([
      imported(import('../../external-agents/importer.ts')),
      imported(import('./edit-config-file.ts')),
      imported(import('../../config/layers.ts')),
    ]);
    const read = createConfigReader();
    const ofCodex = path.join(user, '.codex');
    const has = (target: string, key: readonly string[]): boolean => {
      const { raw, writablePath } = configuration.load(home);
      const known: Raw[] = target === writablePath ? [raw, read(target).raw] : [read(target).raw];
      return known.some((each) => valueAt(each, key) !== undefined);
    };
    return createImporter({
      placeOf,
      codexHome: [home, readHome].includes(ofCodex) ? null : ofCodex,
      config: {
        has,
        write: (target, keys) => editConfigFile(target, keys, configuration.load(home).requirements),
      },
    });
  });

  const note = async (
    importId: string,
    results: Pick<ExternalAgentConfigImportTypeResult, 'failures' | 'successes'>[],
    providerId: string | null,
  ) => {
    const entry: ExternalAgentConfigImportHistory = {
      completedAtMs: now(),
      importId,
      providerId,
      successes: results.flatMap(({ successes }) => successes),
      failures: results.flatMap(({ failures }) => failures),
    };
    (await history()).recordImport(historyFile, entry);
  };

  return {
    async 'externalAgentConfig/detect'(params) {
      const agent = sourceOf(params.migrationSource);
      const folders = (params.cwds ?? []).map((cwd) => path.resolve(cwd));
      const projects = [...new Set(folders.map((cwd) => gitRootOf(cwd) ?? cwd))].filter((cwd) => cwd !== user);
      const cwds = [...(params.includeHome ? [null] : []), ...projects];
      return { items: await (await importer()).detect({ cwds, agent }), connectors: [] };
    },

    async 'externalAgentConfig/import'(params, { afterReply }) {
      const agent = sourceOf(params.migrationSource);
      const importId = randomUUID();
      const taker = await importer();
      const run = async (): Promise<void> => {
        const results = await taker.take(params.migrationItems, agent, (result) =>
          announce({ method: 'externalAgentConfig/import/progress', params: { importId, itemTypeResults: [result] } }),
        );
        await note(importId, results, params.providerId ?? null).catch((error) =>
          log('error', 'an import could not be noted', error),
        );
        announce({ method: 'externalAgentConfig/import/completed', params: { importId, itemTypeResults: results } });
      };
      afterReply(() => void run().catch((error) => log('error', 'an import failed', error)));
      return { importId };
    },

    async 'externalAgentConfig/import/recordHistory'({ itemTypeResults, providerId }) {
      const importId = randomUUID();
      await note(importId, itemTypeResults, providerId);
      return { importId };
    },

    async 'externalAgentConfig/import/readHistories'() {
      return { connectors: [], data: (await history()).readImports(historyFile).reverse() };
    },
  };
}

/** Null: all agents. */
function sourceOf(name: string | null | undefined): AgentId | null {
  if (name === null || name === undefined) return null;
  const agent = agentOf(name);
  if (agent === null) {
    const known = Object.keys(AGENTS).join(', ');
    throw new AgentError('invalidParams', `migrationSource ${JSON.stringify(name)} is not known: use one of ${known}.`);
  }
  return agent;
}
