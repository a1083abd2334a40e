/** What is set up for Claude Code. */
import path from 'node:path';
import type { Finding, Part, Place } from './finding.ts';
import { configPart, hookParts, instructionParts, serverParts, skillParts, variableParts } from './parts.ts';
import { isTable, readJson, type Table, tableIn, textIn, textsOf } from './read-files.ts';

export async function findClaude(place: Place): Promise<Finding[]> {
  const { user, cwd } = place;
  const folder = path.join(cwd ?? user, '.claude');
  const settingsFiles = ['settings.json', 'settings.local.json'].map((name) => path.join(folder, name));
  const settings = await Promise.all(settingsFiles.map(readJson));
  const found = settings.flatMap((value, index) => (value ? [{ source: settingsFiles[index] ?? '', value }] : []));
  const instructions = [path.join(folder, 'CLAUDE.md'), ...(cwd === null ? [] : [path.join(cwd, 'CLAUDE.md')])];
  const isOff = found.some(({ value }) => value.disableAllHooks === true);
  const hooks = isOff ? [] : found.map(({ source, value }) => ({ source, hooks: tableIn(value, 'hooks') }));
  const make = (itemType: Finding['itemType'], parts: Part[]): Finding => ({ agent: 'claude', itemType, cwd, parts });
  return [
    make('AGENTS_MD', await instructionParts(instructions.reverse(), place)),
    make('CONFIG', settingParts(found, place)),
    make('SKILLS', await skillParts([path.join(folder, 'skills')], place)),
    make(
      'MCP_SERVER_CONFIG',
      serverParts(
        await servers(
          place,
          found.map(({ value }) => value),
        ),
        place,
      ),
    ),
    make('HOOKS', hookParts(hooks, place)),
  ];
}

async function servers({ user, cwd }: Place, settings: readonly Table[]) {
  const own = path.join(user, '.claude.json');
  const all = await readJson(own);
  if (cwd === null) return [{ source: own, servers: tableIn(all, 'mcpServers') }];
  const shared = path.join(cwd, '.mcp.json');
  const disabled = new Set(settings.flatMap((value) => textsOf(value.disabledMcpjsonServers)));
  const given = Object.entries(tableIn(await readJson(shared), 'mcpServers')).map(([name, server]) => [
    name,
    disabled.has(name) && isTable(server) ? { ...server, disabled: true } : server,
  ]);
  return [
    { source: own, servers: tableIn(tableIn(tableIn(all, 'projects'), cwd), 'mcpServers') },
    { source: shared, servers: Object.fromEntries(given) as Table },
  ];
}

/** A mode that asks for less than ours is not taken over: that is for the user to say here. */
function settingParts(found: readonly { source: string; value: Table }[], place: Place): Part[] {
  return found.flatMap(({ source, value }): Part[] => {
    const parts: Part[] = [];
    const model = textIn(value, 'model');
    if (place.cwd === null && model?.startsWith('claude-')) {
      const name = { path: ['model'], value: model.replace(/\[.*\]$/, '') };
      parts.push(configPart(source, place, name, { path: ['model_provider'], value: 'anthropic' }));
    }
    if (textIn(tableIn(value, 'permissions'), 'defaultMode') === 'plan') {
      parts.push(configPart(source, place, { path: ['sandbox_mode'], value: 'read-only' }));
    }
    parts.push(...variableParts(source, place, tableIn(value, 'env'), /^(CLAUDE|ANTHROPIC|DISABLE)_/));
    return parts;
  });
}
