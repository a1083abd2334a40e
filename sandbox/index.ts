// The command sandbox. Imports only Node, so that it can be read, tested and used alone.
export { type DetectOptions, detect } from './detect.ts';
export { type EnvironmentPolicy, scrubEnv } from './env.ts';
export { type Denial, explainDenial } from './explain.ts';
export { type HelperLookup, helperFolders, helperPath } from './helper.ts';
export type { SandboxExit } from './helper-messages.ts';
export {
  canonicalHost,
  entryFor,
  type HostList,
  type HostVerdict,
  hostFault,
  judgeHost,
  parseHostPattern,
} from './hosts.ts';
export { protectedName } from './names.ts';
export { createResolver, isUnder, type Resolver } from './paths.ts';
export { CI_FILES, PROTECTED_IN_ROOT, SECRET_PATHS, SYSTEM_SECRETS } from './places.ts';
export {
  DEFAULT_LIMITS,
  fullAccess,
  type Limits,
  type NetworkPolicy,
  type PresetOptions,
  policyFault,
  readOnly,
  type SandboxPolicy,
  workspaceWrite,
} from './policy.ts';
export type { BlockedHost, HostRequest, ProxyProtocol } from './proxy.ts';
export type { SandboxLevel, SandboxReport } from './report.ts';
export {
  type Blocked,
  type SandboxedProcess,
  SandboxUseError,
  type SpawnSpec,
  spawnSandboxed,
} from './spawn.ts';
export { type OpenedTerminal, type OpenTerminal, sizeFault, type TerminalSize } from './terminal.ts';
