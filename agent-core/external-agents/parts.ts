/** Parts that several agents have in the same form. */
import path from 'node:path';
import type { ConfigKey, Part, Place } from './finding.ts';
import { isSecretValue, mcpServer } from './mcp-servers.ts';
import { isTable, readText, skillFolders, type Table, textIn } from './read-files.ts';

/** The instructions in the first of these files that has some. */
export async function instructionParts(files: readonly string[], place: Place): Promise<Part[]> {
  for (const source of files) {
    const text = await readText(source);
    if (text === null || source === place.instructions) continue;
    return [instructionPart(source, text, place)];
  }
  return [];
}

export function instructionPart(source: string, text: string, { instructions }: Place): Part {
  const part = { name: path.basename(source), source, notes: [] };
  if (instructions === null)
    return { ...part, type: 'refused', reason: 'would go into CODEX_HOME, which Gantry only reads' };
  return { ...part, type: 'text', target: instructions, text };
}

export async function skillParts(folders: readonly string[], place: Place): Promise<Part[]> {
  const parts = new Map<string, Part>();
  for (const folder of folders) {
    for (const source of await skillFolders(folder)) {
      const name = path.basename(source);
      const target = path.join(place.skills, name);
      if (!parts.has(name)) parts.set(name, { type: 'folder', name, source, notes: [], target });
    }
  }
  return [...parts.values()];
}

/** The first of several servers of one name counts. */
export function serverParts(sources: readonly { source: string; servers: Table }[], place: Place): Part[] {
  const parts = new Map<string, Part>();
  for (const { source, servers } of sources) {
    for (const [name, given] of Object.entries(servers)) {
      if (parts.has(name) || name === '__proto__') continue;
      const read = mcpServer(name, given);
      if (!read.ok) parts.set(name, { type: 'refused', name, source, notes: [], reason: read.reason });
      else {
        const config = { target: place.config, keys: [{ path: ['mcp_servers', name], value: read.table }] };
        parts.set(name, { type: 'config', name, source, notes: read.notes, ...config });
      }
    }
  }
  return [...parts.values()];
}

export function configPart(source: string, place: Place, ...keys: [ConfigKey, ...ConfigKey[]]): Part {
  const name = keys[0].path.join('.');
  return { type: 'config', name, source, notes: [], target: place.config, keys };
}

/** Variables for commands, without those that hold keys. */
export function variableParts(source: string, place: Place, env: Table, not: RegExp): Part[] {
  return Object.entries(env).flatMap(([name, value]): Part[] => {
    if (typeof value !== 'string' || not.test(name) || name === '__proto__') return [];
    if (isSecretValue(name, value)) {
      return [{ type: 'refused', name, source, notes: [], reason: 'looks like a key: keep it in the environment' }];
    }
    return [configPart(source, place, { path: ['shell_environment_policy', 'set', name], value })];
  });
}

/** Events that Codex has, and those of them that take a matcher. */
const EVENTS = new Set([
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PreCompact',
  'PostCompact',
  'SessionStart',
  'UserPromptSubmit',
  'SubagentStart',
  'SubagentStop',
  'Stop',
]);
const WITHOUT_MATCHER = new Set(['UserPromptSubmit', 'Stop']);
const HOOK_KEYS = new Set(['type', 'command', 'timeout', 'timeoutSec', 'statusMessage']);

function hookOf(given: unknown): Table | null {
  if (!isTable(given) || (given.type ?? 'command') !== 'command') return null;
  const command = textIn(given, 'command')?.trim();
  if (!command || Object.keys(given).some((key) => !HOOK_KEYS.has(key))) return null;
  const timeout = given.timeout ?? given.timeoutSec;
  const message = textIn(given, 'statusMessage');
  return {
    type: 'command',
    command,
    ...(typeof timeout === 'number' && Number.isSafeInteger(timeout) && timeout > 0 ? { timeout } : {}),
    ...(message === null ? {} : { statusMessage: message }),
  };
}

/** The hooks of Claude Code and of Codex, which have one shape; one part an event. */
export function hookParts(sources: readonly { source: string; hooks: Table }[], place: Place): Part[] {
  const groups = new Map<string, { source: string; value: Table[]; lost: number }>();
  for (const { source, hooks } of sources) {
    for (const [event, given] of Object.entries(hooks)) {
      if (!Array.isArray(given)) continue;
      const entry = groups.get(event) ?? { source, value: [], lost: 0 };
      groups.set(event, entry);
      for (const group of given) {
        const all = isTable(group) && Array.isArray(group.hooks) ? group.hooks : [];
        const isPlain = isTable(group) && Object.keys(group).every((key) => key === 'matcher' || key === 'hooks');
        const kept = isPlain ? all.flatMap((hook) => hookOf(hook) ?? []) : [];
        entry.lost += all.length - kept.length;
        const matcher = isTable(group) && !WITHOUT_MATCHER.has(event) ? textIn(group, 'matcher') : null;
        if (kept.length > 0) entry.value.push({ ...(matcher === null ? {} : { matcher }), hooks: kept });
      }
    }
  }
  return [...groups].map(([name, { source, value, lost }]): Part => {
    if (!EVENTS.has(name))
      return { type: 'refused', name, source, notes: [], reason: 'is an event that hooks here do not have' };
    if (value.length === 0)
      return { type: 'refused', name, source, notes: [], reason: 'has no hook that is a plain command' };
    const notes = lost === 0 ? [] : [`${lost} of its hooks are no plain commands and were left out`];
    return { type: 'config', name, source, notes, target: place.config, keys: [{ path: ['hooks', name], value }] };
  });
}
