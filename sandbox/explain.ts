// Telling a command's own failure from the sandbox's refusal, as far as the output shows it.
import type { SandboxPolicy } from './policy.ts';

export type Denial = {
  blocked: 'write' | 'read' | 'network' | 'git' | 'socket' | 'permission';
  /** Always a guess: the kernel says "no" alike for every reason. */
  probable: true;
  /** For the user and the model: what was probably blocked, and what would allow it. */
  hint: string;
};

const GIT = /(?:\.git\/|\.git'|index\.lock|unable to create .*\.lock|could not lock config file)/i;
const NETWORK =
  /(?:could not resolve (?:host|hostname)|temporary failure in name resolution|name or service not known|getaddrinfo|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|network is unreachable|no route to host|failed to establish a new connection|socket: operation not permitted|can'?t assign requested address)/i;
const REFUSED_CONNECT = /(?:ECONNREFUSED|connection refused|connect(?:ion)? .*(?:EPERM|EACCES|not permitted|denied))/i;
const SOCKET = /(?:docker\.sock|docker daemon|\.sock\b.*(?:denied|not permitted)|ssh-agent|D-?Bus)/i;
const READ_ONLY = /(?:EROFS|read-only file ?system)/i;
const DENIED = /(?:EACCES|EPERM|permission denied|operation not permitted)/i;

/**
 * Whether a failed command was probably blocked by the sandbox. `output` is what it printed (its end is enough). Null when
 * it succeeded, ran unconfined, or shows nothing that a sandbox causes.
 */
export function explainDenial(output: string, exitCode: number | null, policy: SandboxPolicy): Denial | null {
  if (policy.unconfined || exitCode === 0) return null;
  const text = output.slice(-64 * 1024);
  const refused = READ_ONLY.test(text) || DENIED.test(text);
  if (refused && GIT.test(text) && policy.git === 'ro') {
    return denial(
      'git',
      'a change to .git. Committing needs the permission git = "commit", or approval to run without the sandbox.',
    );
  }
  if (policy.network !== 'on' && NETWORK.test(text)) {
    return denial(
      'network',
      policy.network === 'off'
        ? 'network access, which is off. Ask to run it with the network on.'
        : 'network access past the proxy. Hosts are reached only through the one that HTTP_PROXY names; use a program that does, or ask to run it with the network on.',
    );
  }
  if (SOCKET.test(text) && (refused || REFUSED_CONNECT.test(text))) {
    return denial('socket', 'a connection to a service of this machine. Ask to run it without the sandbox.');
  }
  if (policy.network !== 'on' && REFUSED_CONNECT.test(text)) {
    return denial(
      'network',
      "a connection to this machine's own servers, which the sandbox cannot reach. Ask to run it with the network on.",
    );
  }
  if (READ_ONLY.test(text))
    return denial('write', `a write outside ${places(policy)}. Write there, or ask to run it without the sandbox.`);
  if (!DENIED.test(text)) return null;
  if (policy.denyRead.some((path) => text.includes(path))) {
    return denial('read', 'a read of a path that may hold secrets. Ask the user for what is needed from it.');
  }
  return denial(
    'permission',
    `a write outside ${places(policy)}, or a system call that is not allowed. Ask to run it without the sandbox.`,
  );
}

function denial(blocked: Denial['blocked'], what: string): Denial {
  return { blocked, probable: true, hint: `Probably blocked by the sandbox: ${what}` };
}

function places(policy: SandboxPolicy): string {
  return policy.write.length === 0 ? 'the temp directory' : `${policy.write.join(', ')} and the temp directory`;
}
