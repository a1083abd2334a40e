/** What a thread starts with: its first line, and the client's overrides over what it had. */
import path from 'node:path';
import type { Clock, Log, TurnSettings } from '../../ports.ts';
import type { ClientRequestParams } from '../../protocol/index.ts';
import { ROLLOUT_VERSION, type ThreadLine } from '../../threads/rollout.ts';
import { withoutSecrets } from '../../threads/safe-overrides.ts';
import type { ThreadFacts } from '../../threads/thread-history.ts';
import type { ThreadPlace } from '../../threads/thread-paths.ts';
import {
  baseOf,
  newSettings,
  parseEffort,
  resolveFolder,
  sandboxPolicyOf,
  type ThreadConfig,
} from '../turns/turn-settings.ts';
import type { Connection } from '../wire/connection.ts';
import type { ConfigOverrides } from './live-thread.ts';

export type StartParams = ClientRequestParams<'thread/start'>;
export type ResumeParams = ClientRequestParams<'thread/resume'>;
export type ForkParams = ClientRequestParams<'thread/fork'>;

export type ThreadConfigRequest = {
  cwd: string;
  model: string | null;
  modelProvider: string | null;
  overrides: ConfigOverrides;
  /** The demo model is for those who can show that it is one. */
  allowDemo: boolean;
};

/** Throws `AgentError` for a provider that nobody knows. */
export type ReadThreadConfig = (asked: ThreadConfigRequest) => Promise<ThreadConfig>;

export type Origin = { clock: Clock; newId: () => string; version: string };

/** The first line of a new thread. */
export function newMeta(
  { clock, newId, version }: Origin,
  settings: TurnSettings,
  connection: Connection,
  more: Pick<ThreadLine, 'source' | 'forkedFromId' | 'gitInfo' | 'threadSource'>,
): ThreadLine {
  return {
    type: 'thread',
    version: ROLLOUT_VERSION,
    at: clock.now(),
    threadId: newId(),
    cwd: settings.cwd,
    originator: connection.clientName,
    cliVersion: version,
    provider: settings.model.provider,
    model: settings.model.model,
    effort: settings.effort,
    ...more,
  };
}

/** Stands for a first line that is lost. */
export function lostMeta(place: ThreadPlace, settings: TurnSettings): ThreadLine {
  return {
    type: 'thread',
    version: ROLLOUT_VERSION,
    at: 0,
    threadId: place.threadId,
    cwd: settings.cwd,
    source: 'unknown',
    originator: '',
    cliVersion: '',
    provider: settings.model.provider,
    model: settings.model.model,
    forkedFromId: null,
    gitInfo: null,
  };
}

/** What a stored thread's next turn runs under. */
export async function storedSettings(
  facts: ThreadFacts,
  place: ThreadPlace,
  readConfig: ReadThreadConfig,
  log: Log,
): Promise<TurnSettings> {
  if (facts.settings) return { ...facts.settings, outputSchema: null };
  const cwd = facts.meta?.cwd ?? process.cwd();
  log('warn', `${place.path} holds no settings; the config's are used`);
  const config = await readConfig({
    cwd,
    model: facts.meta?.model ?? null,
    modelProvider: facts.meta?.provider ?? null,
    overrides: facts.overrides,
    allowDemo: true,
  });
  return newSettings(cwd, config, {}, undefined);
}

export type Standing = { settings: TurnSettings; overrides: ConfigOverrides };

/** What holds once a client resumed or forked a thread with these params. Throws for what it must not ask for. */
export async function overridden(
  { settings: before, overrides: own }: Standing,
  params: ResumeParams | ForkParams,
  readConfig: ReadThreadConfig,
): Promise<Standing> {
  let next = before;
  const overrides = { ...own, ...params.config };
  if (params.cwd) {
    const cwd = resolveFolder(params.cwd, before.cwd);
    next = { ...next, cwd, roots: [cwd] };
  }
  if (params.model || params.modelProvider || params.config || params.sandbox) {
    const config = await readConfig({
      cwd: next.cwd,
      model: params.model ?? before.model.model,
      modelProvider: params.modelProvider ?? before.model.provider,
      overrides,
      allowDemo: true,
    });
    next = { ...next, model: config.model };
    const effort = params.config?.model_reasoning_effort;
    if (typeof effort === 'string') next = { ...next, effort: parseEffort(effort) };
    if (params.sandbox) next = { ...next, sandboxPolicy: sandboxPolicyOf(params.sandbox, config.workspaceWrite) };
  }
  if (params.approvalPolicy) next = { ...next, approvalPolicy: params.approvalPolicy };
  if (params.developerInstructions) next = { ...next, developerInstructions: params.developerInstructions };
  next = { ...next, ...baseOf(params.baseInstructions) };
  if (params.runtimeWorkspaceRoots?.length) {
    next = { ...next, roots: params.runtimeWorkspaceRoots.map((root) => path.resolve(next.cwd, root)) };
  }
  return { settings: next, overrides };
}

/** The line that keeps a thread's overrides; null when there is nothing that may be kept. */
export function overridesLine(overrides: ConfigOverrides, before: ConfigOverrides, at: number) {
  const config = withoutSecrets(overrides);
  return JSON.stringify(config) === JSON.stringify(withoutSecrets(before))
    ? null
    : ({ type: 'overrides', at, config } as const);
}
