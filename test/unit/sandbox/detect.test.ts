import assert from 'node:assert/strict';
import { howToUpgrade, type Machine } from '../../../sandbox/detect.ts';

const CLONE = '/proc/sys/kernel/unprivileged_userns_clone';
const APPARMOR = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
const STATUS = '/proc/self/status';
const MAXIMUM = '/proc/sys/user/max_user_namespaces';

function machine(settings: Record<string, string>, ...files: string[]): Machine {
  return { setting: (path) => settings[path] ?? '', has: (path) => files.includes(path) };
}

/** What is named as the reason: the words before the first colon, or all of a sentence that has none. */
const named = (one: Machine): string | undefined => howToUpgrade(one).split(':')[0];

describe('sandbox detection', () => {
  it('names what forbids user namespaces, and what to change', () => {
    const container = 'This is a container, whose default profile forbids them';
    assert.deepEqual(
      {
        none: named(machine({ [MAXIMUM]: '0' })),
        nested: named(machine({ [STATUS]: 'Name:\tnode\nNoNewPrivs:\t1\nSeccomp:\t2' }, '/.dockerenv')),
        filtered: named(machine({ [STATUS]: 'NoNewPrivs:\t0\nSeccomp:\t2' }, '/.dockerenv')),
        docker: named(machine({}, '/.dockerenv')),
        podman: named(machine({}, '/run/.containerenv')),
        debian: named(machine({ [CLONE]: '0' })),
        ubuntu: named(machine({ [APPARMOR]: '1' })),
        unknown: named(machine({})),
      },
      {
        none: 'user.max_user_namespaces is 0',
        nested: 'This already runs in a sandbox, which forbids them',
        filtered: container,
        docker: container,
        podman: container,
        debian: 'kernel.unprivileged_userns_clone is 0',
        ubuntu: 'AppArmor restricts them, as on Ubuntu 24.04',
        unknown: 'Allowing unprivileged user namespaces gives the full sandbox.',
      },
    );
  });

  it('does not blame a setting that allows them', () => {
    const open = { [MAXIMUM]: '15000', [CLONE]: '1', [APPARMOR]: '0' };
    assert.equal(howToUpgrade(machine(open)), 'Allowing unprivileged user namespaces gives the full sandbox.');
  });

  it('names first what would still forbid them once the rest is changed', () => {
    const all = { [MAXIMUM]: '0', [CLONE]: '0', [APPARMOR]: '1' };
    assert.equal(named(machine(all, '/.dockerenv')), 'user.max_user_namespaces is 0');
    const inDocker = machine({ [CLONE]: '0', [APPARMOR]: '1' }, '/.dockerenv');
    assert.match(howToUpgrade(inDocker), /^This is a container/);
  });

  it('ends with the way to the full sandbox', () => {
    for (const one of [
      machine({ [MAXIMUM]: '0' }),
      machine({}, '/.dockerenv'),
      machine({ [CLONE]: '0' }),
      machine({ [APPARMOR]: '1' }),
    ]) {
      assert.match(howToUpgrade(one), /gives the full sandbox\.$|setting it to 1 gives the full sandbox\.$/);
    }
  });
});
