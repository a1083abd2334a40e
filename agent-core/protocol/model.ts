/** The models that a client may pick. */
import * as z from 'zod/mini';
import { ReasoningEffort, Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const InputModality = z.enum(['text', 'image', 'audio']);
export type InputModality = z.infer<typeof InputModality>;

export const ModelServiceTier = lazy(() => z.object({ id: z.string(), description: z.string(), name: z.string() }));
export type ModelServiceTier = z.infer<typeof ModelServiceTier>;

export const ReasoningEffortOption = lazy(() =>
  z.object({ description: z.string(), reasoningEffort: ReasoningEffort }),
);
export type ReasoningEffortOption = z.infer<typeof ReasoningEffortOption>;

export const ModelUpgradeInfo = lazy(() =>
  z.object({
    model: z.string(),
    migrationMarkdown: z.nullish(z.string()),
    modelLink: z.nullish(z.string()),
    retirementAt: z.nullish(z.int()),
    upgradeCopy: z.nullish(z.string()),
  }),
);
export type ModelUpgradeInfo = z.infer<typeof ModelUpgradeInfo>;

export const ModelAvailabilityNux = lazy(() => z.object({ message: z.string() }));
export type ModelAvailabilityNux = z.infer<typeof ModelAvailabilityNux>;

export const CyberAccessProgram = z.enum(['standard', 'daybreakBlue', 'daybreakRed']);
export type CyberAccessProgram = z.infer<typeof CyberAccessProgram>;

export const ModelAccessPrograms = lazy(() => z.object({ cyber: z.array(CyberAccessProgram) }));
export type ModelAccessPrograms = z.infer<typeof ModelAccessPrograms>;

export const MultiAgentVersion = z.enum(['disabled', 'v1', 'v2']);
export type MultiAgentVersion = z.infer<typeof MultiAgentVersion>;

export const Model = lazy(() =>
  z.object({
    id: z.string(),
    defaultReasoningEffort: ReasoningEffort,
    description: z.string(),
    displayName: z.string(),
    hidden: z.boolean(),
    isDefault: z.boolean(),
    model: z.string(),
    supportedReasoningEfforts: z.array(ReasoningEffortOption),
    additionalSpeedTiers: z._default(z.array(z.string()), []),
    availabilityNux: z.nullish(ModelAvailabilityNux),
    availableAccessPrograms: z.nullish(ModelAccessPrograms),
    defaultServiceTier: z.nullish(z.string()),
    inputModalities: z._default(z.array(InputModality), ['text', 'image']),
    modelSpecialty: z.nullish(z.string()),
    multiAgentVersion: z.nullish(MultiAgentVersion),
    serviceTiers: z._default(z.array(ModelServiceTier), []),
    supportsPersonality: z._default(z.boolean(), false),
    upgrade: z.nullish(z.string()),
    upgradeInfo: z.nullish(ModelUpgradeInfo),
  }),
);
export type Model = z.infer<typeof Model>;

export const ModelListParams = lazy(() =>
  z.object({
    cursor: z.nullish(z.string()),
    includeHidden: z.nullish(z.boolean()),
    limit: z.nullish(Uint),
    modelProvider: z.nullish(z.string()),
  }),
);
export type ModelListParams = z.infer<typeof ModelListParams>;

export const ModelListResponse = lazy(() => z.object({ data: z.array(Model), nextCursor: z.nullish(z.string()) }));
export type ModelListResponse = z.infer<typeof ModelListResponse>;

export const ModelRerouteReason = z.literal('highRiskCyberActivity');
export type ModelRerouteReason = z.infer<typeof ModelRerouteReason>;

export const ModelReroutedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    fromModel: z.string(),
    reason: ModelRerouteReason,
    toModel: z.string(),
  }),
);
export type ModelReroutedNotification = z.infer<typeof ModelReroutedNotification>;
