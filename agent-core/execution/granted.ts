/** What was granted beyond a thread's sandbox policy, in the kernel's terms; and what never can be. */
import path from 'node:path';
import { PROTECTED_IN_ROOT, type SandboxPolicy } from '../../sandbox/index.ts';
import type { Granted } from '../approvals/grants.ts';
import { createResolver, isUnder, type Resolver } from './real-paths.ts';
import { type ProgramPlaces, runsLaterPlaces } from './runs-later.ts';

/** Where nothing is granted: the user's home as a whole, the agent's own folders, and where programs lie. */
export type GrantHomes = ProgramPlaces & { agent: readonly string[] };

/**
 * Why `place` cannot be granted over `policy`, as a sentence, or null when it can. `unlocks`: the user points at it, so
 * that it may be what holds secrets. Links are resolved.
 */
export function grantFault(
  place: string,
  access: 'read' | 'write',
  policy: SandboxPolicy,
  homes: GrantHomes,
  unlocks = false,
): string | null {
  if (!path.isAbsolute(place)) return `${place} is not an absolute path.`;
  return placeFault(place, access, { policy, homes, unlocks, look: createResolver() });
}

type Against = { policy: SandboxPolicy; homes: GrantHomes; unlocks: boolean; look: Resolver };

function placeFault(place: string, access: 'read' | 'write', against: Against): string | null {
  const { policy, homes, unlocks, look } = against;
  const real = look.realish(place);
  const within = (folders: readonly string[]) => folders.flatMap(look.entryAndTarget).some((one) => isUnder(real, one));
  if (within(homes.agent)) return `${place} belongs to Gantry itself and stays closed.`;
  const opened = [...policy.roots, ...policy.write].map(look.realish);
  const isOpened = (denied: string) => opened.some((root) => isUnder(root, denied) && isUnder(real, root));
  const secret = policy.denyRead.flatMap(look.entryAndTarget).find((one) => isUnder(real, one) && !isOpened(one));
  if (secret !== undefined && !(access === 'read' && unlocks)) return `${place} may hold keys or tokens.`;
  if (access === 'read') return null;
  if (isUnder(look.realish(homes.user), real)) return `${place} is too much: name the folder that is needed.`;
  if (policy.privateTemp.map(look.realish).includes(real)) return `${place} is there for commands already.`;
  if (real.split(path.sep).some((name) => name.toLowerCase() === '.git'))
    return `${place} lies in a repository's .git.`;
  const kept = [...policy.roots, ...policy.write].flatMap((root) =>
    PROTECTED_IN_ROOT.map((name) => path.join(root, name)),
  );
  return within([...policy.protect, ...kept, ...runsLaterPlaces(homes)]) || runsLater(real)
    ? `${place} could make the system, the editor or an agent run something later.`
    : null;
}

/** Whether it is, or lies in, what is protected in a workspace, wherever that is. */
const runsLater = (real: string): boolean =>
  PROTECTED_IN_ROOT.some((name) => `${real}/`.includes(`${path.sep}${name.replaceAll('/', path.sep)}${path.sep}`));

/** `policy` with what was granted over it. What cannot be granted any more, because a link was put there, is left out. */
export function opened(policy: SandboxPolicy, granted: Granted, homes: GrantHomes): SandboxPolicy {
  if (policy.unconfined) return policy;
  const look = createResolver();
  const may = (access: 'read' | 'write', unlocks: boolean) => (place: string) =>
    look.realish(place) === place && placeFault(place, access, { policy, homes, unlocks, look }) === null;
  const write = granted.write.filter(may('write', false));
  const read = granted.read.filter(may('read', false));
  const unlocked = granted.unlocked.filter(may('read', true));
  return {
    ...policy,
    roots: [...policy.roots, ...unlocked],
    read: policy.read === 'all' ? 'all' : [...policy.read, ...read, ...unlocked],
    write: [...policy.write, ...write],
    protect: [
      ...policy.protect,
      ...homes.agent,
      ...write.flatMap((root) => PROTECTED_IN_ROOT.map((name) => path.join(root, name))),
      // What lies in a folder that was granted is closed as by itself.
      ...runsLaterPlaces(homes).filter((place) => write.some((root) => isUnder(place, root))),
    ],
    network: networkWith(policy.network, granted),
    git: granted.git ? 'commit' : policy.git,
  };
}

function networkWith(network: SandboxPolicy['network'], { hosts, network: all }: Granted): SandboxPolicy['network'] {
  if (all || network === 'on') return 'on';
  if (hosts.length === 0) return network;
  return network === 'off' ? { hosts: [...hosts] } : { ...network, hosts: [...network.hosts, ...hosts] };
}
