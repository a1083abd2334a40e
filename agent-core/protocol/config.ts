/**
 * The effective configuration and the layers that it comes from. Keys are snake_case as in config.toml; unknown keys
 * are kept.
 */
import * as z from 'zod/mini';
import { AbsolutePathBuf, ReasoningEffort, ReasoningSummary } from './common.ts';
import { lazy } from './lazy.ts';
import { ApprovalsReviewer, AskForApproval, SandboxMode } from './sandbox-policy.ts';

export const AnalyticsConfig = lazy(() => z.looseObject({ enabled: z.nullish(z.boolean()) }));
export type AnalyticsConfig = z.infer<typeof AnalyticsConfig>;

export const AllowDenyRequirement = z.enum(['allow', 'deny']);
export type AllowDenyRequirement = z.infer<typeof AllowDenyRequirement>;

export const BrowserUseOriginPolicyConfig = lazy(() =>
  z.object({
    access: z.nullish(AllowDenyRequirement),
    downloads: z.nullish(AllowDenyRequirement),
    full_cdp_access: z.nullish(AllowDenyRequirement),
    uploads: z.nullish(AllowDenyRequirement),
  }),
);
export type BrowserUseOriginPolicyConfig = z.infer<typeof BrowserUseOriginPolicyConfig>;

export const BrowserUseConfig = lazy(() =>
  z.object({
    allow_history_access: z.nullish(z.boolean()),
    default_origin_policy: z.nullish(BrowserUseOriginPolicyConfig),
    origins: z.nullish(z.record(z.string(), BrowserUseOriginPolicyConfig)),
  }),
);
export type BrowserUseConfig = z.infer<typeof BrowserUseConfig>;

export const WebSearchProvider = z.enum(['standalone', 'search_mcp']);
export type WebSearchProvider = z.infer<typeof WebSearchProvider>;

export const ComputerUseMacosConfig = lazy(() =>
  z.object({ bundle_ids: z.nullish(z.record(z.string(), AllowDenyRequirement)) }),
);
export type ComputerUseMacosConfig = z.infer<typeof ComputerUseMacosConfig>;

export const ComputerUseWindowsExeConfig = lazy(() =>
  z.object({
    access: AllowDenyRequirement,
    product_name: z.string(),
    publisher_name: z.string(),
    binary_name: z.nullish(z.string()),
  }),
);
export type ComputerUseWindowsExeConfig = z.infer<typeof ComputerUseWindowsExeConfig>;

export const ComputerUseWindowsConfig = lazy(() =>
  z.object({
    aumids: z.nullish(z.record(z.string(), AllowDenyRequirement)),
    exes: z.nullish(z.array(ComputerUseWindowsExeConfig)),
  }),
);
export type ComputerUseWindowsConfig = z.infer<typeof ComputerUseWindowsConfig>;

export const ComputerUseConfig = lazy(() =>
  z.object({
    default_app_access: z.nullish(AllowDenyRequirement),
    macos: z.nullish(ComputerUseMacosConfig),
    windows: z.nullish(ComputerUseWindowsConfig),
  }),
);
export type ComputerUseConfig = z.infer<typeof ComputerUseConfig>;

export const ForcedChatgptWorkspaceIds = lazy(() => z.union([z.string(), z.array(z.string())]));
export type ForcedChatgptWorkspaceIds = z.infer<typeof ForcedChatgptWorkspaceIds>;

export const ForcedLoginMethod = z.enum(['chatgpt', 'api']);
export type ForcedLoginMethod = z.infer<typeof ForcedLoginMethod>;

export const AutoCompactTokenLimitScope = z.enum(['total', 'body_after_prefix']);
export type AutoCompactTokenLimitScope = z.infer<typeof AutoCompactTokenLimitScope>;

export const Verbosity = z.enum(['low', 'medium', 'high']);
export type Verbosity = z.infer<typeof Verbosity>;

export const SandboxWorkspaceWrite = lazy(() =>
  z.object({
    exclude_slash_tmp: z._default(z.boolean(), false),
    exclude_tmpdir_env_var: z._default(z.boolean(), false),
    network_access: z._default(z.boolean(), false),
    writable_roots: z._default(z.array(z.string()), []),
  }),
);
export type SandboxWorkspaceWrite = z.infer<typeof SandboxWorkspaceWrite>;

export const WebSearchContextSize = z.enum(['low', 'medium', 'high']);
export type WebSearchContextSize = z.infer<typeof WebSearchContextSize>;

export const WebSearchLocation = lazy(() =>
  z.object({
    city: z.nullish(z.string()),
    country: z.nullish(z.string()),
    region: z.nullish(z.string()),
    timezone: z.nullish(z.string()),
  }),
);
export type WebSearchLocation = z.infer<typeof WebSearchLocation>;

export const WebSearchToolConfig = lazy(() =>
  z.object({
    allowed_domains: z.nullish(z.array(z.string())),
    context_size: z.nullish(WebSearchContextSize),
    location: z.nullish(WebSearchLocation),
  }),
);
export type WebSearchToolConfig = z.infer<typeof WebSearchToolConfig>;

export const ToolsV2 = lazy(() => z.object({ web_search: z.nullish(WebSearchToolConfig) }));
export type ToolsV2 = z.infer<typeof ToolsV2>;

export const WebSearchMode = z.enum(['disabled', 'cached', 'indexed', 'live']);
export type WebSearchMode = z.infer<typeof WebSearchMode>;

export const Config = lazy(() =>
  z.looseObject({
    analytics: z.nullish(AnalyticsConfig),
    approval_policy: z.nullish(AskForApproval),
    approvals_reviewer: z.nullish(ApprovalsReviewer),
    browser_use: z.nullish(BrowserUseConfig),
    client_search_provider: z.nullish(WebSearchProvider),
    compact_prompt: z.nullish(z.string()),
    computer_use: z.nullish(ComputerUseConfig),
    desktop: z.nullish(z.record(z.string(), z.unknown())),
    developer_instructions: z.nullish(z.string()),
    forced_chatgpt_workspace_id: z.nullish(ForcedChatgptWorkspaceIds),
    forced_login_method: z.nullish(ForcedLoginMethod),
    instructions: z.nullish(z.string()),
    model: z.nullish(z.string()),
    model_auto_compact_token_limit: z.nullish(z.int()),
    model_auto_compact_token_limit_scope: z.nullish(AutoCompactTokenLimitScope),
    model_context_window: z.nullish(z.int()),
    model_provider: z.nullish(z.string()),
    model_reasoning_effort: z.nullish(ReasoningEffort),
    model_reasoning_summary: z.nullish(ReasoningSummary),
    model_verbosity: z.nullish(Verbosity),
    review_model: z.nullish(z.string()),
    sandbox_mode: z.nullish(SandboxMode),
    sandbox_workspace_write: z.nullish(SandboxWorkspaceWrite),
    service_tier: z.nullish(z.string()),
    tools: z.nullish(ToolsV2),
    web_search: z.nullish(WebSearchMode),
  }),
);
export type Config = z.infer<typeof Config>;

export const ConfigLayerSource = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('packagedDefaults'), file: AbsolutePathBuf }),
    z.object({ type: z.literal('mdm'), domain: z.string(), key: z.string() }),
    z.object({ type: z.literal('system'), file: AbsolutePathBuf }),
    z.object({ type: z.literal('enterpriseManaged'), id: z.string(), name: z.string() }),
    z.object({ type: z.literal('user'), file: AbsolutePathBuf, profile: z.nullish(z.string()) }),
    z.object({ type: z.literal('project'), dotCodexFolder: AbsolutePathBuf }),
    z.object({ type: z.literal('sessionFlags') }),
    z.object({ type: z.literal('legacyManagedConfigTomlFromFile'), file: AbsolutePathBuf }),
    z.object({ type: z.literal('legacyManagedConfigTomlFromMdm') }),
  ]),
);
export type ConfigLayerSource = z.infer<typeof ConfigLayerSource>;

export const ConfigLayerMetadata = lazy(() => z.object({ name: ConfigLayerSource, version: z.string() }));
export type ConfigLayerMetadata = z.infer<typeof ConfigLayerMetadata>;

export const ConfigLayer = lazy(() =>
  z.object({
    config: z.unknown(),
    name: ConfigLayerSource,
    version: z.string(),
    disabledReason: z.nullish(z.string()),
  }),
);
export type ConfigLayer = z.infer<typeof ConfigLayer>;

export const ConfigReadParams = lazy(() =>
  z.object({ cwd: z.nullish(z.string()), includeLayers: z.optional(z.boolean()) }),
);
export type ConfigReadParams = z.infer<typeof ConfigReadParams>;

export const ConfigReadResponse = lazy(() =>
  z.object({
    config: Config,
    origins: z.record(z.string(), ConfigLayerMetadata),
    layers: z.nullish(z.array(ConfigLayer)),
  }),
);
export type ConfigReadResponse = z.infer<typeof ConfigReadResponse>;
