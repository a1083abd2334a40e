/**
 * Who answers what. What every session asks for is there from the start; the rest comes with the first request for it,
 * so that it costs nothing until then.
 */
import type { CheckpointService } from '../checkpoints/service.ts';
import type { SandboxedRunner } from '../execution/command-runner.ts';
import type { Homes } from '../execution/sandbox-settings.ts';
import { imported } from '../late.ts';
import type { Log } from '../ports.ts';
import type { SandboxPolicy, ServerNotification } from '../protocol/index.ts';
import type { ThreadStore } from '../threads/thread-store.ts';
import { accountHandlers } from './account-handlers.ts';
import type { AccountStore } from './account-store.ts';
import { backgroundTerminalHandlers } from './background-terminals.ts';
import { compactHandlers } from './compact-handlers.ts';
import { checkLimits } from './config-limits.ts';
import type { ConfigLive } from './config-live.ts';
import type { Configuration } from './configuration.ts';
import type { Handlers } from './connection.ts';
import { gantryHandlers } from './gantry-handlers.ts';
import type { HostModels } from './host-models.ts';
import { lateHandlers } from './late-handlers.ts';
import type { LogMemory } from './log.ts';
import { MCP_METHODS, type McpThreads } from './mcp-threads.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { modelHandlers } from './model-handlers.ts';
import { permissionProfileHandlers } from './permission-profile-handlers.ts';
import type { PromptServices } from './prompt-services.ts';
import { readStateHandlers } from './read-state-handlers.ts';
import { shellCommandHandlers, type UserShell } from './shell-command.ts';
import type { SpecialTurns } from './special-turns.ts';
import type { Status } from './status.ts';
import { threadHandlers } from './thread-handlers.ts';
import { threadKeepingHandlers } from './thread-keeping-handlers.ts';
import { threadReadHandlers } from './thread-read-handlers.ts';
import type { ThreadRegistry } from './thread-registry.ts';
import { turnHandlers } from './turn-handlers.ts';
import { windowsSandboxHandlers } from './windows-sandbox-handlers.ts';

/** What the core gives to those who answer. */
export type CoreServices = {
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The core's own folder. */
  cwd: string;
  /** The user's home. */
  user: string;
  log: Log;
  memory: LogMemory;
  now: () => number;
  newId: () => string;
  /** Sends to every client. */
  announce: (notification: ServerNotification) => void;
  configuration: Configuration;
  live: Pick<ConfigLive, 'changed'>;
  threads: ThreadRegistry;
  store: ThreadStore;
  special: SpecialTurns;
  shell: UserShell;
  runner: () => Promise<SandboxedRunner>;
  /** What a command of nobody's thread runs under in a folder. */
  sandboxPolicy: (cwd: string) => SandboxPolicy;
  catalog: ModelCatalog;
  hostModels: HostModels;
  accounts: AccountStore;
  prompts: PromptServices;
  status: Status;
  mcp: McpThreads;
  homes: Homes;
  checkpoints: () => Promise<CheckpointService>;
  /** Values that no report may hold. */
  secretValues: () => string[];
};

export function createHandlers(core: CoreServices): Handlers {
  return { ...threadTable(core), ...configTable(core), ...machineTable(core) };
}

function threadTable(core: CoreServices) {
  const { threads, store, now, announce, special, shell, status, catalog, hostModels } = core;
  const keeping = { threads, store, now, announce };
  return {
    ...threadHandlers(threads),
    ...threadKeepingHandlers(keeping),
    ...threadReadHandlers(threads, store),
    ...turnHandlers(threads, special, shell.interrupt),
    ...compactHandlers(threads, special),
    ...shellCommandHandlers(threads, shell),
    ...backgroundTerminalHandlers(threads, shell),
    ...gantryHandlers({ threads, catalog, hostModels, status: status.read, shell }),
    ...lateHandlers(
      [
        'thread/section/move',
        'threadSection/list',
        'threadSection/create',
        'threadSection/update',
        'threadSection/delete',
      ],
      async () => (await imported(import('./thread-section-handlers.ts'))).threadSectionHandlers(keeping),
    ),
    ...lateHandlers(
      ['thread/attachment/add', 'thread/attachment/list', 'thread/attachment/remove', 'thread/attachmentOwner/list'],
      async () => (await imported(import('./thread-attachment-handlers.ts'))).threadAttachmentHandlers(keeping),
    ),
    ...readStateHandlers(threads, store),
    ...lateHandlers(['thread/search', 'gantry/thread/search'], async () =>
      (await imported(import('./thread-search-handlers.ts'))).threadSearchHandlers(threads, store),
    ),
    ...lateHandlers(['fileReview/decided'], async () =>
      (await imported(import('./file-review-handlers.ts'))).fileReviewHandlers(threads),
    ),
    ...lateHandlers(
      ['checkpoint/list', 'checkpoint/preview', 'checkpoint/restore', 'checkpoint/readFile'],
      async () => {
        const { checkpointHandlers } = await imported(import('./checkpoint-handlers.ts'));
        return checkpointHandlers({ threads, service: await core.checkpoints(), log: core.log });
      },
    ),
    ...lateHandlers(['thread/inject_items'], async () =>
      (await imported(import('./thread-inject.ts'))).threadInjectHandlers(threads),
    ),
    ...lateHandlers(['review/start'], async () =>
      (await imported(import('./review-handlers.ts'))).reviewHandlers(threads, special),
    ),
    ...lateHandlers(['thread/goal/set', 'thread/goal/get', 'thread/goal/clear'], async () =>
      (await imported(import('./goal-handlers.ts'))).goalHandlers({ threads, store, now }),
    ),
    ...lateHandlers(['gantry/permission/grant'], async () => {
      const { permissionGrantHandlers } = await imported(import('./permission-grants.ts'));
      const requirements = () => core.configuration.loadUser().requirements;
      return permissionGrantHandlers({ threads, runner: core.runner, requirements });
    }),
    ...lateHandlers(['gantry/queue/read', 'gantry/context/read', 'gantry/prompt/read'], async () =>
      (await imported(import('./context-handlers.ts'))).contextHandlers(threads),
    ),
  };
}

function configTable(core: CoreServices) {
  const { configuration, cwd, catalog, accounts, announce, threads, live, prompts, user, now, log, newId } = core;
  const onWritten = () => live.changed();
  const overridesOf = (folder: string) => threads.all.findLast((thread) => thread.settings.cwd === folder)?.overrides;
  return {
    ...modelHandlers(catalog),
    ...accountHandlers({ catalog, configuration, store: accounts, announce }),
    ...permissionProfileHandlers(configuration, cwd),
    ...lateHandlers(['experimentalFeature/list', 'experimentalFeature/enablement/set'], async () =>
      (await imported(import('./feature-handlers.ts'))).featureHandlers({
        configuration,
        threads,
        onChanged: onWritten,
      }),
    ),
    ...lateHandlers(['modelProvider/list', 'modelProvider/config/write', 'modelProvider/capabilities/read'], async () =>
      (await imported(import('./config-provider-handlers.ts'))).providerHandlers({
        configuration,
        cwd,
        catalog,
        onWritten,
      }),
    ),
    ...lateHandlers(['config/read', 'config/value/write', 'config/batchWrite', 'configRequirements/read'], async () =>
      (await imported(import('./config-handlers.ts'))).configHandlers({ configuration, cwd, onWritten }),
    ),
    ...lateHandlers(['feedback/save'], async () => {
      const { feedbackHandlers } = await imported(import('./feedback-handlers.ts'));
      const { version, memory, secretValues: secrets } = core;
      return feedbackHandlers({ version, configuration, threads, memory, secrets, newId, now });
    }),
    ...lateHandlers(['skills/list', 'skills/extraRoots/set', 'skills/config/write'], async () =>
      (await imported(import('./skill-handlers.ts'))).skillHandlers({ prompts, cwd, overridesOf, announce }),
    ),
    ...lateHandlers(['hooks/list'], async () => {
      const [{ hookHandlers }, { discoverHooks }] = await Promise.all([
        imported(import('./hook-handlers.ts')),
        imported(import('../hooks/discover.ts')),
      ]);
      const discover = (folder: string) => discoverHooks(configuration.load(folder, overridesOf(folder)), folder);
      return hookHandlers({ cwd, discover, folderOf: (threadId) => threads.get(threadId)?.settings.cwd });
    }),
    ...lateHandlers(MCP_METHODS, async () => {
      const { mcpHandlers } = await imported(import('./mcp-handlers.ts'));
      const { mcp, homes, env } = core;
      const options = { mcp, homes, env, cwd, configuration, newId, threads: () => threads };
      return mcpHandlers({ ...options, onConfigWritten: onWritten });
    }),
    ...lateHandlers(
      [
        'externalAgentConfig/detect',
        'externalAgentConfig/import',
        'externalAgentConfig/import/recordHistory',
        'externalAgentConfig/import/readHistories',
      ],
      async () => {
        const { externalAgentHandlers } = await imported(import('./external-agent-handlers.ts'));
        return externalAgentHandlers({ configuration, user, now, announce, log });
      },
    ),
  };
}

/** The machine that the core runs on: files and commands that belong to no thread. */
function machineTable(core: CoreServices) {
  const { runner, cwd, env, sandboxPolicy, configuration, announce, threads, newId } = core;
  const check = (policy: SandboxPolicy) =>
    checkLimits(configuration.loadUser().requirements, { sandboxPolicy: policy });
  return {
    ...windowsSandboxHandlers(announce),
    ...lateHandlers(
      [
        'command/exec',
        'command/exec/write',
        'command/exec/resize',
        'command/exec/terminate',
        'process/spawn',
        'process/writeStdin',
        'process/resizePty',
        'process/kill',
      ],
      async () => {
        const { commandExecHandlers } = await imported(import('./command-exec-handlers.ts'));
        return commandExecHandlers({ runner, cwd, sandboxPolicy, check, threads, newId });
      },
    ),
    ...lateHandlers(
      [
        'fs/readFile',
        'fs/writeFile',
        'fs/createDirectory',
        'fs/getMetadata',
        'fs/readDirectory',
        'fs/remove',
        'fs/copy',
        'fs/watch',
        'fs/unwatch',
      ],
      async () => (await imported(import('./fs-handlers.ts'))).fsHandlers(),
    ),
    ...lateHandlers(
      [
        'fuzzyFileSearch',
        'fuzzyFileSearch/sessionStart',
        'fuzzyFileSearch/sessionUpdate',
        'fuzzyFileSearch/sessionStop',
      ],
      async () => (await imported(import('./search-handlers.ts'))).searchHandlers(cwd, env),
    ),
  };
}
