export {
  type ConfigOverride,
  type ConfigProblem,
  type Env,
  findHome,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  projectTrust,
} from './load-config.ts';
export type { Config, ModelProviderConfig } from './schema.ts';
