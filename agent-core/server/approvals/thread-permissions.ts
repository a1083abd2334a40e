/** `permissions` of a thread or a turn: a profile by its name, in place of a sandbox policy. Honoured, or refused in words. */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PERMISSION_PROFILES } from '../../config/index.ts';
import { AgentError, type SandboxMode } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';
import { sandboxPolicyOf } from '../turns/turn-settings.ts';
import type { Handlers } from '../wire/connection.ts';

type Asked = {
  permissions?: string | null | undefined;
  sandbox?: unknown;
  sandboxPolicy?: unknown;
  cwd?: string | null | undefined;
  config?: Record<string, unknown> | null | undefined;
};
type Profiles = Pick<Configuration, 'permissions'>;
type AnyHandler = (params: Asked, context: unknown) => unknown;

const OPENING = ['thread/start', 'thread/resume', 'thread/fork'] as const;

/** Nothing but the workspace is opened by a name alone. */
const WORKSPACE = { writableRoots: [], networkAccess: false, excludeTmpdirEnvVar: false, excludeSlashTmp: false };

/** Null: none was asked for. Throws `AgentError` for what a name cannot give. */
function modeOfProfile(method: string, { permissions, sandbox, sandboxPolicy }: Asked): SandboxMode | null {
  if (permissions === null || permissions === undefined) return null;
  if ((sandbox ?? sandboxPolicy ?? null) !== null) {
    const other = sandbox ? 'sandbox' : 'sandboxPolicy';
    throw new AgentError(
      'invalidRequest',
      `${method}: permissions cannot be combined with ${other}; pass one of them.`,
    );
  }
  const found = PERMISSION_PROFILES.find(({ id }) => id === permissions);
  if (found) return found.mode;
  const names = PERMISSION_PROFILES.map(({ id }) => id).join(', ');
  throw new AgentError(
    'invalidRequest',
    `${method}.permissions takes one of ${names}, not ${JSON.stringify(permissions)}. ${OWN_CHOICE}`,
  );
}

const OWN_CHOICE =
  "A profile of the user's own is chosen by default_permissions in config.toml, or by -c for the whole process.";

/** Keys of a thread's config that could choose or change a profile. */
const CHOOSING = /^(default_permissions|permissions|profiles?)(\.|$)/;

/**
 * What holds commands is looked up by folder, not by thread: to a profile of the user's own that a thread's config chose they
 * would be held by half. Throws `AgentError`.
 */
function refuseOwnProfile(method: string, { cwd, config }: Asked, configuration: Profiles): void {
  if (!config || !Object.keys(config).some((key) => CHOOSING.test(key))) return;
  const folder = path.resolve(cwd ?? '.');
  const asked = configuration.permissions(folder, config);
  if (asked === null || isDeepStrictEqual(asked, configuration.permissions(folder))) return;
  throw new AgentError(
    'invalidRequest',
    `${method}.config cannot choose the permission profile ${JSON.stringify(asked.id)} for one thread. ${OWN_CHOICE}`,
  );
}

/** The handlers, with a profile's name turned into what it stands for before anything looks at the params. */
export function namingProfiles(handlers: Handlers, configuration: Profiles): Handlers {
  const named: Record<string, AnyHandler | undefined> = { ...(handlers as Record<string, AnyHandler>) };
  const wrap = (method: string, asMode: (mode: SandboxMode) => Asked) => {
    const handler = named[method];
    if (!handler) return;
    named[method] = (params, context) => {
      refuseOwnProfile(method, params, configuration);
      const mode = modeOfProfile(method, params);
      return handler(mode === null ? params : { ...params, permissions: null, ...asMode(mode) }, context);
    };
  };
  for (const method of OPENING) wrap(method, (sandbox) => ({ sandbox }));
  wrap('turn/start', (mode) => ({ sandboxPolicy: sandboxPolicyOf(mode, WORKSPACE) }));
  return named as Handlers;
}
