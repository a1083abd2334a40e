/** Holds a configuration to what is required of it. */
import type { KeyProblem } from './check-config.ts';
import { isAllowedMode, isAllowedPolicy, type Requirements } from './requirements.ts';
import type { Config } from './schema.ts';

const MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;

/** What is not allowed gives way to the strictest that is, and where that was the configuration's own word it is told. */
export function withRequirements(
  config: Config,
  requirements: Requirements,
  isTrusted: boolean,
): { config: Config; problems: KeyProblem[] } {
  const problems: KeyProblem[] = [];
  const held: Config = { ...config };
  const tell = (key: string, used: string): void =>
    void problems.push({
      path: [key],
      message: `${key} is not allowed to be so by requirements.toml; ${used} is used.`,
      expected: used,
      severity: 'warning',
    });

  const mode = config.sandbox_mode ?? (isTrusted ? 'workspace-write' : 'read-only');
  if (!isAllowedMode(requirements, mode)) {
    held.sandbox_mode = MODES.find((each) => isAllowedMode(requirements, each)) ?? 'read-only';
    if (config.sandbox_mode !== undefined) tell('sandbox_mode', `"${held.sandbox_mode}"`);
  }
  const policy = config.approval_policy ?? 'on-request';
  const [first] = requirements.allowed_approval_policies ?? [];
  if (first !== undefined && !isAllowedPolicy(requirements, policy)) {
    held.approval_policy = first;
    if (config.approval_policy !== undefined) tell('approval_policy', JSON.stringify(first));
  }
  if (requirements.feature_requirements) held.features = { ...config.features, ...requirements.feature_requirements };
  return { config: held, problems };
}
