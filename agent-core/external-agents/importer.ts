/** Finds what other agents have, and takes over what was chosen of it. */
import type {
  ExternalAgentConfigImportItemTypeFailure,
  ExternalAgentConfigImportItemTypeSuccess,
  ExternalAgentConfigImportTypeResult,
  ExternalAgentConfigMigrationItem,
} from '../protocol/index.ts';
import { findClaude } from './claude.ts';
import { findCodex } from './codex.ts';
import { findCursor } from './cursor.ts';
import { AGENTS, type AgentId, type Finding, type ItemType, type Part, type Place } from './finding.ts';
import { findOpenCode } from './opencode.ts';
import { type ConfigPort, obstacle, takeOver } from './take-over.ts';

export type ImporterOptions = {
  /** Null cwd: the user's home. */
  placeOf: (cwd: string | null) => Place;
  /** Codex's own home; null when Gantry reads it anyway. */
  codexHome: string | null;
  config: ConfigPort;
};

/** Folders to look in; null is the user's home. */
type Asked = { cwds: readonly (string | null)[]; agent: AgentId | null };

export type Importer = {
  /** Only what has at least one part that would be taken over. */
  detect(asked: Asked): Promise<ExternalAgentConfigMigrationItem[]>;
  /** Never rejects; `onResult` hears of each item as it is done. */
  take(
    chosen: readonly ExternalAgentConfigMigrationItem[],
    agent: AgentId | null,
    onResult: (result: ExternalAgentConfigImportTypeResult) => void,
  ): Promise<ExternalAgentConfigImportTypeResult[]>;
};

const NAMES: Record<ItemType, string> = {
  AGENTS_MD: 'instructions',
  CONFIG: 'settings',
  SKILLS: 'skills',
  MCP_SERVER_CONFIG: 'MCP servers',
  HOOKS: 'hooks',
};

export function createImporter({ placeOf, codexHome, config }: ImporterOptions): Importer {
  const findings = async (cwd: string | null, agent: AgentId | null): Promise<Finding[]> => {
    const place = placeOf(cwd);
    const finders: Record<AgentId, () => Promise<Finding[]>> = {
      codex: async () => (codexHome === null && cwd === null ? [] : findCodex(place, codexHome ?? '')),
      claude: () => findClaude(place),
      cursor: () => findCursor(place),
      opencode: () => findOpenCode(place),
    };
    const ids = agent === null ? (Object.keys(finders) as AgentId[]) : [agent];
    return (await Promise.all(ids.map((id) => finders[id]()))).flat();
  };

  const sorted = async (finding: Finding) => {
    const open: Part[] = [];
    const left: string[] = [];
    for (const part of finding.parts) {
      const why = await obstacle(part, config);
      if (why === null) open.push(part);
      else left.push(`${part.name} ${why}`);
    }
    return { open, left };
  };

  const itemOf = async (finding: Finding): Promise<ExternalAgentConfigMigrationItem | null> => {
    const { open, left } = await sorted(finding);
    if (open.length === 0) return null;
    const { itemType, cwd } = finding;
    return { itemType, cwd, description: describe(finding, open, left), details: detailsOf(itemType, open) };
  };

  const takeItem = async (item: ExternalAgentConfigMigrationItem, agent: AgentId | null) => {
    const { itemType, cwd = null } = item;
    const successes: ExternalAgentConfigImportItemTypeSuccess[] = [];
    const failures: ExternalAgentConfigImportItemTypeFailure[] = [];
    const fail = (failureStage: string, message: string, source: string | null) =>
      failures.push({ failureStage, itemType, message, cwd, source, errorType: null, subErrorType: null });
    try {
      const all = (await findings(cwd || null, agent)).filter((finding) => finding.itemType === itemType);
      // What was offered begins with the agent's name; its rest changes with what is taken over before.
      const meant = all.filter((finding) => item.description.startsWith(`${AGENTS[finding.agent]}:`));
      const parts = (meant.length > 0 ? meant : all).flatMap((finding) => finding.parts.filter(isChosen(item)));
      if (parts.length === 0) fail('detect', `There is nothing of this kind to take over: ${item.description}`, null);
      for (const part of parts) {
        const why = await obstacle(part, config);
        if (why !== null || part.type === 'refused') {
          fail('conflict', `${part.name} ${why}.`, part.source);
          continue;
        }
        try {
          await takeOver(part, config);
          successes.push({ itemType, cwd, source: part.source, target: part.target, title: part.name });
        } catch (error) {
          fail('write', `${part.name}: ${error instanceof Error ? error.message : String(error)}`, part.source);
        }
      }
    } catch (error) {
      fail('detect', error instanceof Error ? error.message : String(error), null);
    }
    return { itemType, successes, failures };
  };

  return {
    async detect({ cwds, agent }) {
      const found: ExternalAgentConfigMigrationItem[] = [];
      for (const cwd of cwds) {
        for (const finding of await findings(cwd, agent)) {
          const item = await itemOf(finding);
          if (item) found.push(item);
        }
      }
      return found;
    },
    async take(chosen, agent, onResult) {
      const results: ExternalAgentConfigImportTypeResult[] = [];
      for (const item of chosen) {
        const result = await takeItem(item, agent);
        results.push(result);
        onResult(result);
      }
      return results;
    },
  };
}

const LISTS: Partial<Record<ItemType, 'skills' | 'mcpServers' | 'hooks'>> = {
  SKILLS: 'skills',
  MCP_SERVER_CONFIG: 'mcpServers',
  HOOKS: 'hooks',
};

function detailsOf(itemType: ItemType, parts: readonly Part[]): ExternalAgentConfigMigrationItem['details'] {
  const list = LISTS[itemType];
  if (list === undefined) return null;
  const none = { commands: [], hooks: [], mcpServers: [], plugins: [], sessions: [], skills: [], subagents: [] };
  return { ...none, [list]: parts.map(({ name }) => ({ name })) };
}

/** By the names that the client sent back; without names, all. */
function isChosen({ itemType, details }: ExternalAgentConfigMigrationItem): (part: Part) => boolean {
  const list = LISTS[itemType as ItemType];
  const names = list === undefined ? [] : (details?.[list] ?? []).map(({ name }) => name);
  return names.length === 0 ? (part) => part.type !== 'refused' : (part) => names.includes(part.name);
}

/** What would be taken over, from where to where, and what not and why: all that a person needs for a choice. */
function describe({ agent, itemType }: Finding, open: readonly Part[], left: readonly string[]): string {
  const unique = (texts: readonly string[]) => [...new Set(texts)].join(', ');
  const targets = open.map((part) => (part.type === 'refused' ? '' : part.target));
  const names = itemType === 'AGENTS_MD' ? '' : ` ${unique(open.map(({ name }) => name))}`;
  const to = itemType === 'SKILLS' ? '' : ` to ${unique(targets)}`;
  const sentences = [
    `${AGENTS[agent]}: ${NAMES[itemType]}${names} from ${unique(open.map(({ source }) => source))}${to}.`,
  ];
  sentences.push(...open.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}.`)));
  if (itemType === 'HOOKS') {
    sentences.push(
      'They run in the sandbox, as the commands of the agent do; those of a project once you trust each of them.',
    );
  }
  if (left.length > 0) sentences.push(`Not taken over: ${left.join('; ')}.`);
  return sentences.join(' ');
}
