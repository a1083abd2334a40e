/** What the model may do this turn, in words. (pure) */
import type { TurnSettings } from '../ports.ts';

export function permissionText(settings: TurnSettings): string {
  const lines = [sandboxText(settings), approvalText(settings)];
  if (settings.editApproval === 'askFirst') {
    lines.push('The user is shown every apply_patch and accepts, alters or rejects it before anything is written.');
  }
  if (settings.editApproval === 'refuse') lines.push('No file is edited in this mode: apply_patch is refused.');
  return `<permissions>\n${lines.join('\n')}\n</permissions>`;
}

function sandboxText({ sandboxPolicy: policy, cwd, roots }: TurnSettings): string {
  const network = (open: boolean) => (open ? 'The network is open.' : 'There is no network.');
  switch (policy.type) {
    case 'dangerFullAccess':
      return 'Sandbox: none. Commands can write anywhere and use the network, so be careful.';
    case 'externalSandbox':
      return `Sandbox: provided from outside. ${network(policy.networkAccess === 'enabled')}`;
    case 'readOnly':
      return `Sandbox: read-only. Commands can read files and write none. ${network(policy.networkAccess)}`;
    case 'workspaceWrite': {
      const folders = [...new Set([cwd, ...roots, ...policy.writableRoots])].join(', ');
      const temp = policy.excludeSlashTmp && policy.excludeTmpdirEnvVar ? '' : ' and temporary folders';
      return `Sandbox: commands can read files and write only below ${folders}${temp}; .git is read-only. ${network(policy.networkAccess)}`;
    }
  }
}

function approvalText({ approvalPolicy: policy }: TurnSettings): string {
  const escalate =
    'With sandbox_permissions "require_escalated" the user is asked to let a command run without the sandbox.';
  if (policy === 'never') return 'Approvals: never. Nobody can be asked; require_escalated is refused.';
  if (policy === 'untrusted') return `Approvals: the user is asked before every command and every edit. ${escalate}`;
  if (policy === 'on-request' || policy.granular.sandbox_approval) return `Approvals: on request. ${escalate}`;
  return 'Approvals: require_escalated is refused.';
}
