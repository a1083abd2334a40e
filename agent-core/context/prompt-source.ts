/** The prompt that precedes the user's words, in layers; what changes later is appended, so that caches stay valid. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { platform, release } from 'node:os';
import { dirname } from 'node:path';
import type { HistoryItem } from '../models/model-client.ts';
import type { PromptSource, TurnSettings } from '../ports.ts';
import { type ReadText, readAgents } from './agents-md.ts';
import { BASE_INSTRUCTIONS } from './base-instructions.ts';
import { environmentText, findGit, type Surroundings } from './environment.ts';
import { permissionText } from './permissions.ts';

export const DEFAULT_PROJECT_DOC_BYTES = 32 * 1024;

export type PromptOptions = {
  /** The agent's home, whose AGENTS.md holds for every project. */
  home: string;
  /** Limit of all AGENTS.md files together (`project_doc_max_bytes`). */
  projectDocMaxBytes?: number;
  /** Whether a project's file leads to what may hold secrets: a link in a repository must not send them to a provider. */
  isSecret?: (path: string, roots: readonly string[]) => boolean;
  /** Replaced by tests. */
  readText?: ReadText;
  surroundings?: () => Surroundings;
};

type Told = { agents: string | null; environment: string };

/** One for each thread: it remembers what it has told. */
export function createPromptSource(options: PromptOptions): PromptSource {
  const readText = options.readText ?? readTextFile;
  const surroundings = options.surroundings ?? realSurroundings;
  const maxBytes = options.projectDocMaxBytes ?? DEFAULT_PROJECT_DOC_BYTES;
  let told: Told | null = null;

  const look = async (settings: TurnSettings): Promise<Told> => {
    const { cwd } = settings;
    const git = await findGit(cwd, readText);
    const readPublic: ReadText = async (path, most) => {
      const text = await readText(path, most);
      const isOwn = dirname(path) === options.home;
      return text !== null && !isOwn && options.isSecret?.(path, settings.roots) ? null : text;
    };
    const gitRoot = git?.root ?? null;
    const agents = await readAgents({ home: options.home, cwd, gitRoot, readText: readPublic, maxBytes });
    return { agents, environment: environmentText(settings, surroundings(), git?.branch ?? null) };
  };

  return {
    async initial(settings) {
      told = await look(settings);
      const layers = [settings.developerInstructions, permissionText(settings)].filter(isText).join('\n\n');
      const project = [told.agents && agentsText(settings.cwd, told.agents), told.environment]
        .filter(isText)
        .join('\n\n');
      return [message('developer', BASE_INSTRUCTIONS.trim()), message('developer', layers), message('user', project)];
    },
    async changes(previous, next) {
      const before = told ?? (await look(previous));
      const now = await look(next);
      told = now;
      const items: HistoryItem[] = [];
      const developer: string[] = [];
      if (next.developerInstructions !== previous.developerInstructions) {
        developer.push(next.developerInstructions || 'The instructions given before by the client no longer hold.');
      }
      if (permissionText(next) !== permissionText(previous)) developer.push(`From now on:\n${permissionText(next)}`);
      if (developer.length > 0) items.push(message('developer', developer.join('\n\n')));
      const project: string[] = [];
      if (now.agents !== before.agents) {
        project.push(
          agentsText(next.cwd, now.agents ?? '(there are none any more; those given before no longer hold)'),
        );
      }
      if (now.environment !== before.environment) project.push(now.environment);
      if (project.length > 0) items.push(message('user', project.join('\n\n')));
      return items;
    },
  };
}

const isText = (text: string | null | undefined): text is string => !!text;

const agentsText = (cwd: string, text: string) => `# AGENTS.md instructions for ${cwd}\n\n${text}`;

const message = (role: 'developer' | 'user', text: string): HistoryItem => ({
  type: 'message',
  role,
  content: [{ type: 'text', text }],
});

async function readTextFile(path: string, maxBytes: number): Promise<string | null> {
  try {
    // What is no plain file may have no end, or nobody who writes to it.
    if (!(await stat(path)).isFile()) return null;
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(path, { end: maxBytes - 1 })) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return null;
  }
}

function realSurroundings(): Surroundings {
  return {
    platform: platform(),
    release: release(),
    shell: '/bin/bash',
    now: new Date(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
