/** Features that can be turned on and off. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const ExperimentalFeatureStage = z.enum(['beta', 'underDevelopment', 'stable', 'deprecated', 'removed']);
export type ExperimentalFeatureStage = z.infer<typeof ExperimentalFeatureStage>;

/** `displayName`, `description` and `announcement` are null unless the feature is in beta. */
export const ExperimentalFeature = lazy(() =>
  z.object({
    defaultEnabled: z.boolean(),
    enabled: z.boolean(),
    name: z.string(),
    stage: ExperimentalFeatureStage,
    announcement: z.nullish(z.string()),
    description: z.nullish(z.string()),
    displayName: z.nullish(z.string()),
  }),
);
export type ExperimentalFeature = z.infer<typeof ExperimentalFeature>;

/** With `threadId`, as the thread's own configuration has it. */
export const ExperimentalFeatureListParams = lazy(() =>
  z.object({ threadId: z.nullish(z.string()), cursor: z.nullish(z.string()), limit: z.nullish(Uint) }),
);
export type ExperimentalFeatureListParams = z.infer<typeof ExperimentalFeatureListParams>;

export const ExperimentalFeatureListResponse = lazy(() =>
  z.object({ data: z.array(ExperimentalFeature), nextCursor: z.nullish(z.string()) }),
);
export type ExperimentalFeatureListResponse = z.infer<typeof ExperimentalFeatureListResponse>;

/** Until the server ends; features that are not named stay as they are. */
export const ExperimentalFeatureEnablementSetParams = lazy(() =>
  z.object({ enablement: z.record(z.string(), z.boolean()) }),
);
export type ExperimentalFeatureEnablementSetParams = z.infer<typeof ExperimentalFeatureEnablementSetParams>;

export const ExperimentalFeatureEnablementSetResponse = lazy(() =>
  z.object({ enablement: z.record(z.string(), z.boolean()) }),
);
export type ExperimentalFeatureEnablementSetResponse = z.infer<typeof ExperimentalFeatureEnablementSetResponse>;
