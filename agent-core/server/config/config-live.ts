/** Keeps what runs in step with the configuration: models, status, and the threads that are loaded. */
import path from 'node:path';
import { type ConfigProblem, isFeatureOn } from '../../config/index.ts';
import { problemKey, type Status } from '../about/status.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import { wireThreadSettings } from '../threads/wire-thread.ts';
import type { Handlers } from '../wire/connection.ts';
import { type FollowedConfig, followConfig } from './config-follow.ts';
import { type ConfigWatch, watchConfig } from './config-watch.ts';
import { type Configuration, threadDefaults } from './configuration.ts';

export type ConfigLiveOptions = {
  configuration: Configuration;
  cwd: string;
  /** Those that are loaded. */
  threads: () => readonly LiveThread[];
  status: Pick<Status, 'follow'>;
  catalog: Pick<ModelCatalog, 'configChanged'>;
  /** What is wrong with a thread's own configuration: its `config`, or the files of a folder that is not the core's. */
  onWarning: (problem: ConfigProblem) => void;
};

export type ConfigLive = {
  /** To be called after a write of ours; changes by others are found within a second. */
  changed(): void;
  /** The same handlers; threads that they open are followed from then on. */
  following(handlers: Handlers): Handlers;
  start(): void;
  close(): void;
};

export function createConfigLive(options: ConfigLiveOptions): ConfigLive {
  const { configuration, cwd, threads, status, catalog, onWarning } = options;
  const seen = new WeakMap<LiveThread, FollowedConfig>();
  const warned = new WeakMap<LiveThread, ReadonlySet<string>>();
  let watch: ConfigWatch | null = null;

  const configOf = (thread: LiveThread): FollowedConfig => {
    const folder = thread.settings.cwd;
    const { config, isTrusted, problems } = configuration.load(folder, thread.overrides);
    const shared = new Set(configuration.load(cwd).problems.map(problemKey));
    const told = warned.get(thread) ?? shared;
    warned.set(thread, new Set(problems.map(problemKey)));
    for (const problem of problems) {
      const key = problemKey(problem);
      if (!told.has(key) && !shared.has(key)) onWarning(problem);
    }
    return { ...threadDefaults(config, folder), isTrusted };
  };

  const follow = (thread: LiveThread): void => {
    const before = seen.get(thread);
    const after = configOf(thread);
    seen.set(thread, after);
    const next = before ? followConfig(thread.settings, before, after) : thread.settings;
    if (next === thread.settings) return;
    thread.settings = next;
    const params = { threadId: thread.id, threadSettings: wireThreadSettings(next) };
    thread.broadcast({ method: 'thread/settings/updated', params });
  };

  const changed = (): void => {
    status.follow();
    catalog.configChanged();
    for (const thread of threads()) follow(thread);
  };

  const following = (handlers: Handlers): Handlers => {
    const wrapped: Handlers = { ...handlers };
    for (const method of ['thread/start', 'thread/resume', 'thread/fork'] as const) {
      const handler = handlers[method] as ((...given: unknown[]) => unknown) | undefined;
      if (!handler) continue;
      const remembering = async (params: unknown, context: unknown): Promise<unknown> => {
        const answer = await handler(params, context);
        for (const thread of threads()) if (!seen.has(thread)) seen.set(thread, configOf(thread));
        return answer;
      };
      Object.assign(wrapped, { [method]: remembering });
    }
    return wrapped;
  };

  return {
    changed,
    following,
    start() {
      const { config, path: main, writablePath, home, readHome } = configuration.load(cwd);
      if (watch || !isFeatureOn(config, 'config_watch')) return;
      const required = [home, readHome].map((folder) => path.join(folder, 'requirements.toml'));
      const project = ['.gantry', '.codex'].map((folder) => path.join(cwd, folder, 'config.toml'));
      watch = watchConfig([main, writablePath, ...required, ...project], changed);
    },
    close() {
      watch?.close();
      watch = null;
    },
  };
}
