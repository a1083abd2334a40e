/** Taking over what the user set up for another agent: first what is there, then only what was chosen. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const ExternalAgentConfigMigrationItemType = z.enum([
  'AGENTS_MD',
  'CONFIG',
  'SKILLS',
  'PLUGINS',
  'MCP_SERVER_CONFIG',
  'SUBAGENTS',
  'HOOKS',
  'COMMANDS',
  'MEMORY',
  'SESSIONS',
]);
export type ExternalAgentConfigMigrationItemType = z.infer<typeof ExternalAgentConfigMigrationItemType>;

export const CommandMigration = lazy(() => z.object({ name: z.string() }));
export type CommandMigration = z.infer<typeof CommandMigration>;

export const HookMigration = lazy(() => z.object({ name: z.string() }));
export type HookMigration = z.infer<typeof HookMigration>;

export const McpServerMigration = lazy(() => z.object({ name: z.string() }));
export type McpServerMigration = z.infer<typeof McpServerMigration>;

export const PluginsMigration = lazy(() => z.object({ marketplaceName: z.string(), pluginNames: z.array(z.string()) }));
export type PluginsMigration = z.infer<typeof PluginsMigration>;

export const SessionMigration = lazy(() =>
  z.object({ cwd: z.string(), path: z.string(), title: z.nullish(z.string()) }),
);
export type SessionMigration = z.infer<typeof SessionMigration>;

export const SkillMigration = lazy(() => z.object({ name: z.string() }));
export type SkillMigration = z.infer<typeof SkillMigration>;

export const SubagentMigration = lazy(() => z.object({ name: z.string() }));
export type SubagentMigration = z.infer<typeof SubagentMigration>;

export const MigrationDetails = lazy(() =>
  z.object({
    commands: z._default(z.array(CommandMigration), []),
    hooks: z._default(z.array(HookMigration), []),
    mcpServers: z._default(z.array(McpServerMigration), []),
    memory: z.optional(z.array(z.string())),
    plugins: z._default(z.array(PluginsMigration), []),
    sessions: z._default(z.array(SessionMigration), []),
    skills: z._default(z.array(SkillMigration), []),
    subagents: z._default(z.array(SubagentMigration), []),
  }),
);
export type MigrationDetails = z.infer<typeof MigrationDetails>;

/** One thing that could be taken over; `cwd` null or empty means the user's home. */
export const ExternalAgentConfigMigrationItem = lazy(() =>
  z.object({
    description: z.string(),
    itemType: ExternalAgentConfigMigrationItemType,
    cwd: z.nullish(z.string()),
    details: z.nullish(MigrationDetails),
  }),
);
export type ExternalAgentConfigMigrationItem = z.infer<typeof ExternalAgentConfigMigrationItem>;

/** `migrationSource` names the other agent; `source` is not looked at. */
export const ExternalAgentConfigDetectParams = lazy(() =>
  z.object({
    cwds: z.nullish(z.array(z.string())),
    includeHome: z.optional(z.boolean()),
    maxSessionAgeDays: z.nullish(Uint),
    maxSessions: z.nullish(Uint),
    migrationSource: z.nullish(z.string()),
    source: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigDetectParams = z.infer<typeof ExternalAgentConfigDetectParams>;

export const ExternalAgentDetectedConnectorSource = z.enum(['remoteMcpServersConfig', 'sessionToolUse']);
export type ExternalAgentDetectedConnectorSource = z.infer<typeof ExternalAgentDetectedConnectorSource>;

export const ExternalAgentDetectedConnectorCandidate = lazy(() =>
  z.object({ name: z.string(), sessionCount: Uint, source: ExternalAgentDetectedConnectorSource }),
);
export type ExternalAgentDetectedConnectorCandidate = z.infer<typeof ExternalAgentDetectedConnectorCandidate>;

export const ExternalAgentConfigDetectResponse = lazy(() =>
  z.object({
    items: z.array(ExternalAgentConfigMigrationItem),
    connectors: z._default(z.array(ExternalAgentDetectedConnectorCandidate), []),
  }),
);
export type ExternalAgentConfigDetectResponse = z.infer<typeof ExternalAgentConfigDetectResponse>;

/** `migrationItems` are those of `externalAgentConfig/detect` that the user chose. */
export const ExternalAgentConfigImportParams = lazy(() =>
  z.object({
    migrationItems: z.array(ExternalAgentConfigMigrationItem),
    migrationSource: z.nullish(z.string()),
    providerId: z.nullish(z.string()),
    source: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigImportParams = z.infer<typeof ExternalAgentConfigImportParams>;

export const ExternalAgentConfigImportResponse = lazy(() => z.object({ importId: z.string() }));
export type ExternalAgentConfigImportResponse = z.infer<typeof ExternalAgentConfigImportResponse>;

export const ExternalAgentConfigImportItemTypeFailure = lazy(() =>
  z.object({
    failureStage: z.string(),
    itemType: ExternalAgentConfigMigrationItemType,
    message: z.string(),
    cwd: z.nullish(z.string()),
    errorType: z.nullish(z.string()),
    source: z.nullish(z.string()),
    subErrorType: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigImportItemTypeFailure = z.infer<typeof ExternalAgentConfigImportItemTypeFailure>;

export const ExternalAgentConfigImportItemTypeSuccess = lazy(() =>
  z.object({
    itemType: ExternalAgentConfigMigrationItemType,
    cwd: z.nullish(z.string()),
    source: z.nullish(z.string()),
    target: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigImportItemTypeSuccess = z.infer<typeof ExternalAgentConfigImportItemTypeSuccess>;

export const ExternalAgentConfigImportTypeResult = lazy(() =>
  z.object({
    failures: z.array(ExternalAgentConfigImportItemTypeFailure),
    itemType: ExternalAgentConfigMigrationItemType,
    successes: z.array(ExternalAgentConfigImportItemTypeSuccess),
  }),
);
export type ExternalAgentConfigImportTypeResult = z.infer<typeof ExternalAgentConfigImportTypeResult>;

export const ExternalAgentConfigImportProgressNotification = lazy(() =>
  z.object({ importId: z.string(), itemTypeResults: z.array(ExternalAgentConfigImportTypeResult) }),
);
export type ExternalAgentConfigImportProgressNotification = z.infer<
  typeof ExternalAgentConfigImportProgressNotification
>;

export const ExternalAgentConfigImportCompletedNotification = lazy(() =>
  z.object({ importId: z.string(), itemTypeResults: z.array(ExternalAgentConfigImportTypeResult) }),
);
export type ExternalAgentConfigImportCompletedNotification = z.infer<
  typeof ExternalAgentConfigImportCompletedNotification
>;

export const ExternalAgentConfigImportHistoryRecordSuccessParams = lazy(() =>
  z.object({
    itemType: ExternalAgentConfigMigrationItemType,
    cwd: z.nullish(z.string()),
    source: z.nullish(z.string()),
    target: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigImportHistoryRecordSuccessParams = z.infer<
  typeof ExternalAgentConfigImportHistoryRecordSuccessParams
>;

export const ExternalAgentConfigImportHistoryRecordTypeResultParams = lazy(() =>
  z.object({
    failures: z.array(ExternalAgentConfigImportItemTypeFailure),
    itemType: ExternalAgentConfigMigrationItemType,
    successes: z.array(ExternalAgentConfigImportHistoryRecordSuccessParams),
  }),
);
export type ExternalAgentConfigImportHistoryRecordTypeResultParams = z.infer<
  typeof ExternalAgentConfigImportHistoryRecordTypeResultParams
>;

export const ExternalAgentConfigImportHistoryRecordParams = lazy(() =>
  z.object({
    itemTypeResults: z.array(ExternalAgentConfigImportHistoryRecordTypeResultParams),
    providerId: z.string(),
  }),
);
export type ExternalAgentConfigImportHistoryRecordParams = z.infer<typeof ExternalAgentConfigImportHistoryRecordParams>;

export const ExternalAgentConfigImportHistoryRecordResponse = lazy(() => z.object({ importId: z.string() }));
export type ExternalAgentConfigImportHistoryRecordResponse = z.infer<
  typeof ExternalAgentConfigImportHistoryRecordResponse
>;

export const ExternalAgentConfigImportHistory = lazy(() =>
  z.object({
    completedAtMs: z.int(),
    failures: z.array(ExternalAgentConfigImportItemTypeFailure),
    importId: z.string(),
    successes: z.array(ExternalAgentConfigImportItemTypeSuccess),
    providerId: z.nullish(z.string()),
  }),
);
export type ExternalAgentConfigImportHistory = z.infer<typeof ExternalAgentConfigImportHistory>;

export const ExternalAgentImportedConnectorSource = z.literal('remoteMcpServersConfig');
export type ExternalAgentImportedConnectorSource = z.infer<typeof ExternalAgentImportedConnectorSource>;

export const ExternalAgentImportedConnectorCandidate = lazy(() =>
  z.object({ name: z.string(), sessionCount: Uint, source: ExternalAgentImportedConnectorSource }),
);
export type ExternalAgentImportedConnectorCandidate = z.infer<typeof ExternalAgentImportedConnectorCandidate>;

export const ExternalAgentConfigImportHistoriesReadResponse = lazy(() =>
  z.object({
    connectors: z.array(ExternalAgentImportedConnectorCandidate),
    data: z.array(ExternalAgentConfigImportHistory),
  }),
);
export type ExternalAgentConfigImportHistoriesReadResponse = z.infer<
  typeof ExternalAgentConfigImportHistoriesReadResponse
>;
