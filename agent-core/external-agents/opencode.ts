/** What is set up for OpenCode. */
import path from 'node:path';
import type { Finding, Part, Place } from './finding.ts';
import { configPart, instructionParts, serverParts, skillParts } from './parts.ts';
import { isTable, readJson, type Table, tableIn, textIn } from './read-files.ts';

/** Names of providers that are called otherwise here. */
const PROVIDERS: Readonly<Record<string, string>> = { google: 'gemini' };

export async function findOpenCode(place: Place): Promise<Finding[]> {
  const { user, cwd } = place;
  const folder = cwd ?? path.join(user, '.config/opencode');
  let source = path.join(folder, 'opencode.json');
  let config = await readJson(source);
  if (config === null) {
    source = path.join(folder, 'opencode.jsonc');
    config = await readJson(source);
  }
  const skillsFolders = cwd === null ? [folder] : [path.join(cwd, '.opencode')];
  const skills = skillsFolders.flatMap((at) => [path.join(at, 'skills'), path.join(at, 'skill')]);
  const make = (itemType: Finding['itemType'], parts: Part[]): Finding => ({ agent: 'opencode', itemType, cwd, parts });
  return [
    // In a project it reads AGENTS.md, as Gantry does.
    make('AGENTS_MD', cwd === null ? await instructionParts([path.join(folder, 'AGENTS.md')], place) : []),
    make('CONFIG', cwd === null && config ? settingParts(config, source, place) : []),
    make('SKILLS', await skillParts(skills, place)),
    make('MCP_SERVER_CONFIG', serverParts([{ source, servers: tableIn(config, 'mcp') }], place)),
  ];
}

function settingParts(config: Table, source: string, place: Place): Part[] {
  const parts: Part[] = [];
  const [provider = '', ...model] = (textIn(config, 'model') ?? '').split('/');
  if (model.length > 0) {
    const name = { path: ['model'], value: model.join('/') };
    parts.push(configPart(source, place, name, { path: ['model_provider'], value: PROVIDERS[provider] ?? provider }));
  }
  for (const [id, given] of Object.entries(tableIn(config, 'provider'))) {
    const options = tableIn(given, 'options');
    const url = textIn(options, 'baseURL');
    if (!isTable(given) || url === null || !/^https?:\/\/[^@\s]+$/.test(url) || id === '__proto__') continue;
    const key = /^\{env:([A-Za-z_]\w*)\}$/.exec(textIn(options, 'apiKey') ?? '')?.[1];
    const variable = key ?? `${id.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_API_KEY`.replace(/^(\d)/, '_$1');
    const hasKey = options.apiKey !== undefined;
    const value = {
      name: textIn(given, 'name') ?? id,
      base_url: url,
      wire_api: 'chat',
      ...(hasKey ? { env_key: variable } : {}),
    };
    const part = configPart(source, place, { path: ['model_providers', id], value });
    if (hasKey && key === undefined) part.notes.push(`the key was not copied: set ${variable} in the environment`);
    parts.push(part);
  }
  return parts;
}
