/** Hooks for the threads of a core: found by the configuration of their folders. Loaded with the first thread. */

import type { SandboxedRunner } from '../../execution/command-runner.ts';
import { imported, late } from '../../late.ts';
import type { Clock, Emit, Hooks, Log } from '../../ports.ts';
import type { Configuration } from '../config/configuration.ts';
import type { ConfigOverrides } from '../threads/live-thread.ts';

/** What the hooks of all threads run, so that no command and no edit changes it. */
export type KeptFiles = { keep(threadId: string, files: readonly string[]): void; all(): readonly string[] };

export function createKeptFiles(): KeptFiles {
  const byThread = new Map<string, readonly string[]>();
  return {
    keep(threadId, files) {
      if (files.length === 0) byThread.delete(threadId);
      else byThread.set(threadId, files);
    },
    all: () => [...new Set([...byThread.values()].flat())],
  };
}

export type HookServicesOptions = {
  configuration: Configuration;
  runner: () => Promise<SandboxedRunner>;
  kept: KeptFiles;
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
  kept,
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
        keep: (files) => kept.keep(threadId, files),
        now: clock.now,
        log,
      });
  });
}
