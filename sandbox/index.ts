// The command sandbox. Imports only Node, so that it can be read, tested and used alone.
export { type DetectOptions, detect } from './detect.ts';
export { type EnvironmentPolicy, scrubEnv } from './env.ts';
export { type Denial, explainDenial } from './explain.ts';
export { helperFolders, type HelperLookup, helperPath } from './helper.ts';
export {
  fullAccess,
  type NetworkPolicy,
  type PresetOptions,
  policyFault,
  PROTECTED_IN_ROOT,
  readOnly,
  type SandboxPolicy,
  SECRET_PATHS,
  workspaceWrite,
} from './policy.ts';
export type { SandboxLevel, SandboxReport } from './report.ts';
export { type SandboxedProcess, type SandboxExit, SandboxUseError, type SpawnSpec, spawnSandboxed } from './spawn.ts';
