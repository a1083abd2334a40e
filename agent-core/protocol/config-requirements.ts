/** What an administrator requires or forbids, over what the user configured. Keys inside are as in requirements.toml. */
import * as z from 'zod/mini';
import { ReasoningEffort, Uint } from './common.ts';
import { AllowDenyRequirement, ForcedLoginMethod, WebSearchMode } from './config.ts';
import { lazy } from './lazy.ts';
import { ApprovalsReviewer, AskForApproval, SandboxMode } from './sandbox-policy.ts';

export const AutoReviewRequirements = lazy(() =>
  z.object({ ignoreRules: z.nullish(z.array(z.string())), requiredOnModels: z.nullish(z.array(z.string())) }),
);
export type AutoReviewRequirements = z.infer<typeof AutoReviewRequirements>;

export const RequestHeader = lazy(() => z.object({ name: z.string(), value: z.string() }));
export type RequestHeader = z.infer<typeof RequestHeader>;

export const BrowserUseExtensionRequirements = lazy(() =>
  z.object({ requestHeaders: z.nullish(z.array(RequestHeader)) }),
);
export type BrowserUseExtensionRequirements = z.infer<typeof BrowserUseExtensionRequirements>;

export const BrowserUseAccessApprovalLifetime = z.enum(['turn', 'thread']);
export type BrowserUseAccessApprovalLifetime = z.infer<typeof BrowserUseAccessApprovalLifetime>;

export const BrowserUseOriginPolicy = lazy(() =>
  z.object({
    access: z.nullish(AllowDenyRequirement),
    accessApprovalLifetime: z.nullish(BrowserUseAccessApprovalLifetime),
    autoReview: z.nullish(AllowDenyRequirement),
    downloads: z.nullish(AllowDenyRequirement),
    fullCdpAccess: z.nullish(AllowDenyRequirement),
    persistentApproval: z.nullish(z.boolean()),
    uploads: z.nullish(AllowDenyRequirement),
  }),
);
export type BrowserUseOriginPolicy = z.infer<typeof BrowserUseOriginPolicy>;

export const BrowserUseRequirements = lazy(() =>
  z.object({
    allowGlobalPersistentApproval: z.nullish(z.boolean()),
    allowHistoryAccess: z.nullish(z.boolean()),
    allowWebmcp: z.nullish(z.boolean()),
    defaultOriginPolicy: z.nullish(BrowserUseOriginPolicy),
    disableAutoReview: z.nullish(z.boolean()),
    extension: z.nullish(BrowserUseExtensionRequirements),
    origins: z.nullish(z.record(z.string(), BrowserUseOriginPolicy)),
  }),
);
export type BrowserUseRequirements = z.infer<typeof BrowserUseRequirements>;

export const CliAuthCredentialsStoreMode = z.enum(['file', 'keyring', 'auto', 'ephemeral']);
export type CliAuthCredentialsStoreMode = z.infer<typeof CliAuthCredentialsStoreMode>;

export const ComputerUseMacosRequirements = lazy(() =>
  z.object({ bundleIds: z.nullish(z.record(z.string(), AllowDenyRequirement)) }),
);
export type ComputerUseMacosRequirements = z.infer<typeof ComputerUseMacosRequirements>;

export const ComputerUseWindowsExeRequirement = lazy(() =>
  z.object({
    access: AllowDenyRequirement,
    productName: z.string(),
    publisherName: z.string(),
    binaryName: z.nullish(z.string()),
  }),
);
export type ComputerUseWindowsExeRequirement = z.infer<typeof ComputerUseWindowsExeRequirement>;

export const ComputerUseWindowsRequirements = lazy(() =>
  z.object({
    aumids: z.nullish(z.record(z.string(), AllowDenyRequirement)),
    exes: z.nullish(z.array(ComputerUseWindowsExeRequirement)),
  }),
);
export type ComputerUseWindowsRequirements = z.infer<typeof ComputerUseWindowsRequirements>;

export const ComputerUseRequirements = lazy(() =>
  z.object({
    allowLockedComputerUse: z.nullish(z.boolean()),
    allowPersistentApproval: z.nullish(z.boolean()),
    defaultAppAccess: z.nullish(AllowDenyRequirement),
    macos: z.nullish(ComputerUseMacosRequirements),
    windows: z.nullish(ComputerUseWindowsRequirements),
  }),
);
export type ComputerUseRequirements = z.infer<typeof ComputerUseRequirements>;

export const FeedbackRequirements = lazy(() => z.object({ enabled: z.nullish(z.boolean()) }));
export type FeedbackRequirements = z.infer<typeof FeedbackRequirements>;

export const InAppBrowserRequirements = lazy(() =>
  z.object({ allowExternalBrowserSettingsImport: z.nullish(z.boolean()) }),
);
export type InAppBrowserRequirements = z.infer<typeof InAppBrowserRequirements>;

export const NewThreadModelDefaults = lazy(() =>
  z.object({
    model: z.nullish(z.string()),
    modelReasoningEffort: z.nullish(ReasoningEffort),
    serviceTier: z.nullish(z.string()),
  }),
);
export type NewThreadModelDefaults = z.infer<typeof NewThreadModelDefaults>;

export const ModelsRequirements = lazy(() => z.object({ newThread: z.nullish(NewThreadModelDefaults) }));
export type ModelsRequirements = z.infer<typeof ModelsRequirements>;

export const OtelHttpProtocol = z.enum(['binary', 'json']);
export type OtelHttpProtocol = z.infer<typeof OtelHttpProtocol>;

export const OtelTlsConfig = lazy(() =>
  z.object({
    'ca-certificate': z.nullish(z.string()),
    'client-certificate': z.nullish(z.string()),
    'client-private-key': z.nullish(z.string()),
  }),
);
export type OtelTlsConfig = z.infer<typeof OtelTlsConfig>;

export const OtelExporter = lazy(() =>
  z.union([
    z.enum(['none', 'statsig']),
    z.object({
      'otlp-http': z.object({
        endpoint: z.string(),
        headers: z.record(z.string(), z.string()),
        protocol: OtelHttpProtocol,
        tls: z.nullish(OtelTlsConfig),
      }),
    }),
    z.object({
      'otlp-grpc': z.object({
        endpoint: z.string(),
        headers: z.record(z.string(), z.string()),
        tls: z.nullish(OtelTlsConfig),
      }),
    }),
  ]),
);
export type OtelExporter = z.infer<typeof OtelExporter>;

export const OtelToolResultLogConfig = lazy(() => z.object({ max_bytes: Uint }));
export type OtelToolResultLogConfig = z.infer<typeof OtelToolResultLogConfig>;

export const OtelRequirements = lazy(() =>
  z.object({
    environment: z.nullish(z.string()),
    exporter: z.nullish(OtelExporter),
    log_agent_responses: z.nullish(z.boolean()),
    log_guardian_assessments: z.nullish(z.boolean()),
    log_sse_deltas: z.nullish(z.boolean()),
    log_user_prompt: z.nullish(z.boolean()),
    metrics_exporter: z.nullish(OtelExporter),
    span_attributes: z.nullish(z.record(z.string(), z.string())),
    tool_result: z.nullish(OtelToolResultLogConfig),
    trace_exporter: z.nullish(OtelExporter),
    tracestate: z.nullish(z.record(z.string(), z.record(z.string(), z.string()))),
  }),
);
export type OtelRequirements = z.infer<typeof OtelRequirements>;

export const ResidencyRequirement = z.literal('us');
export type ResidencyRequirement = z.infer<typeof ResidencyRequirement>;

export const WindowsSandboxImplementation = z.enum(['elevated', 'unelevated', 'mxc']);
export type WindowsSandboxImplementation = z.infer<typeof WindowsSandboxImplementation>;

export const ConfigRequirements = lazy(() =>
  z.object({
    additionalDeveloperInstructions: z.nullish(z.string()),
    allowAppshots: z.nullish(z.boolean()),
    allowBrowserAndComputerUse: z.nullish(z.boolean()),
    allowLoginShell: z.nullish(z.boolean()),
    allowManagedHooksOnly: z.nullish(z.boolean()),
    allowRemoteControl: z.nullish(z.boolean()),
    allowedApprovalPolicies: z.nullish(z.array(AskForApproval)),
    allowedLoginMethods: z.nullish(z.array(ForcedLoginMethod)),
    allowedPermissionProfiles: z.nullish(z.record(z.string(), z.boolean())),
    allowedSandboxModes: z.nullish(z.array(SandboxMode)),
    allowedWebSearchModes: z.nullish(z.array(WebSearchMode)),
    allowedWindowsSandboxImplementations: z.nullish(z.array(WindowsSandboxImplementation)),
    autoReview: z.nullish(AutoReviewRequirements),
    browserUse: z.nullish(BrowserUseRequirements),
    chatgptBaseUrl: z.nullish(z.string()),
    checkForUpdateOnStartup: z.nullish(z.boolean()),
    cliAuthCredentialsStore: z.nullish(CliAuthCredentialsStoreMode),
    computerUse: z.nullish(ComputerUseRequirements),
    defaultPermissions: z.nullish(z.string()),
    enforceResidency: z.nullish(ResidencyRequirement),
    featureRequirements: z.nullish(z.record(z.string(), z.boolean())),
    feedback: z.nullish(FeedbackRequirements),
    inAppBrowser: z.nullish(InAppBrowserRequirements),
    logDir: z.nullish(z.string()),
    modelCatalogJson: z.nullish(z.string()),
    modelProvider: z.nullish(z.string()),
    modelProviders: z.nullish(z.record(z.string(), z.unknown())),
    models: z.nullish(ModelsRequirements),
    otel: z.nullish(OtelRequirements),
    sqliteHome: z.nullish(z.string()),

    // behind `experimentalApi`
    allowedApprovalsReviewers: z.nullish(z.array(ApprovalsReviewer)),
  }),
);
export type ConfigRequirements = z.infer<typeof ConfigRequirements>;

/** `requirements` is null when nobody requires anything. */
export const ConfigRequirementsReadResponse = lazy(() =>
  z.object({ requirements: z.nullish(ConfigRequirements), supportsIndependentSpeedModes: z.nullish(z.boolean()) }),
);
export type ConfigRequirementsReadResponse = z.infer<typeof ConfigRequirementsReadResponse>;
