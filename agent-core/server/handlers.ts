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
import { gantryHandlers } from './about/gantry-handlers.ts';
import type { LogMemory } from './about/log.ts';
import type { Status } from './about/status.ts';
import { permissionProfileHandlers } from './approvals/permission-profile-handlers.ts';
import { backgroundTerminalHandlers } from './commands/background-terminals.ts';
import { shellCommandHandlers, type UserShell } from './commands/shell-command.ts';
import { windowsSandboxHandlers } from './commands/windows-sandbox-handlers.ts';
import { checkLimits } from './config/config-limits.ts';
import type { ConfigLive } from './config/config-live.ts';
import type { Configuration } from './config/configuration.ts';
import { lateHandlers } from './late-handlers.ts';
import { MCP_METHODS, type McpThreads } from './mcp/mcp-threads.ts';
import { accountHandlers } from './models/account-handlers.ts';
import type { AccountStore } from './models/account-store.ts';
import type { HostModels } from './models/host-models.ts';
import type { ModelCatalog } from './models/model-catalog.ts';
import { modelHandlers } from './models/model-handlers.ts';
import { readStateHandlers } from './threads/read-state-handlers.ts';
import { threadHandlers } from './threads/thread-handlers.ts';
import { threadKeepingHandlers } from './threads/thread-keeping-handlers.ts';
import { threadReadHandlers } from './threads/thread-read-handlers.ts';
import type { ThreadRegistry } from './threads/thread-registry.ts';
import { compactHandlers } from './turns/compact-handlers.ts';
import type { PromptServices } from './turns/prompt-services.ts';
import type { SpecialTurns } from './turns/special-turns.ts';
import { turnHandlers } from './turns/turn-handlers.ts';
import type { Handlers } from './wire/connection.ts';

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
      async () => (await imported(import('./threads/thread-section-handlers.ts'))).threadSectionHandlers(keeping),
    ),
    ...lateHandlers(
      ['thread/attachment/add', 'thread/attachment/list', 'thread/attachment/remove', 'thread/attachmentOwner/list'],
      async () => (await imported(import('./threads/thread-attachment-handlers.ts'))).threadAttachmentHandlers(keeping),
    ),
    ...readStateHandlers(threads, store),
    ...lateHandlers(['thread/search', 'gantry/thread/search'], async () =>
      (await imported(import('./threads/thread-search-handlers.ts'))).threadSearchHandlers(threads, store),
    ),
    ...lateHandlers(['fileReview/decided'], async () =>
      (await imported(import('./files/file-review-handlers.ts'))).fileReviewHandlers(threads),
    ),
    ...lateHandlers(
      ['checkpoint/list', 'checkpoint/preview', 'checkpoint/restore', 'checkpoint/readFile'],
      async () => {
        const { checkpointHandlers } = await imported(import('./files/checkpoint-handlers.ts'));
        return checkpointHandlers({ threads, service: await core.checkpoints(), log: core.log });
      },
    ),
    ...lateHandlers(['thread/inject_items'], async () =>
      (await imported(import('./threads/thread-inject.ts'))).threadInjectHandlers(threads),
    ),
    ...lateHandlers(['review/start'], async () =>
      (await imported(import('./turns/review-handlers.ts'))).reviewHandlers(threads, special),
    ),
    ...lateHandlers(['thread/goal/set', 'thread/goal/get', 'thread/goal/clear'], async () =>
      (await imported(import('./threads/goal-handlers.ts'))).goalHandlers({ threads, store, now }),
    ),
    ...lateHandlers(['gantry/permission/grant'], async () => {
      const { permissionGrantHandlers } = await imported(import('./approvals/permission-grants.ts'));
      const requirements = () => core.configuration.loadUser().requirements;
      return permissionGrantHandlers({ threads, runner: core.runner, requirements });
    }),
    ...lateHandlers(['gantry/queue/read', 'gantry/context/read', 'gantry/prompt/read'], async () =>
      (await imported(import('./turns/context-handlers.ts'))).contextHandlers(threads),
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
      (await imported(import('./config/feature-handlers.ts'))).featureHandlers({
        configuration,
        threads,
        onChanged: onWritten,
      }),
    ),
    ...lateHandlers(['modelProvider/list', 'modelProvider/config/write', 'modelProvider/capabilities/read'], async () =>
      (await imported(import('./config/config-provider-handlers.ts'))).providerHandlers({
        configuration,
        cwd,
        catalog,
        onWritten,
      }),
    ),
    ...lateHandlers(['config/read', 'config/value/write', 'config/batchWrite', 'configRequirements/read'], async () =>
      (await imported(import('./config/config-handlers.ts'))).configHandlers({ configuration, cwd, onWritten }),
    ),
    ...lateHandlers(['feedback/save'], async () => {
      const { feedbackHandlers } = await imported(import('./about/feedback-handlers.ts'));
      const { version, memory, secretValues: secrets } = core;
      return feedbackHandlers({ version, configuration, threads, memory, secrets, newId, now });
    }),
    ...lateHandlers(['skills/list', 'skills/extraRoots/set', 'skills/config/write'], async () =>
      (await imported(import('./skills/skill-handlers.ts'))).skillHandlers({ prompts, cwd, overridesOf, announce }),
    ),
    ...lateHandlers(['hooks/list'], async () => {
      const [{ hookHandlers }, { discoverHooks }] = await Promise.all([
        imported(import('./hooks/hook-handlers.ts')),
        imported(import('../hooks/discover.ts')),
      ]);
      const discover = (folder: string) => discoverHooks(configuration.load(folder, overridesOf(folder)), folder);
      return hookHandlers({ cwd, discover, folderOf: (threadId) => threads.get(threadId)?.settings.cwd });
    }),
    ...lateHandlers(MCP_METHODS, async () => {
      const { mcpHandlers } = await imported(import('./mcp/mcp-handlers.ts'));
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
        const { externalAgentHandlers } = await imported(import('./config/external-agent-handlers.ts'));
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
        const { commandExecHandlers } = await imported(import('./commands/command-exec-handlers.ts'));
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
      async () => (await imported(import('./files/fs-handlers.ts'))).fsHandlers(),
    ),
    ...lateHandlers(
      [
        'fuzzyFileSearch',
        'fuzzyFileSearch/sessionStart',
        'fuzzyFileSearch/sessionUpdate',
        'fuzzyFileSearch/sessionStop',
      ],
      async () => (await imported(import('./files/search-handlers.ts'))).searchHandlers(cwd, env),
    ),
  };
}
