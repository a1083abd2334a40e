/** A click on an offer: what it opens for a thread's commands and edits, and what is said of it. */
import path from 'node:path';
import { hostFault, parseHostPattern } from '../../../sandbox/index.ts';
import type { Requirements } from '../../config/index.ts';
import type { CommandRunner } from '../../ports.ts';
import { AgentError, type GantryPermission, type SandboxPolicy } from '../../protocol/index.ts';
import { checkLimits } from '../config/config-limits.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';

export type PermissionGrantOptions = {
  threads: ThreadRegistry;
  runner: () => Promise<Pick<CommandRunner, 'grantFault' | 'realPath'>>;
  requirements: () => Requirements;
};

const OUTSIDE: SandboxPolicy = { type: 'dangerFullAccess' };
const WRITING: SandboxPolicy = {
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeSlashTmp: false,
  excludeTmpdirEnvVar: false,
};

const invalid = (message: string) => new AgentError('invalidParams', `Nothing was allowed: ${message}`);

export function permissionGrantHandlers({
  threads,
  runner,
  requirements,
}: PermissionGrantOptions): Pick<Handlers, 'gantry/permission/grant'> {
  return {
    async 'gantry/permission/grant'({ threadId, permission }) {
      const thread = threads.loaded(threadId);
      const message = grant(thread, permission, await runner(), requirements());
      thread.submit({ type: 'tell', tag: 'permission_granted', text: `The user allows: ${message}` });
      return { message };
    },
  };
}

/** Throws `AgentError` for what cannot be granted. */
function grant(
  thread: LiveThread,
  permission: GantryPermission,
  runner: Pick<CommandRunner, 'grantFault' | 'realPath'>,
  requirements: Requirements,
): string {
  const { grants, hosts } = thread.agent.approvals;
  switch (permission.type) {
    case 'write':
    case 'read': {
      const access = permission.type;
      if (!path.isAbsolute(permission.path)) throw invalid(`${permission.path} is not an absolute path.`);
      if (access === 'write') checkLimits(requirements, { sandboxPolicy: WRITING });
      const place = runner.realPath(permission.path);
      const fault = runner.grantFault(place, access, thread.settings, true);
      if (fault) throw invalid(fault);
      grants.add(access === 'write' ? { write: [place] } : { unlocked: [place] }, null);
      return access === 'write'
        ? `commands and edits may write to ${place} for the rest of this session.`
        : `commands may read ${place} for the rest of this session.`;
    }
    case 'host': {
      const { host } = permission;
      if (!parseHostPattern(host)) throw invalid(hostFault(host));
      grants.add({ hosts: [host] }, null);
      hosts.set(host, true);
      return `commands may reach ${host} for the rest of this session.`;
    }
    case 'network':
      grants.add({ network: true }, null);
      return 'commands may use the network for the rest of this session.';
    case 'git':
      checkLimits(requirements, { sandboxPolicy: WRITING });
      grants.add({ git: true }, null);
      return 'commands may commit to git for the rest of this session; its hooks and config stay closed.';
    case 'outside':
      checkLimits(requirements, { sandboxPolicy: OUTSIDE });
      if (!grants.letOut(permission.itemId)) throw invalid('this command is not known any more. Ask for it again.');
      return 'the command that was blocked may run once outside the sandbox. Run exactly the same again.';
  }
}
