/** The providers of models in the configuration, and what the active one can do. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const BedrockProviderId = z.enum(['amazon-bedrock', 'amazon-bedrock-runtime']);
export type BedrockProviderId = z.infer<typeof BedrockProviderId>;

export const GcpProviderId = z.literal('gcp');
export type GcpProviderId = z.infer<typeof GcpProviderId>;

export const GatewayAuth = lazy(() =>
  z.discriminatedUnion('mode', [
    z.object({ mode: z.literal('none') }),
    z.object({ mode: z.literal('environmentVariable'), envKey: z.string() }),
    z.object({ mode: z.literal('externallyConfigured'), envKey: z.nullish(z.string()) }),
  ]),
);
export type GatewayAuth = z.infer<typeof GatewayAuth>;

export const ProviderSettings = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('openai') }),
    z.object({ type: z.literal('customGateway'), auth: GatewayAuth }),
    z.object({ type: z.literal('bedrock'), profile: z.nullish(z.string()), region: z.nullish(z.string()) }),
    z.object({
      type: z.literal('gcp'),
      credentialFile: z.nullish(z.string()),
      location: z.nullish(z.string()),
      projectId: z.nullish(z.string()),
    }),
  ]),
);
export type ProviderSettings = z.infer<typeof ProviderSettings>;

/** A field that is left out stays as it is; null clears it. */
export const ProviderSettingsPatch = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('customGateway'),
      baseUrl: z.nullish(z.string()),
      envKey: z.nullish(z.string()),
      name: z.optional(z.string()),
      providerId: z.nullish(z.string()),
    }),
    z.object({
      type: z.literal('bedrock'),
      providerId: BedrockProviderId,
      profile: z.nullish(z.string()),
      region: z.nullish(z.string()),
    }),
    z.object({
      type: z.literal('gcp'),
      providerId: GcpProviderId,
      credentialFile: z.nullish(z.string()),
      location: z.nullish(z.string()),
      projectId: z.nullish(z.string()),
    }),
  ]),
);
export type ProviderSettingsPatch = z.infer<typeof ProviderSettingsPatch>;

/** `baseUrl` is null where there is none or where it cannot be shown without giving a secret away. */
export const ModelProviderSummary = lazy(() =>
  z.object({
    id: z.string(),
    canEdit: z.boolean(),
    name: z.string(),
    settings: ProviderSettings,
    baseUrl: z.nullish(z.string()),
  }),
);
export type ModelProviderSummary = z.infer<typeof ModelProviderSummary>;

export const ModelProviderListParams = lazy(() => z.object({}));
export type ModelProviderListParams = z.infer<typeof ModelProviderListParams>;

export const ModelProviderListResponse = lazy(() =>
  z.object({ canChangeDefault: z.boolean(), data: z.array(ModelProviderSummary), defaultProviderId: z.string() }),
);
export type ModelProviderListResponse = z.infer<typeof ModelProviderListResponse>;

export const ModelProviderConfigWriteParams = lazy(() => z.object({ settings: ProviderSettingsPatch }));
export type ModelProviderConfigWriteParams = z.infer<typeof ModelProviderConfigWriteParams>;

export const ModelProviderConfigWriteResponse = lazy(() => z.object({ provider: ModelProviderSummary }));
export type ModelProviderConfigWriteResponse = z.infer<typeof ModelProviderConfigWriteResponse>;

export const ModelProviderCapabilitiesReadParams = lazy(() => z.object({}));
export type ModelProviderCapabilitiesReadParams = z.infer<typeof ModelProviderCapabilitiesReadParams>;

export const ModelProviderCapabilitiesReadResponse = lazy(() =>
  z.object({ imageGeneration: z.boolean(), webSearch: z.boolean() }),
);
export type ModelProviderCapabilitiesReadResponse = z.infer<typeof ModelProviderCapabilitiesReadResponse>;

export const AuthRecoveryNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), message: z.string(), provider: z.string() }),
);
export type AuthRecoveryNotification = z.infer<typeof AuthRecoveryNotification>;
