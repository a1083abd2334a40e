/** `permissions` of a thread or a turn: a profile by its name, in place of a sandbox policy. Honoured, or refused in words. */
import { PERMISSION_PROFILES } from '../../config/index.ts';
import { AgentError, type SandboxMode } from '../../protocol/index.ts';
import { sandboxPolicyOf } from '../turns/turn-settings.ts';
import type { Handlers } from '../wire/connection.ts';

type Asked = { permissions?: string | null | undefined; sandbox?: unknown; sandboxPolicy?: unknown };
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
    `${method}.permissions takes one of ${names}, not ${JSON.stringify(permissions)}. A profile of the user's own is chosen by default_permissions in config.toml.`,
  );
}

/** The handlers, with a profile's name turned into what it stands for before anything looks at the params. */
export function namingProfiles(handlers: Handlers): Handlers {
  const named: Record<string, AnyHandler | undefined> = { ...(handlers as Record<string, AnyHandler>) };
  const wrap = (method: string, asMode: (mode: SandboxMode) => Asked) => {
    const handler = named[method];
    if (!handler) return;
    named[method] = (params, context) => {
      const mode = modeOfProfile(method, params);
      return handler(mode === null ? params : { ...params, permissions: null, ...asMode(mode) }, context);
    };
  };
  for (const method of OPENING) wrap(method, (sandbox) => ({ sandbox }));
  wrap('turn/start', (mode) => ({ sandboxPolicy: sandboxPolicyOf(mode, WORKSPACE) }));
  return named as Handlers;
}
