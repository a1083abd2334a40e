/** What the model may do this turn, in words, as the sandbox and the approval policy really have it. (pure) */
import type { TurnSettings } from '../ports.ts';

/** `unconfined`: there is no sandbox on this machine, so that each command is asked about. */
export function permissionText(settings: TurnSettings, unconfined = false): string {
  const lines = [sandboxText(settings, unconfined), approvalText(settings)];
  if (settings.editApproval === 'askFirst') {
    lines.push('The user is shown every edit and accepts, alters or rejects it before anything is written.');
  }
  if (settings.editApproval === 'refuse') lines.push('No file is edited in this mode: every edit is refused.');
  return `<permissions>\n${lines.join('\n')}\n</permissions>`;
}

function sandboxText({ sandboxPolicy: policy, cwd, roots }: TurnSettings, unconfined: boolean): string {
  const network = (open: boolean) => (open ? 'The network is open.' : 'There is no network.');
  const temp = 'a temporary folder of their own ($TMPDIR)';
  const secrets = 'Keys and the homes of agents cannot be read.';
  if (policy.type === 'dangerFullAccess') {
    return 'Sandbox: none. Commands can write anywhere and use the network, so be careful.';
  }
  if (policy.type === 'externalSandbox') {
    return `Sandbox: provided from outside. ${network(policy.networkAccess === 'enabled')}`;
  }
  if (unconfined) {
    const edits = policy.type === 'readOnly' ? ' Files must not be changed.' : '';
    return `Sandbox: this machine has none, so the user is asked before every command.${edits}`;
  }
  if (policy.type === 'readOnly') {
    return `Sandbox: read-only. Commands can read files and write only to ${temp}. ${secrets} ${network(policy.networkAccess)}`;
  }
  const folders = [...new Set([cwd, ...roots, ...policy.writableRoots])].join(', ');
  return `Sandbox: commands can read files and write only below ${folders} and to ${temp}; .git, .vscode settings and agents' folders (.gantry, .codex, .agents) are read-only. ${secrets} ${network(policy.networkAccess)}`;
}

function approvalText({ approvalPolicy: policy, sandboxPolicy }: TurnSettings): string {
  if (policy === 'never') {
    const rest = sandboxPolicy.type === 'dangerFullAccess' ? '' : ' require_escalated is refused.';
    return `Approvals: never. Nobody can be asked.${rest}`;
  }
  const escalate =
    'With sandbox_permissions "require_escalated" the user is asked to let a command run without the sandbox.';
  if (policy === 'untrusted') return `Approvals: the user is asked before every command and every edit. ${escalate}`;
  if (policy === 'on-request' || policy.granular.sandbox_approval) return `Approvals: on request. ${escalate}`;
  return 'Approvals: require_escalated is refused.';
}
