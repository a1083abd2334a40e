export { type ConfigLoader, createConfigLoader } from './config-loader.ts';
export { FEATURES, type Feature, isFeatureOn } from './features.ts';
export { type Env, findHome, systemFolders } from './home.ts';
export { scrubSecrets } from './known-keys.ts';
export type { ConfigProblem, Layer } from './layers.ts';
export {
  type ConfigOverride,
  HOOKS_FILE,
  isTrusted,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  projectTrust,
} from './load-config.ts';
export type { McpSandboxConfig, McpServerConfig } from './mcp-schema.ts';
export {
  chosenProfile,
  isWorkspaceKey,
  listProfiles,
  type NamedProfile,
  ownProfile,
  PERMISSION_PROFILES,
} from './permission-profiles.ts';
export type { Access, PermissionProfile } from './permission-schema.ts';
export { readPlainFile } from './plain-file.ts';
export { leaves, merged, type Raw, valueAt } from './raw.ts';
export { isAllowedMode, isAllowedPolicy, modeOf, type Requirements } from './requirements.ts';
export type { Config, ModelProviderConfig, TokenCommandConfig } from './schema.ts';
export {
  type ConfigWriteEdit,
  type ConfigWriteErrorCode,
  keyPathOf,
  SCHEMA_FILE,
  writeConfig,
} from './write-config.ts';
