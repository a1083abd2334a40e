/** Named sets of permissions: those that are built in stand for a sandbox mode, the others are the user's own tables. */
import type * as z from 'zod/mini';
import { hostFault, parseHostPattern } from '../../sandbox/hosts.ts';
import type { SandboxMode } from '../protocol/index.ts';
import type { KeyProblem } from './check-config.ts';
import { networkTable, type PermissionProfile, permissionProfile, WITHOUT_EFFECT } from './permission-schema.ts';
import { isTable, merged, type Raw, showKey } from './raw.ts';
import type { Requirements } from './requirements.ts';
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

/** What an own profile may extend, as it would be written. */
const BUILT_IN: Readonly<Record<string, Raw>> = {
  ':read-only': { filesystem: { ':root': 'read' } },
  ':workspace': { filesystem: { ':root': 'read', ':workspace_roots': 'write', ':tmpdir': 'write' } },
};

export type NamedProfile = { id: string; mode: SandboxMode; description: string | null; profile: PermissionProfile };

const WORKSPACE_KEYS: readonly string[] = [':workspace_roots', ':project_roots', ':cwd'];
export const isWorkspaceKey = (key: string): boolean => WORKSPACE_KEYS.includes(key);

/** A profile that writes nothing but temporary files is read-only. */
function modeOf({ filesystem = {} }: PermissionProfile): SandboxMode {
  const writes = Object.entries(filesystem).some(
    ([key, value]) =>
      key !== ':tmpdir' &&
      key !== ':slash_tmp' &&
      (value === 'write' || (typeof value === 'object' && Object.values(value).includes('write'))),
  );
  return writes ? 'workspace-write' : 'read-only';
}

type Tables = Readonly<Record<string, Raw>>;

/** The table with those that it extends below it; a sentence when one of them is not there, or goes round. */
function extended(tables: Tables, name: string, way: readonly string[] = []): Raw | string {
  const own = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (name === ':danger-full-access')
    return ':danger-full-access has no limits that could be extended; choose it as it is';
  if (!own) {
    const others = Object.keys(tables).filter((other) => !way.includes(other));
    const known = [...Object.keys(BUILT_IN), ...others].map((one) => JSON.stringify(one)).join(', ');
    return BUILT_IN[name] ?? `there is no profile ${JSON.stringify(name)}; there are ${known}`;
  }
  if (way.includes(name)) return `it extends itself by ${[...way, name].join(' -> ')}`;
  if (typeof own.extends !== 'string') return own;
  const base = extended(tables, own.extends, [...way, name]);
  return typeof base === 'string' ? base : merged([base, own]);
}

/** The user's own profile; null when there is none of that name. `problems`: why it must not be used. */
export function ownProfile(
  config: Config,
  name: string,
): { found: NamedProfile | null; problems: KeyProblem[] } | null {
  const tables = (config.permissions ?? {}) as Tables;
  if (!Object.hasOwn(tables, name)) return null;
  const path = ['permissions', name];
  const refuse = (keys: readonly string[], what: string, expected: string | null): KeyProblem => ({
    path: [...path, ...keys],
    message: `${showKey([...path, ...keys])} ${what} Where the profile is chosen, the sandbox is read-only until it is right.`,
    expected,
    severity: 'error',
  });
  const table = extended(tables, name);
  if (typeof table === 'string')
    return { found: null, problems: [refuse(['extends'], `cannot be used: ${table}.`, null)] };
  const parsed = permissionProfile.safeParse(table);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .flatMap((issue) => closer(issue, table))
      .map((issue) =>
        issue.code === 'unrecognized_keys'
          ? refuse([...issue.path.map(String), ...issue.keys.slice(0, 1)], unknownKey(issue.path.map(String)), null)
          : refuse(issue.path.map(String), `must be ${issue.message}.`, issue.message),
      );
    return { found: null, problems };
  }
  const profile = parsed.data;
  const unusable = notEnforced(profile);
  if (unusable) return { found: null, problems: [refuse(unusable.keys, unusable.what, unusable.expected)] };
  return {
    found: { id: name, mode: modeOf(profile), description: profile.description ?? null, profile },
    problems: withoutEffect(profile, path),
  };
}

/** Of a network that may be a word or a table, what is wrong in the table. */
function closer(issue: z.core.$ZodIssue, table: Raw): z.core.$ZodIssue[] {
  const { network } = table;
  if (issue.code !== 'invalid_union' || issue.path.join() !== 'network' || !isTable(network)) return [issue];
  const { error } = networkTable.safeParse(network);
  return (error?.issues ?? [issue]).map((one) => ({ ...one, path: ['network', ...one.path] }));
}

function unknownKey([table]: readonly string[]): string {
  const known = table === undefined ? Object.keys(permissionProfile.shape) : (KEYS_OF[table] ?? []);
  return `is not a known key${known.length === 0 ? '' : `: there are ${known.join(', ')}`}.`;
}

/** Without the keys of Codex that have no effect. */
const KEYS_OF: Readonly<Record<string, readonly string[]>> = {
  network: ['enabled', 'domains'],
  limits: ['processes', 'memory_mb'],
};

/** What stands for folders that have no path of their own. */
const SPECIAL: readonly string[] = [':workspace_roots', ':root', ':minimal', ':tmpdir'];
const ALSO_SPECIAL: readonly string[] = [...WORKSPACE_KEYS, ':slash_tmp'];

/** What reads well and could not be held to. */
function notEnforced({ filesystem = {}, network }: PermissionProfile) {
  const special = Object.keys(filesystem).find(
    (key) => key.startsWith(':') && ![...SPECIAL, ...ALSO_SPECIAL].includes(key),
  );
  if (special !== undefined)
    return {
      keys: ['filesystem', special],
      what: `stands for nothing: there are ${SPECIAL.join(', ')}.`,
      expected: 'a path',
    };
  const places = Object.entries(filesystem).flatMap(([key, value]) => [
    [key],
    ...(typeof value === 'object' ? Object.keys(value).map((below) => [key, below]) : []),
  ]);
  const shell = places.find((keys) => /^~[^/]|\$\{?[A-Za-z_]|%[A-Za-z_]+%/.test(keys.at(-1) ?? ''));
  if (shell) {
    const what = 'is not what a shell would make of it: write ~/ for your home, or the whole path.';
    return { keys: ['filesystem', ...shell], what, expected: 'a path' };
  }
  const whole = [':root', '/'].find((key) => filesystem[key] === 'write');
  if (whole !== undefined) {
    const what = 'cannot be "write": name the folders, or choose :danger-full-access, which has no sandbox.';
    return { keys: ['filesystem', whole], what, expected: '"read" or "none"' };
  }
  const pattern = places.find((keys) => /[*?[]/.test(keys.at(-1) ?? ''));
  if (pattern)
    return { keys: ['filesystem', ...pattern], what: 'is a pattern: name the path itself.', expected: 'a path' };
  const domains = Object.keys((typeof network === 'object' && network.domains) || {});
  const host = domains.find((text) => parseHostPattern(text) === null);
  if (host !== undefined)
    return { keys: ['network', 'domains', host], what: `cannot be used: ${hostFault(host)}.`, expected: 'a host' };
  return null;
}

function withoutEffect({ network }: PermissionProfile, path: readonly string[]): KeyProblem[] {
  if (typeof network !== 'object') return [];
  return WITHOUT_EFFECT.filter((key) => Object.hasOwn(network, key)).map((key) => ({
    path: [...path, 'network', key],
    message: `${showKey([...path, 'network', key])} has no effect in Gantry: the proxy is its own.`,
    expected: null,
    severity: 'warning',
  }));
}

/** All that could be chosen, the built-in ones first; a table that is wrong is not among them. */
export function listProfiles(config: Config): { id: string; mode: SandboxMode; description: string | null }[] {
  const own = Object.keys(config.permissions ?? {}).flatMap((name) => ownProfile(config, name)?.found ?? []);
  return [...PERMISSION_PROFILES, ...own.map(({ id, mode, description }) => ({ id, mode, description }))];
}

const isAllowed = ({ allowed_permission_profiles: allowed }: Requirements, id: string): boolean =>
  allowed === undefined || allowed[id] === true;

/**
 * The profile of the user's own that is chosen; null when it is a built-in one or none. One that is wrong or not allowed
 * counts as none, and `withPermissions` has made the sandbox read-only.
 */
export function chosenProfile(config: Config, requirements: Requirements): NamedProfile | null {
  const asked = config.default_permissions;
  if (asked === undefined || !isAllowed(requirements, asked)) return null;
  return ownProfile(config, asked)?.found ?? null;
}

/** `default_permissions` as a sandbox mode, where `sandbox_mode` is not set. What cannot be used is read-only in its place. */
export function withPermissions(
  config: Config,
  requirements: Requirements,
): { config: Config; problems: KeyProblem[] } {
  const asked = config.default_permissions;
  const problems = Object.keys(config.permissions ?? {}).flatMap((name) => ownProfile(config, name)?.problems ?? []);
  if (asked === undefined) return { config, problems };
  const allowed = isAllowed(requirements, asked);
  const known = allowed
    ? (PERMISSION_PROFILES.find(({ id }) => id === asked) ?? ownProfile(config, asked)?.found)
    : undefined;
  if (!known && !(allowed && Object.hasOwn(config.permissions ?? {}, asked))) {
    const names = [...PERMISSION_PROFILES.map(({ id }) => id), ...Object.keys(config.permissions ?? {})];
    const expected = `one of ${names.map((id) => `"${id}"`).join(', ')}`;
    const why = allowed ? `must be ${expected}, but is "${asked}"` : `"${asked}" is not allowed by requirements.toml`;
    const message = `default_permissions ${why}. The sandbox is read-only until it is.`;
    problems.push({ path: ['default_permissions'], message, expected, severity: 'error' });
  }
  if (known && config.sandbox_mode !== undefined) return { config, problems };
  return { config: { ...config, sandbox_mode: known?.mode ?? 'read-only' }, problems };
}
