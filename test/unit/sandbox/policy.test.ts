import assert from 'node:assert/strict';
import { fullAccess, policyFault, readOnly, workspaceWrite } from '../../../sandbox/index.ts';
import { mustCount, planLinux, proxyPlace } from '../../../sandbox/linux.ts';
import { denyAround, isUnder, outermost } from '../../../sandbox/paths.ts';
import { descendants } from '../../../sandbox/processes.ts';

const options = { roots: ['/nowhere/ws'], home: '/nowhere/home' };

describe('sandbox presets', () => {
  it('read-only writes nothing', () => {
    const policy = readOnly(options);
    assert.deepEqual([policy.write, policy.network, policy.git, policy.read], [[], 'off', 'ro', 'all']);
    assert.ok(policy.denyRead.includes('/nowhere/home/.ssh'));
    assert.ok(policy.denyRead.includes('/nowhere/home/.gantry'));
  });

  it('workspace-write opens the roots and what was asked for', () => {
    const policy = workspaceWrite({ ...options, extraWrite: ['/nowhere/cache/'], network: 'on', git: 'commit' });
    assert.deepEqual(policy.write, ['/nowhere/ws', '/nowhere/cache']);
    assert.deepEqual(
      [policy.network, policy.git, policy.protectNames],
      ['on', 'commit', ['.git', '.gantry', '.codex']],
    );
    for (const path of ['/nowhere/ws/.vscode/settings.json', '/nowhere/ws/.gantry', '/nowhere/home/.gantry']) {
      assert.ok(policy.protect.includes(path), path);
    }
  });

  it('full access is unconfined', () => {
    assert.equal(fullAccess().unconfined, true);
  });

  it('says what is wrong with a policy', () => {
    assert.equal(policyFault(workspaceWrite(options)), null);
    assert.match(policyFault({ ...readOnly(options), write: ['relative'] }) ?? '', /absolute: "relative"/);
    assert.match(policyFault({ ...readOnly(options), write: ['/'] }) ?? '', /danger-full-access/);
    assert.match(policyFault({ ...readOnly(options), protectNames: ['a/b'] }) ?? '', /file names/);
    assert.match(policyFault({ ...readOnly(options), denyRead: ['/a\0b'] }) ?? '', /NUL/);
    assert.throws(() => readOnly({ ...options, roots: ['here'] }), /absolute/);
  });
});

describe('sandbox plan for Linux', () => {
  const plan = (level: 'namespaces' | 'landlock', policy = workspaceWrite(options), broker = true) =>
    planLinux({
      policy,
      report: { level, broker },
      argv: ['true', '--', 'x'],
      cwd: '/nowhere/ws',
      temp: level === 'landlock' ? '/nowhere/temp' : null,
      architecture: 'x64',
    });
  const values = (args: readonly string[], option: string): string[] =>
    args.flatMap((arg, i) => (arg === option ? [args[i + 1] ?? ''] : []));

  it('gives level 1 its mounts', () => {
    const { args, options: filter } = plan('namespaces');
    assert.deepEqual(filter, { sockets: 'inet', broker: 'create', ownProcesses: true });
    assert.deepEqual(values(args, '--write'), ['/nowhere/ws']);
    assert.deepEqual(values(args, '--temp'), ['/tmp', '/var/tmp']);
    assert.ok(values(args, '--protect').includes('/nowhere/ws/.git'));
    assert.deepEqual(values(args, '--pin'), []);
    assert.deepEqual(args.slice(args.indexOf('--')), ['--', 'true', '--', 'x']);
  });

  it('hides the devices and gives a temp directory at level 2', () => {
    const { args, options: filter } = plan('landlock');
    assert.deepEqual(filter, { sockets: 'unix', broker: 'all', sharedIpc: true });
    assert.deepEqual(values(args, '--temp'), ['/nowhere/temp']);
    assert.ok(values(args, '--hide').includes('/dev'));
  });

  it('lets the broker count where nothing else limits root', () => {
    const count = (level: 'namespaces' | 'landlock', release: string, isRoot = true, broker = true): boolean =>
      mustCount({ level, broker }, { isRoot, release });
    assert.deepEqual(
      [count('landlock', '6.18.0'), count('namespaces', '6.13.7-generic'), count('namespaces', '5.15')],
      [true, true, true],
    );
    assert.deepEqual(
      [count('namespaces', '6.14.0'), count('namespaces', '7.0'), count('landlock', '6.18', false)],
      [false, false, false],
    );
    assert.equal(count('landlock', '6.18', true, false), false);
  });

  it('pins the way to protected paths where no broker looks', () => {
    const { args, options: filter } = plan('namespaces', workspaceWrite(options), false);
    assert.deepEqual(filter, { sockets: 'inet', broker: 'none', ownProcesses: true });
    assert.deepEqual(values(args, '--pin'), [
      '/nowhere/ws/.amazonq',
      '/nowhere/ws/.claude',
      '/nowhere/ws/.cursor',
      '/nowhere/ws/.gemini',
      '/nowhere/ws/.hg',
      '/nowhere/ws/.jj',
      '/nowhere/ws/.jj/repo',
      '/nowhere/ws/.kilocode',
      '/nowhere/ws/.kiro',
      '/nowhere/ws/.qwen',
      '/nowhere/ws/.roo',
      '/nowhere/ws/.vscode',
      '/nowhere/ws/.zed',
    ]);
  });

  it('asks the broker only about connections when nothing is writable', () => {
    assert.equal(plan('namespaces', readOnly(options)).options.broker, 'connect');
  });

  it('gives a host list a place on the loopback network, and none where no broker could hold the rest', () => {
    const policy = workspaceWrite({ ...options, network: { hosts: ['example.com'] } });
    assert.deepEqual(proxyPlace(policy, { level: 'namespaces', broker: false }), { address: '127.0.0.1', port: 43128 });
    assert.match(proxyPlace(policy, { level: 'landlock', broker: true })?.address ?? '', /^127\.\d+\.\d+\.\d+$/);
    assert.equal(proxyPlace(policy, { level: 'landlock', broker: false }), null);
    assert.equal(proxyPlace({ ...policy, network: 'on' }, { level: 'namespaces', broker: true }), null);
    assert.ok(!plan('namespaces', policy).args.includes('--network'));
    assert.ok(plan('namespaces', { ...policy, network: 'on' }).args.includes('--network'));
  });

  it('passes limits on', () => {
    assert.deepEqual(values(plan('namespaces').args, '--processes'), ['8192']);
    const tight = workspaceWrite({ ...options, limits: { processes: null, memory: 2 ** 30 } });
    const { args } = plan('namespaces', tight);
    assert.deepEqual([values(args, '--processes'), values(args, '--memory')], [[], ['1073741824']]);
  });

  it('sends the filter with its length', () => {
    const { filter } = plan('namespaces');
    assert.equal(filter.length, 4 + 8 * filter.readUInt32LE(0));
  });
});

describe('sandbox paths', () => {
  it('knows what lies below what', () => {
    assert.deepEqual(
      [isUnder('/a/b', '/a'), isUnder('/a', '/a'), isUnder('/ab', '/a'), isUnder('/a', '/')],
      [true, true, false, true],
    );
    assert.deepEqual(outermost(['/a/b', '/a', '/c']), ['/a', '/c']);
  });

  it('denies nothing that is needed', () => {
    assert.deepEqual(denyAround(['/x', '/y'], ['/x']), ['/y']);
  });

  it('finds descendants in a table of parents', () => {
    const parents = new Map([
      [5, 4],
      [4, 3],
      [9, 1],
      [3, 1],
    ]);
    assert.deepEqual(descendants(3, parents).sort(), [4, 5]);
  });
});
