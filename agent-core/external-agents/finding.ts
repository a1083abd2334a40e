/** What another agent has that could be taken over, as data: nothing is changed before the user has chosen. (pure) */
import type { ExternalAgentConfigMigrationItemType } from '../protocol/index.ts';

export const AGENTS = { claude: 'Claude Code', codex: 'Codex', cursor: 'Cursor', opencode: 'OpenCode' } as const;
export type AgentId = keyof typeof AGENTS;
export type ItemType = Extract<
  ExternalAgentConfigMigrationItemType,
  'AGENTS_MD' | 'CONFIG' | 'SKILLS' | 'MCP_SERVER_CONFIG' | 'HOOKS'
>;

export type ConfigKey = { path: string[]; value: unknown };

export type Part = {
  name: string;
  /** The file or folder that it comes from. */
  source: string;
  /** What the user has to do or should know. */
  notes: string[];
} & (
  | { type: 'text'; target: string; text: string }
  | { type: 'folder'; target: string }
  /** Keys that make sense only together. */
  | { type: 'config'; target: string; keys: ConfigKey[] }
  /** It cannot be taken over as it is. */
  | { type: 'refused'; reason: string }
);

export type Finding = { agent: AgentId; itemType: ItemType; cwd: string | null; parts: Part[] };

/** Where to look, and where what is found would go. */
export type Place = {
  /** Null: the user's home. */
  cwd: string | null;
  /** The user's home. */
  user: string;
  /** Null: the file that is read is not Gantry's to write. */
  instructions: string | null;
  skills: string;
  config: string;
};

/** By the names that clients use; null for an agent that nobody knows. */
export function agentOf(name: string): AgentId | null {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  if (plain === 'claudecode') return 'claude';
  return Object.hasOwn(AGENTS, plain) ? (plain as AgentId) : null;
}
