/**
 * The core: what all connections share. Made before the first line is read, so it loads nothing that costs time;
 * the loop, the models and the sandbox come when they are needed, or right after the first answer.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import { isFeatureOn } from '../config/index.ts';
import type { SandboxedRunner } from '../execution/command-runner.ts';
import { imported, late } from '../late.ts';
import type { Log } from '../ports.ts';
import type { ServerNotification } from '../protocol/index.ts';
import type { LineSink } from '../protocol/rpc/write-queue.ts';
import { createThreadStore } from '../threads/thread-store.ts';
import { createIdSource } from '../threads/uuid.ts';
import { rememberLog } from './about/log.ts';
import { createStatus, warningOf } from './about/status.ts';
import { createRuleServices } from './approvals/rule-services.ts';
import { namingProfiles } from './approvals/thread-permissions.ts';
import { createUserShell } from './commands/shell-command.ts';
import { limited } from './config/config-limits.ts';
import { createConfigLive } from './config/config-live.ts';
import { createConfiguration, environmentPolicy, threadDefaults } from './config/configuration.ts';
import { createCheckpointServices } from './files/checkpoint-services.ts';
import { createHandlers } from './handlers.ts';
import { createHookServices, createKeptFiles } from './hooks/hook-services.ts';
import { createMcpThreads } from './mcp/mcp-threads.ts';
import { createAccountStore } from './models/account-store.ts';
import { createHostModels } from './models/host-models.ts';
import { createModelCatalog } from './models/model-catalog.ts';
import type { ThreadServices } from './threads/thread-loader.ts';
import { ThreadRegistry } from './threads/thread-registry.ts';
import { createPromptServices } from './turns/prompt-services.ts';
import { createSpecialTurns } from './turns/special-turns.ts';
import { sandboxPolicyOf, type ThreadConfig } from './turns/turn-settings.ts';
import { Connection } from './wire/connection.ts';

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
  const keptFiles = createKeptFiles();
  const homes = {
    user,
    agent: [...new Set([home, readHome])],
    programs: (env.PATH ?? '').split(path.delimiter),
    readable: () => prompts.readableFolders(),
    permissions: configuration.permissions,
    kept: keptFiles.all,
  };
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
      rememberHost(folder, host, action) {
        try {
          configuration.rememberHost(folder, host, action);
        } catch (error) {
          log('warn', `what was said of ${host} holds for this session only`, error);
        }
      },
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
    rules()
      .then((rulesFor) => rulesFor(() => asked.overrides).look(asked.cwd))
      .catch((error: unknown) => log('error', 'the command rules could not be read', error));
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

  const mcp = createMcpThreads({
    version,
    env,
    cwd,
    homes,
    configuration,
    runner: getRunner,
    threads: () => threads,
    clock,
    log,
  });

  const checkpoints = createCheckpointServices({ configuration, env, user, now, newId, log });
  const hooks = createHookServices({ configuration, runner: getRunner, kept: keptFiles, clock, log });
  const rules = createRuleServices({ configuration, env, user, log, announce });

  const agentFactory: ThreadServices['agentFactory'] = async () => {
    const [{ createAgentThread }, promptFor, { threadFiles }, commandRunner, rulesFor, hooksFor, kept] =
      await Promise.all([
        imported(import('../loop/agent-thread.ts')),
        prompts.prompts(),
        imported(import('./files/thread-fs.ts')),
        getRunner(),
        rules(),
        hooks(),
        checkpoints(),
      ]);
    const filesOf = threadFiles(homes);
    return ({ overrides, transcriptPath, ...ports }, seed) =>
      createAgentThread(
        {
          ...ports,
          clock,
          newId,
          checkpoints: kept.forThread({
            threadId: ports.threadId,
            emit: ports.emit,
            tell(message) {
              const followers = threads.get(ports.threadId)?.followers() ?? [];
              for (const one of followers.filter(({ capabilities }) => capabilities.gantry !== null))
                one.notify({ method: 'warning', params: { threadId: ports.threadId, message } });
            },
          }),
          prompt: promptFor({ runner: commandRunner, overrides }),
          runner: commandRunner,
          rules: rulesFor(overrides),
          hooks: hooksFor({ threadId: ports.threadId, emit: ports.emit, overrides, transcriptPath }),
          fs: filesOf(ports),
          offersPermissions: () => isFeatureOn(configuration.load(cwd, overrides()).config, 'request_permissions_tool'),
          compactPrompt: () => configuration.load(cwd, overrides()).config.compact_prompt ?? null,
        },
        seed,
        { serverTools: mcp.toolsFor(ports.threadId) },
      );
  };

  const threads = new ThreadRegistry({
    version,
    source,
    store,
    clock,
    newId,
    log,
    announce,
    threadConfig,
    models: (of) =>
      catalog.forThread(() => {
        const { cwd: folder, overrides: own } = of();
        return configuration.load(folder, own).config;
      }),
    agentFactory,
    ready,
    lookAhead(settings, overrides) {
      Promise.all([prompts.prompts(), getRunner(), ready()])
        .then(([promptFor, commandRunner]) => promptFor({ runner: commandRunner, overrides }).ahead?.(settings))
        .catch((error: unknown) => log('error', 'looking at the workspace ahead failed', error));
    },
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
  const shell = createUserShell({
    runner: getRunner,
    clock,
    newId,
    log,
    read: async (script, program, folder, own) => (await rules())(() => own).judge(script, program, folder),
  });
  const sandboxPolicy = (folder: string) => {
    const { config, isTrusted } = configuration.load(folder);
    const { sandboxMode, workspaceWrite } = threadDefaults(config, folder);
    return sandboxPolicyOf(sandboxMode ?? (isTrusted ? 'workspace-write' : 'read-only'), workspaceWrite);
  };

  const special = createSpecialTurns();
  const handlers = createHandlers({
    version,
    env,
    cwd,
    user,
    log,
    memory,
    now,
    newId,
    announce,
    configuration,
    live,
    threads,
    store,
    special,
    shell,
    runner: getRunner,
    sandboxPolicy,
    catalog,
    hostModels,
    accounts,
    prompts,
    status,
    secretValues,
    mcp,
    homes,
    checkpoints,
  });

  const held = namingProfiles(
    limited(mcp.following(live.following(handlers)), {
      requirements: () => configuration.loadUser().requirements,
      settingsOf: (threadId) => threads.get(threadId)?.settings,
    }),
    configuration,
  );

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
