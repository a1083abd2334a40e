/** What is set up for Cursor. Its hooks get another input than those of Codex, so they are not taken over. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseYaml } from '../skills/yaml-text.ts';
import type { Finding, Part, Place } from './finding.ts';
import { instructionPart, serverParts, skillParts } from './parts.ts';
import { readJson, readText, tableIn, textIn, textsOf } from './read-files.ts';

export async function findCursor(place: Place): Promise<Finding[]> {
  const { user, cwd } = place;
  const folder = path.join(cwd ?? user, '.cursor');
  const source = path.join(folder, 'mcp.json');
  const make = (itemType: Finding['itemType'], parts: Part[]): Finding => ({ agent: 'cursor', itemType, cwd, parts });
  return [
    make('AGENTS_MD', cwd === null ? [] : await ruleParts(cwd, place)),
    make('SKILLS', await skillParts([path.join(folder, 'skills')], place)),
    make('MCP_SERVER_CONFIG', serverParts([{ source, servers: tableIn(await readJson(source), 'mcpServers') }], place)),
  ];
}

/** All rules together, each with the files that it is for. */
async function ruleParts(cwd: string, place: Place): Promise<Part[]> {
  const folder = path.join(cwd, '.cursor/rules');
  const names = (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) => /\.mdc?$/.test(name));
  const sections: string[] = [];
  const old = await readText(path.join(cwd, '.cursorrules'));
  if (old !== null) sections.push(old.trim());
  for (const name of names.sort()) {
    const text = await readText(path.join(folder, name));
    if (text !== null) sections.push(ruleText(name, text));
  }
  if (sections.length === 0) return [];
  const source = names.length > 0 ? folder : path.join(cwd, '.cursorrules');
  return [instructionPart(source, sections.join('\n\n'), place)];
}

/** (pure) */
export function ruleText(name: string, text: string): string {
  const [, head = '', body = text] = /^---\r?\n([\s\S]*?)\r?\n?---\r?\n([\s\S]*)$/.exec(text) ?? [];
  // `globs: *.ts` is how Cursor writes it, and to YAML that is a reference.
  const globs = /^globs:[ \t]*(.*)$/m.exec(head)?.[1]?.trim() ?? '';
  const yaml = parseYaml(head.replace(/^globs:.*$/m, ''), 0);
  const value = yaml.ok ? yaml.value : null;
  const description = textIn(value, 'description') ?? '';
  const files = globs.startsWith('[') ? textsOf(listOf(globs)).join(', ') : globs.replace(/^["']|["']$/g, '');
  const title = `## ${name.replace(/\.mdc?$/, '')}${description === '' ? '' : `: ${description}`}`;
  return [title, ...(files === '' ? [] : [`(for files ${files})`]), '', body.trim()].join('\n');
}

function listOf(text: string): unknown {
  const parsed = parseYaml(text, 0);
  return parsed.ok ? parsed.value : [];
}
