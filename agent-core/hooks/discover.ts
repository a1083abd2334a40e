/**
 * Finds the hooks of a folder: `[hooks]` of every config.toml that counts there, and hooks.json beside each. The user's own
 * are trusted as they are; those of a project only one by one, each as long as it stays what it was, with the files that its
 * command names, for whoever can change the project could else change what runs. The same holds for a hook of the user that
 * may do more than the agent, and whose command names a file that the project holds.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { HOOKS_FILE, type Layer, type LoadedConfig, readPlainFile } from '../config/index.ts';
import type { ConfigLayerSource, HookErrorInfo, HookSource, HookTrustStatus } from '../protocol/index.ts';
import { EVENTS, GUARDS, type Hook, type HookConfinement, type HookEvent, titleOf } from './hook.ts';
import { pinned } from './hook-files.ts';
import { type HandlerConfig, type HookStates, type ReadGroup, readGroups, readStates } from './hook-schema.ts';
import { matcherProblem } from './matcher.ts';
import { namedFiles } from './named-files.ts';

const DEFAULT_TIMEOUT_SEC = 600;
/** Stands for what came by the command line or with a thread; clients expect an absolute path. */
const SESSION_FILE = path.resolve('/<session-flags>/config.toml');

export type FoundHooks = { hooks: Hook[]; errors: HookErrorInfo[]; warnings: string[] };

type Source = { path: string; source: HookSource; isUsers: boolean; events: unknown };

/** What is the same for all hooks of a folder. */
type Finding = {
  found: FoundHooks;
  states: HookStates;
  cwd: string;
  /** Where other people than the user write files: the folder, and those of the project above it. */
  folders: readonly string[];
  searchPath: string;
  platform: NodeJS.Platform;
};

/** `cwd`: where the hooks will run. Never throws. */
export function discoverHooks(
  { layers }: Pick<LoadedConfig, 'layers'>,
  cwd: string,
  { platform = process.platform, searchPath = process.env.PATH ?? '' } = {},
): FoundHooks {
  const found: FoundHooks = { hooks: [], errors: [], warnings: [] };
  const counting = layers.filter((layer) => layer.disabledReason === null);
  const projects = layers.flatMap(({ name }) => (name.type === 'project' ? path.dirname(name.dotCodexFolder) : []));
  const folders = [cwd, ...projects];
  const finding: Finding = { found, states: statesOf(counting), cwd, folders, searchPath, platform };
  const read = new Set<string>();
  for (const layer of counting) {
    const file = fileOf(layer.name);
    const source = sourceOf(layer.name);
    const isUsers = source !== 'project';
    const inToml = { path: file ?? SESSION_FILE, source, isUsers, events: layer.raw.hooks };
    const beside = file === null ? null : path.join(path.dirname(file), HOOKS_FILE);
    if (beside !== null && !read.has(beside)) {
      read.add(beside);
      const events = readJson(beside, found);
      if (events !== null) addSource({ path: beside, source, isUsers, events }, finding);
    }
    if (inToml.events !== undefined) addSource(inToml, finding);
  }
  return found;
}

/** The user's word alone counts: a project that trusts itself says nothing. */
function statesOf(layers: readonly Layer[]): HookStates {
  const own = layers.filter(({ name }) => sourceOf(name) !== 'project');
  return Object.assign({}, ...own.map(({ raw }) => readStates(isTable(raw.hooks) ? raw.hooks.state : undefined)));
}

function addSource(source: Source, finding: Finding): void {
  const { found } = finding;
  const error = (message: string) => found.errors.push({ path: source.path, message });
  if (!isTable(source.events)) {
    error(
      'hooks must be a table of events, such as {"PreToolUse": [{"hooks": [{"type": "command", "command": "…"}]}]}.',
    );
    return;
  }
  for (const [name, groups] of Object.entries(source.events)) {
    if (name === 'state') continue;
    const event = Object.entries(EVENTS).find(([title]) => title === name)?.[1];
    if (!event) {
      found.warnings.push(
        `${source.path}: ${name} is no event at which Gantry runs hooks. There are ${Object.keys(EVENTS).join(', ')}.`,
      );
      continue;
    }
    for (const [groupAt, group] of readGroups(groups).entries()) {
      const wrong = 'problem' in group || group.matcher === null ? null : matcherProblem(group.matcher);
      if ('problem' in group) error(`${name}: ${group.problem}`);
      else if (wrong !== null) error(`${name}: the matcher ${JSON.stringify(group.matcher)} is no pattern: ${wrong}`);
      else addGroup(group, { event, groupAt }, source, finding);
    }
  }
}

function addGroup(
  { matcher, handlers }: ReadGroup,
  { event, groupAt }: Pick<HookPlace, 'event' | 'groupAt'>,
  source: Source,
  finding: Finding,
): void {
  const { found } = finding;
  for (const [handlerAt, handler] of handlers.entries()) {
    if ('problem' in handler) {
      found.errors.push({ path: source.path, message: `${titleOf(event)}: ${handler.problem}` });
      continue;
    }
    const hook = makeHook(handler, { event, groupAt, handlerAt, matcher }, source, finding);
    if (hook) found.hooks.push(hook);
  }
}

type HookPlace = { event: HookEvent; groupAt: number; handlerAt: number; matcher: string | null };

function makeHook(
  handler: HandlerConfig,
  { event, groupAt, handlerAt, matcher }: HookPlace,
  { path: sourcePath, source, isUsers }: Source,
  { found, states, cwd, folders, searchPath, platform }: Finding,
): Hook | null {
  if (handler.type !== 'command') {
    found.warnings.push(
      `${sourcePath}: a hook of type "${handler.type}" is passed over; Gantry runs hooks of type "command".`,
    );
    return null;
  }
  const windows = handler.commandWindows ?? handler.command_windows;
  const command = (platform === 'win32' ? (windows ?? handler.command) : handler.command)?.trim() ?? '';
  if (command === '') {
    found.errors.push({ path: sourcePath, message: `${titleOf(event)}: a hook without a command; give it one.` });
    return null;
  }
  const timeoutSec = handler.timeout ?? handler.timeoutSec ?? DEFAULT_TIMEOUT_SEC;
  const isAsync = handler.async ?? false;
  const asked: HookConfinement = { sandbox: handler.sandbox ?? 'thread', network: handler.network ?? false };
  const widens = asked.sandbox === 'off' || asked.network;
  if (widens && !isUsers) {
    found.warnings.push(
      `${sourcePath}: a project’s hook runs in the sandbox, without a network; what it says otherwise is passed over.`,
    );
  }
  const confinement: HookConfinement =
    widens && !isUsers ? { sandbox: asked.sandbox === 'read-only' ? 'read-only' : 'thread', network: false } : asked;
  // With more than the agent has, or the user's answer in its hands, it must not be a program that the agent can write.
  const isPinned = !isUsers || widens || event === 'permissionRequest';
  const where = { cwd, folders, searchPath, isWide: widens && isUsers };
  // Beside the folder there may be others that the agent writes.
  const anywhere = { ...where, folders: [path.parse(cwd).root], searchPath: '' };
  const run = GUARDS.has(event) ? namedFiles(command, anywhere).code : [];
  const pin = isPinned ? pinned(command, where) : null;
  const files = pin?.files ?? [];
  const unread = files.find(({ hash: content }) => content === '');
  if (unread) {
    const message = `${titleOf(event)}: ${unread.path} cannot be read, or is too large; the hook is not run.`;
    found.errors.push({ path: sourcePath, message });
  }
  const ofFolder = `${sourcePath}:${snake(event)}:${groupAt}:${handlerAt}@${cwd}`;
  // Once trusted with files, it is not believed without them.
  const needsTrust = !isUsers || files.length > 0 || (isPinned && states[ofFolder]?.trusted_hash !== undefined);
  const failure = handler.onFailure === 'block' ? ({ onFailure: 'block' } as const) : {};
  const what = { event, matcher, command, timeoutSec, isAsync, ...confinement, ...failure };
  const hash = hashOf(files.length === 0 ? what : { ...what, files });
  // A hook of the user's names other files in each workspace.
  const key = isUsers && needsTrust ? ofFolder : `${sourcePath}:${snake(event)}:${groupAt}:${handlerAt}`;
  const state = states[key];
  return {
    key,
    event,
    matcher,
    command,
    timeoutSec,
    isAsync,
    blocksOnFailure: handler.onFailure === 'block',
    statusMessage: handler.statusMessage ?? null,
    confinement,
    source,
    sourcePath,
    hash,
    pin,
    files: [...new Set([...files.map((file) => file.path), ...run])],
    trust: !needsTrust ? 'trusted' : trustOf(state?.trusted_hash, hash),
    isEnabled: state?.enabled !== false,
    order: found.hooks.length,
  };
}

const trustOf = (trusted: string | undefined, hash: string): HookTrustStatus =>
  trusted === undefined ? 'untrusted' : trusted === hash ? 'trusted' : 'modified';

const hashOf = (what: Record<string, unknown>): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(what)).digest('hex')}`;

const snake = (event: HookEvent): string => event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function fileOf(name: ConfigLayerSource): string | null {
  if ('file' in name && typeof name.file === 'string') return name.file;
  return name.type === 'project' ? path.join(name.dotCodexFolder, 'config.toml') : null;
}

function sourceOf(name: ConfigLayerSource): HookSource {
  switch (name.type) {
    case 'system':
    case 'user':
    case 'project':
    case 'sessionFlags':
      return name.type;
    default:
      return 'unknown';
  }
}

function readJson(file: string, found: FoundHooks): unknown {
  const { text, problem } = readPlainFile(file);
  if (problem !== null) found.errors.push({ path: file, message: `cannot be read (${problem}).` });
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isTable(value) && value.hooks !== undefined) return value.hooks;
    found.errors.push({ path: file, message: 'has no "hooks"; write {"hooks": {"PreToolUse": [ … ]}}.' });
  } catch (error) {
    found.errors.push({
      path: file,
      message: `is no JSON: ${error instanceof Error ? error.message : String(error)}.`,
    });
  }
  return null;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
