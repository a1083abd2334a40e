/** Checkpoints for the threads of a core, as config.toml has them. Loaded with the first thread. */
import type { CheckpointConfig, CheckpointService } from '../../checkpoints/service.ts';
import { imported, late } from '../../late.ts';
import type { Log } from '../../ports.ts';
import type { Configuration } from '../config/configuration.ts';

export type CheckpointServicesOptions = {
  configuration: Configuration;
  env: Readonly<Record<string, string | undefined>>;
  user: string;
  now: () => number;
  newId: () => string;
  log: Log;
};

/** It is the user's disk: a project has no say in how much of it is taken. */
function configOf(configuration: Configuration): CheckpointConfig {
  const given = configuration.loadUser().config.checkpoints ?? {};
  return {
    enabled: given.enabled ?? true,
    includeIgnored: given.include_ignored ?? false,
    maxFileSize: given.max_file_size ?? 10_000_000,
    maxTotal: given.max_total ?? 2_000_000_000,
    maxAgeDays: given.max_age_days ?? 14,
  };
}

export function createCheckpointServices(options: CheckpointServicesOptions): () => Promise<CheckpointService> {
  const { configuration, ...rest } = options;
  return late(async () => {
    const { createCheckpointService } = await imported(import('../../checkpoints/service.ts'));
    return createCheckpointService({ ...rest, home: configuration.home, config: () => configOf(configuration) });
  });
}
