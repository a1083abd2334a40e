/** Writing config.toml. A write names the version that it was made from; if the file has changed since, nothing is written. */
import * as z from 'zod/mini';
import { AbsolutePathBuf } from './common.ts';
import { ConfigLayerMetadata } from './config.ts';
import { lazy } from './lazy.ts';

export const MergeStrategy = z.enum(['replace', 'upsert']);
export type MergeStrategy = z.infer<typeof MergeStrategy>;

/** `keyPath` is dotted, as on the command line; a null `value` removes the key. */
export const ConfigEdit = lazy(() =>
  z.object({ keyPath: z.string(), mergeStrategy: MergeStrategy, value: z.unknown() }),
);
export type ConfigEdit = z.infer<typeof ConfigEdit>;

/** Without `filePath`, the user's own config.toml. */
export const ConfigValueWriteParams = lazy(() =>
  z.object({
    keyPath: z.string(),
    mergeStrategy: MergeStrategy,
    value: z.unknown(),
    expectedVersion: z.nullish(z.string()),
    filePath: z.nullish(z.string()),
  }),
);
export type ConfigValueWriteParams = z.infer<typeof ConfigValueWriteParams>;

/** All edits or none. `reloadUserConfig` takes the new settings to loaded threads as far as they can change there. */
export const ConfigBatchWriteParams = lazy(() =>
  z.object({
    edits: z.array(ConfigEdit),
    expectedVersion: z.nullish(z.string()),
    filePath: z.nullish(z.string()),
    reloadUserConfig: z.optional(z.boolean()),
  }),
);
export type ConfigBatchWriteParams = z.infer<typeof ConfigBatchWriteParams>;

export const WriteStatus = z.enum(['ok', 'okOverridden']);
export type WriteStatus = z.infer<typeof WriteStatus>;

export const OverriddenMetadata = lazy(() =>
  z.object({ effectiveValue: z.unknown(), message: z.string(), overridingLayer: ConfigLayerMetadata }),
);
export type OverriddenMetadata = z.infer<typeof OverriddenMetadata>;

/** `version` is what the next write names. `overriddenMetadata` says which layer still hides what was written. */
export const ConfigWriteResponse = lazy(() =>
  z.object({
    filePath: AbsolutePathBuf,
    status: WriteStatus,
    version: z.string(),
    overriddenMetadata: z.nullish(OverriddenMetadata),
  }),
);
export type ConfigWriteResponse = z.infer<typeof ConfigWriteResponse>;
