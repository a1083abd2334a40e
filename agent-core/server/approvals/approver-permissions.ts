/** The question whether the model may have more than its sandbox allows, as the wire has it. (pure) */
import type { PermissionsAnswer, PermissionsQuestion } from '../../approvals/reach.ts';
import type {
  AdditionalFileSystemPermissions,
  PermissionsRequestApprovalParams,
  PermissionsRequestApprovalResponse,
} from '../../protocol/index.ts';

export function permissionsParams(
  threadId: string,
  { turnId, itemId, cwd, reason, asked }: PermissionsQuestion,
  startedAtMs: number,
): PermissionsRequestApprovalParams {
  const { read, write, network } = asked;
  const entry = (access: 'read' | 'write') => (path: string) => ({ access, path: { type: 'path' as const, path } });
  const fileSystem = { read, write, entries: [...read.map(entry('read')), ...write.map(entry('write'))] };
  return {
    threadId,
    turnId,
    itemId,
    startedAtMs,
    environmentId: 'local',
    cwd,
    reason,
    permissions: {
      fileSystem: read.length + write.length > 0 ? fileSystem : null,
      network: network ? { enabled: true } : null,
    },
  };
}

/** What of the answer was asked for: a client cannot grant what nobody was shown. */
export function permissionsAnswer(
  { asked }: PermissionsQuestion,
  { permissions: { fileSystem, network }, scope }: PermissionsRequestApprovalResponse,
): PermissionsAnswer {
  const given = pathsOf(fileSystem ?? {});
  return {
    granted: {
      read: asked.read.filter((path) => given.read.has(path) || given.write.has(path)),
      write: asked.write.filter((path) => given.write.has(path)),
      network: asked.network && network?.enabled === true,
    },
    scope,
  };
}

function pathsOf({ read, write, entries }: AdditionalFileSystemPermissions) {
  const named = (wanted: 'read' | 'write') =>
    (entries ?? []).flatMap(({ access, path }) => (access === wanted && path.type === 'path' ? [path.path] : []));
  return { read: new Set([...(read ?? []), ...named('read')]), write: new Set([...(write ?? []), ...named('write')]) };
}
