/** Named sets of permissions: those that are built in stand for a sandbox mode. */
import type { SandboxMode } from '../protocol/index.ts';
import type { KeyProblem } from './check-config.ts';
import type { Config } from './schema.ts';

export const PERMISSION_PROFILES = [
  {
    id: ':read-only',
    mode: 'read-only',
    description: 'Commands may read. Nothing is written, and there is no network.',
  },
  { id: ':workspace', mode: 'workspace-write', description: 'Commands may write in the workspace and in /tmp.' },
  { id: ':danger-full-access', mode: 'danger-full-access', description: 'Commands run without a sandbox.' },
] as const satisfies readonly { id: string; mode: SandboxMode; description: string }[];

/**
 * `default_permissions` as a sandbox mode, where `sandbox_mode` is not set. A profile of the user's own is not enforced
 * by this version; it was meant to forbid something, so the sandbox is read-only in its place.
 */
export function withPermissions(config: Config): { config: Config; problems: KeyProblem[] } {
  const asked = config.default_permissions;
  const problems: KeyProblem[] = Object.keys(config.permissions ?? {}).map((name) => ({
    path: ['permissions', name],
    message: `permissions.${name} is not enforced by this version of Gantry: use sandbox_mode and sandbox_workspace_write.`,
    expected: null,
    severity: 'warning',
  }));
  if (asked === undefined || config.sandbox_mode !== undefined) return { config, problems };
  const known = PERMISSION_PROFILES.find(({ id }) => id === asked);
  if (!known) {
    const expected = `one of ${PERMISSION_PROFILES.map(({ id }) => `"${id}"`).join(', ')}`;
    const message = `default_permissions must be ${expected}, but is "${asked}". The sandbox is read-only until it is.`;
    problems.push({ path: ['default_permissions'], message, expected, severity: 'error' });
  }
  return { config: { ...config, sandbox_mode: known?.mode ?? 'read-only' }, problems };
}
