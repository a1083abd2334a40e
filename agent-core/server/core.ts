/**
 * The core: what all connections share. Made before the first line is read, so it loads nothing that costs time;
 * the loop, the models and the sandbox come when they are needed, or right after the first answer.
 */
import { homedir } from 'node:os';
import type { SandboxedRunner } from '../execution/command-runner.ts';
import { imported, late } from '../late.ts';
import type { Log } from '../ports.ts';
import type { ServerNotification } from '../protocol/index.ts';
import type { LineSink } from '../protocol/rpc/write-queue.ts';
import { createThreadStore } from '../threads/thread-store.ts';
import { createIdSource } from '../threads/uuid.ts';
import { accountHandlers } from './account-handlers.ts';
import { createAccountStore } from './account-store.ts';
import { backgroundTerminalHandlers } from './background-terminals.ts';
import { commandExecHandlers } from './command-exec-handlers.ts';
import { compactHandlers } from './compact-handlers.ts';
import { configHandlers } from './config-handlers.ts';
import { checkLimits, limited } from './config-limits.ts';
import { createConfigLive } from './config-live.ts';
import { providerHandlers } from './config-provider-handlers.ts';
import { createConfiguration, environmentPolicy, threadDefaults } from './configuration.ts';
import { Connection, type Handlers } from './connection.ts';
import { contextHandlers } from './context-handlers.ts';
import { externalAgentHandlers } from './external-agent-handlers.ts';
import { featureHandlers } from './feature-handlers.ts';
import { feedbackHandlers, rememberLog } from './feedback-handlers.ts';
import { fsHandlers } from './fs-handlers.ts';
import { gantryHandlers } from './gantry-handlers.ts';
import { goalHandlers } from './goal-handlers.ts';
import { createHostModels } from './host-models.ts';
import { createModelCatalog } from './model-catalog.ts';
import { modelHandlers } from './model-handlers.ts';
import { permissionProfileHandlers } from './permission-profile-handlers.ts';
import { createPromptServices } from './prompt-services.ts';
import { reviewHandlers } from './review-handlers.ts';
import { searchHandlers } from './search-handlers.ts';
import { createUserShell, shellCommandHandlers } from './shell-command.ts';
import { skillHandlers } from './skill-handlers.ts';
import { createSpecialTurns } from './special-turns.ts';
import { createStatus, warningOf } from './status.ts';
import { threadAttachmentHandlers } from './thread-attachment-handlers.ts';
import { threadHandlers } from './thread-handlers.ts';
import { threadInjectHandlers } from './thread-inject.ts';
import { threadKeepingHandlers } from './thread-keeping-handlers.ts';
import type { ThreadServices } from './thread-loader.ts';
import { threadReadHandlers } from './thread-read-handlers.ts';
import { ThreadRegistry } from './thread-registry.ts';
import { threadSectionHandlers } from './thread-section-handlers.ts';
import { turnHandlers } from './turn-handlers.ts';
import { sandboxPolicyOf, type ThreadConfig } from './turn-settings.ts';

export type CoreOptions = {
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  log: Log;
  /** `key=value` of the command line. */
  overrides?: readonly string[];
  /** What new threads come from; `vscode`, as the reference's app server says, unless given. */
  source?: 'exec' | 'cli' | 'vscode';
  now?: () => number;
};

export type Core = {
  /** A new client on a line of its own. */
  connect(sink: LineSink): Connection;
  /** Ends every turn and every command; resolves when nothing is left. */
  close(): Promise<void>;
};

export function createCore({
  version,
  env,
  cwd,
  log: writeLog,
  overrides = [],
  source = 'vscode',
  now = Date.now,
}: CoreOptions): Core {
  const memory = rememberLog(writeLog, now);
  const { log } = memory;
  const clock = { now };
  const newId = createIdSource(now);
  const configuration = createConfiguration(env, cwd, overrides);
  const { home, readHome } = configuration;
  const user = env.HOME || env.USERPROFILE || homedir();
  const prompts = createPromptServices({ configuration, env, user });
  const homes = { user, agent: [...new Set([home, readHome])], readable: () => prompts.readableFolders() };
  const store = createThreadStore(home, now, log);
  const connections = new Set<Connection>();

  const announce = (notification: ServerNotification): void => {
    for (const connection of connections) connection.notify(notification);
  };

  let runner: SandboxedRunner | null = null;
  const getRunner = late(async (): Promise<SandboxedRunner> => {
    const { createCommandRunner } = await imported(import('../execution/command-runner.ts'));
    runner = createCommandRunner({
      homes,
      env,
      environmentPolicy: () => environmentPolicy(configuration.load(cwd).config),
    });
    return runner;
  });
  const ready = async (): Promise<void> => {
    try {
      await (await getRunner()).ready();
    } catch (error) {
      log('error', 'the sandbox could not be examined', error);
    }
  };

  const hostModels = createHostModels(newId, () => catalog.hostChanged());
  const accounts = createAccountStore(home, log);
  const catalog = createModelCatalog({
    env,
    accountKeys: accounts.keys,
    configuration,
    cwd,
    hostModels,
    log,
    onChanged: () => announce({ method: 'gantry/model/changed', params: {} }),
  });

  const status = createStatus({
    configuration,
    cwd,
    version,
    sandbox: async () => (await getRunner()).ready(),
    log,
    onChanged: (params) => announce({ method: 'gantry/status/changed', params }),
    onWarning: (params) => {
      for (const connection of connections) {
        if (connection.capabilities.gantry === null) connection.notify({ method: 'configWarning', params });
      }
    },
  });

  const threadConfig: ThreadServices['threadConfig'] = async (asked): Promise<ThreadConfig> => {
    status.follow();
    const { config, isTrusted } = configuration.load(asked.cwd, asked.overrides);
    return {
      ...threadDefaults(config, asked.cwd),
      isTrusted,
      model: await catalog.select({
        config,
        model: asked.model,
        provider: asked.modelProvider,
        allowDemo: asked.allowDemo,
      }),
    };
  };

  const agentFactory: ThreadServices['agentFactory'] = async () => {
    const [{ createAgentThread }, promptFor, { createDiskFs }, commandRunner] = await Promise.all([
      imported(import('../loop/agent-thread.ts')),
      prompts.prompts(),
      imported(import('../execution/disk-fs.ts')),
      getRunner(),
    ]);
    return ({ overrides, ...ports }, seed) =>
      createAgentThread(
        {
          ...ports,
          clock,
          newId,
          prompt: promptFor({ runner: commandRunner, overrides }),
          runner: commandRunner,
          fs: createDiskFs(homes),
          protectedPaths: homes.agent,
          compactPrompt: () => configuration.load(cwd, overrides()).config.compact_prompt ?? null,
        },
        seed,
      );
  };

  const threads = new ThreadRegistry({
    version,
    source,
    store,
    clock,
    newId,
    log,
    threadConfig,
    models: (of) =>
      catalog.forThread(() => {
        const { cwd: folder, overrides: own } = of();
        return configuration.load(folder, own).config;
      }),
    agentFactory,
    ready,
  });

  const secretValues = (): string[] => {
    const named = Object.entries(env).filter(([name]) => /KEY|TOKEN|SECRET|PASSWORD/i.test(name));
    return [...catalog.keys().values(), ...named.flatMap(([, value]) => value ?? [])];
  };
  const live = createConfigLive({
    configuration,
    cwd,
    threads: () => threads.all,
    status,
    catalog,
    onWarning: (problem) => announce({ method: 'configWarning', params: warningOf(problem) }),
  });
  const keeping = { threads, store, now, announce };
  const shell = createUserShell({ runner: getRunner, clock, newId, log });
  const sandboxPolicy = (folder: string) => {
    const { config, isTrusted } = configuration.load(folder);
    const { sandboxMode, workspaceWrite } = threadDefaults(config, folder);
    return sandboxPolicyOf(sandboxMode ?? (isTrusted ? 'workspace-write' : 'read-only'), workspaceWrite);
  };

  const special = createSpecialTurns();
  const handlers: Handlers = {
    ...threadHandlers(threads),
    ...threadKeepingHandlers(keeping),
    ...threadSectionHandlers(keeping),
    ...threadAttachmentHandlers(keeping),
    ...threadInjectHandlers(threads),
    ...threadReadHandlers(threads, store),
    ...turnHandlers(threads, special, shell.interrupt),
    ...compactHandlers(threads, special),
    ...reviewHandlers(threads, special),
    ...goalHandlers({ threads, store, now }),
    ...contextHandlers(threads),
    ...shellCommandHandlers(threads, shell),
    ...backgroundTerminalHandlers(threads, shell),
    ...commandExecHandlers({
      runner: getRunner,
      cwd,
      sandboxPolicy,
      check: (policy) => checkLimits(configuration.loadUser().requirements, { sandboxPolicy: policy }),
    }),
    ...modelHandlers(catalog),
    ...accountHandlers({ catalog, configuration, store: accounts, announce }),
    ...featureHandlers({ configuration, threads, onChanged: () => live.changed() }),
    ...permissionProfileHandlers(configuration, cwd),
    ...providerHandlers({ configuration, cwd, catalog, onWritten: () => live.changed() }),
    ...feedbackHandlers({ version, configuration, threads, memory, secrets: secretValues, newId, now }),
    ...configHandlers({ configuration, cwd, onWritten: () => live.changed() }),
    ...fsHandlers(),
    ...searchHandlers(cwd, env),
    ...externalAgentHandlers({ configuration, user, now, announce, log }),
    ...skillHandlers({
      prompts,
      cwd,
      overridesOf: (folder) =>
        threads
          .ids()
          .map((id) => threads.get(id))
          .findLast((thread) => thread?.settings.cwd === folder)?.overrides,
      announce,
    }),
    ...gantryHandlers({ threads, catalog, hostModels, status: status.read, shell }),
  };

  const held = limited(live.following(handlers), {
    requirements: () => configuration.loadUser().requirements,
    settingsOf: (threadId) => threads.get(threadId)?.settings,
  });

  /** What the first turn needs is loaded while the client is still busy with our first answer. */
  const warm = (connection: Connection): void => {
    for (const params of status.warnings()) connection.notify({ method: 'configWarning', params });
    live.start();
    setImmediate(
      () =>
        void Promise.all([ready(), agentFactory(), catalog.warm()]).catch((error) =>
          log('error', 'warming up failed', error),
        ),
    );
  };

  return {
    connect(sink) {
      const connection = new Connection({
        sink,
        handlers: held,
        version,
        home: readHome,
        log,
        onInitialized: warm,
        onHostDelta: ({ requestId, delta }) => hostModels.delta(requestId, delta),
      });
      connections.add(connection);
      connection.peer.closed.addEventListener('abort', () => connections.delete(connection), { once: true });
      return connection;
    },
    async close() {
      live.close();
      await threads.closeAll();
      await runner?.killAll();
    },
  };
}
