/** Hooks for the threads of a core: found by the configuration of their folders. Loaded with the first thread. */

import type { SandboxedRunner } from '../../execution/command-runner.ts';
import { imported, late } from '../../late.ts';
import type { Clock, Emit, Hooks, Log } from '../../ports.ts';
import type { Configuration } from '../config/configuration.ts';
import type { ConfigOverrides } from '../threads/live-thread.ts';

export type HookServicesOptions = {
  configuration: Configuration;
  runner: () => Promise<SandboxedRunner>;
  clock: Clock;
  log: Log;
};

export type HookThread = {
  threadId: string;
  emit: Emit;
  overrides: () => ConfigOverrides;
  transcriptPath: () => string | null;
};

export type HooksFor = (thread: HookThread) => Hooks;

export function createHookServices({
  configuration,
  runner,
  clock,
  log,
}: HookServicesOptions): () => Promise<HooksFor> {
  return late(async (): Promise<HooksFor> => {
    const [{ createThreadHooks }, { discoverHooks }, commandRunner] = await Promise.all([
      imported(import('../../hooks/thread-hooks.ts')),
      imported(import('../../hooks/discover.ts')),
      runner(),
    ]);
    return ({ threadId, emit, overrides, transcriptPath }) =>
      createThreadHooks({
        threadId,
        emit,
        transcriptPath,
        discover: (cwd) => discoverHooks(configuration.load(cwd, overrides()), cwd),
        runner: commandRunner,
        now: clock.now,
        log,
      });
  });
}
