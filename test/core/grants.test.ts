/** What a person opens beyond the sandbox: asked for by the model, or offered where something was blocked. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World } from './world.ts';

const runs = (cmd: string) => ({ call: 'exec_command', args: { cmd } });
const asks = (permissions: unknown, reason = 'It is needed.') => ({
  call: 'request_permissions',
  args: { reason, permissions },
});
const adds = (file: string) => ({
  freeform: 'apply_patch',
  input: `*** Begin Patch\n*** Add File: ${file}\n+x\n*** End Patch\n`,
});

describe('permissions beyond the sandbox', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let asked: CoreRequest[];
  let other: string;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  type Step = ReturnType<typeof runs> | ReturnType<typeof asks> | ReturnType<typeof adds> | { text: string };
  /** The script is made once the folders are known. */
  const begin = async (
    script: (at: (name: string) => string) => Step[],
    answer: (request: CoreRequest) => unknown,
    { approvalPolicy = 'on-request' as unknown, sandbox = 'workspace-write', config = '' } = {},
  ): Promise<[CoreProcess, string]> => {
    // Commands have a /tmp of their own; what lies below /var/tmp they see as it is.
    const before = process.env.TMPDIR;
    process.env.TMPDIR = '/var/tmp';
    world = await World.create({ config });
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    other = path.join(world.root, 'other');
    for (const folder of ['other', 'other/.git', 'third', 'user', 'user/.ssh'])
      mkdirSync(path.join(world.root, folder));
    writeFileSync(path.join(world.root, 'user/.ssh/id_test'), 'PRIVATE-KEY\n');
    world.model.push(...script((name) => path.join(world.root, name)));
    const core = await world.core({ experimentalApi: true, gantry: {} } as never, {
      HOME: path.join(world.root, 'user'),
    });
    asked = [];
    core.onRequest = (message) => {
      asked.push(message);
      return { result: answer(message) as never };
    };
    const params = { cwd: world.workspace, approvalPolicy, sandbox };
    return [core, (await core.request('thread/start', params as never)).thread.id];
  };
  const said = () => JSON.stringify(world.model.requests.at(-1));
  const granted = ({ params }: CoreRequest, scope = 'turn') => ({
    permissions: (params as { permissions: unknown }).permissions,
    scope,
  });

  it('asks in the wire’s words, and what is granted holds for commands and edits of the turn, not longer', async () => {
    const [core, threadId] = await begin(
      (at) => [
        asks({ file_system: { write: [at('other')] } }, 'The other package needs the same fix.'),
        runs(`echo x > ${at('other')}/by-command`),
        adds(at('other/by-edit')),
        runs(`mkdir ${at('other')}/.git/hooks`),
        adds(at('other/.git/hooks/post-commit')),
        { text: 'done' },
        runs(`echo x > ${at('other')}/later`),
        { text: 'done' },
      ],
      (request) => (request.method === 'item/permissions/requestApproval' ? granted(request) : { decision: 'decline' }),
    );
    await core.turn(threadId, 'go');
    const [request, refused] = asked;
    assert.equal(request?.method, 'item/permissions/requestApproval');
    const { turnId, itemId, startedAtMs, ...params } = request.params;
    assert.ok(turnId && itemId && startedAtMs);
    assert.deepEqual(params, {
      threadId,
      environmentId: 'local',
      cwd: world.workspace,
      reason: 'The other package needs the same fix.',
      permissions: {
        fileSystem: {
          read: [],
          write: [other],
          entries: [{ access: 'write', path: { type: 'path', path: other } }],
        },
        network: null,
      },
    });
    assert.equal(refused?.method, 'item/fileChange/requestApproval');
    assert.equal(asked.length, 2);
    const there = () => ['by-command', 'by-edit', '.git/hooks'].map((name) => existsSync(path.join(other, name)));
    assert.deepEqual(there(), [true, true, false]);
    await core.turn(threadId, 'again');
    assert.equal(existsSync(path.join(other, 'later')), false);
  });

  it('grants less than was asked for, for the session, and never more', async () => {
    const [core, threadId] = await begin(
      (at) => [
        asks({ file_system: { write: [at('other'), at('third')] }, network: { enabled: true } }),
        { text: 'done' },
        runs(`echo x > ${at('other')}/a; echo x > ${at('third')}/a; echo x > ${at('user')}/a`),
        { text: 'done' },
      ],
      () => ({
        permissions: { fileSystem: { write: [other, path.join(world.root, 'user')] } },
        scope: 'session',
      }),
    );
    await core.turn(threadId, 'go');
    const answer = `{"permissions":{"file_system":{"read":[],"write":["${other}"]}},"scope":"session"}`;
    assert.ok(said().includes(JSON.stringify(answer).slice(1, -1)));
    await core.turn(threadId, 'again');
    const there = ['other/a', 'third/a', 'user/a'].map((name) => existsSync(path.join(world.root, name)));
    assert.deepEqual(there, [true, false, false]);
  });

  it('never asks for what stays closed: secrets, .git, the agent’s own, too much, and links to them', async () => {
    const [core, threadId] = await begin(
      (at) => [
        asks({ file_system: { read: [at('user/.ssh/id_test')] } }),
        asks({ file_system: { write: [at('user/.ssh')] } }),
        asks({ file_system: { write: [at('workspace/.git/hooks')] } }),
        asks({ file_system: { write: [at('home')] } }),
        asks({ file_system: { write: ['/'] } }),
        asks({ file_system: { write: [at('user')] } }),
        asks({ file_system: { write: [at('workspace/link')] } }),
        asks({ file_system: { write: [at('other/.vscode/tasks.json')] } }),
        { text: 'done' },
      ],
      (request) => granted(request, 'session'),
    );
    symlinkSync(path.join(world.root, 'user/.ssh'), world.at('link'));
    await core.turn(threadId, 'go');
    assert.deepEqual(asked, []);
    assert.equal(core.items('dynamicToolCall').length, 8);
    for (const item of core.items('dynamicToolCall')) {
      assert.match(JSON.stringify(item.contentItems), /This cannot be granted: /);
    }
  });

  for (const [name, approvalPolicy, mayAsk] of [
    ['never', 'never', false],
    ['granular without request_permissions', granular({}), false],
    ['granular with it', granular({ request_permissions: true }), true],
    ['untrusted', 'untrusted', true],
  ] as const) {
    it(`${mayAsk ? 'asks' : 'does not ask'} under ${name}`, async () => {
      const [core, threadId] = await begin(
        (at) => [asks({ file_system: { write: [at('other')] } }), { text: 'done' }],
        (request) => granted(request),
        { approvalPolicy },
      );
      await core.turn(threadId, 'go');
      assert.equal(asked.length, mayAsk ? 1 : 0);
      if (!mayAsk) assert.match(said(), /does not allow asking for permissions/);
    });
  }

  it('is offered to the model only where the feature is on', async () => {
    for (const [config, isOffered] of [
      ['', false],
      ['[features]\nrequest_permissions_tool = true\n', true],
    ] as const) {
      const [core, threadId] = await begin(
        () => [{ text: 'done' }],
        () => ({}),
        { config },
      );
      await core.turn(threadId, 'go');
      const request = world.model.requests.at(-1);
      assert.ok(request);
      const { tools } = request.body as { tools: { name?: string }[] };
      assert.equal(
        tools.some(({ name }) => name === 'request_permissions'),
        isOffered,
      );
      if (!isOffered) assert.deepEqual(await world.close(), []);
    }
  });

  it('says what the broker and the edit’s check blocked, and a granted offer lets both pass', async () => {
    const [core, threadId] = await begin(
      (at) => [
        runs(`echo x > ${at('other')}/a`),
        adds(at('other/b')),
        { text: 'done' },
        runs(`echo x > ${at('other')}/a`),
        adds(at('other/b')),
        { text: 'done' },
      ],
      () => ({ decision: 'decline' }),
      { approvalPolicy: 'never' },
    );
    await core.turn(threadId, 'go');
    const told = core.notifications('gantry/item/blocked').map(({ blocked }) => blocked);
    assert.deepEqual(
      told.map(([one]) => [one?.what, one?.target, one?.offers[0]?.permission]),
      [
        ['write', path.join(other, 'a'), { type: 'write', path: other }],
        ['write', path.join(other, 'b'), { type: 'write', path: other }],
      ],
    );
    assert.match(said(), /The user may allow, and you are told if they do/);
    const permission = told[0]?.[0]?.offers[0]?.permission;
    assert.ok(permission);
    const { message } = await core.request('gantry/permission/grant', { threadId, permission });
    assert.equal(message, `commands and edits may write to ${other} for the rest of this session.`);
    await core.turn(threadId, 'again');
    assert.match(said(), /permission_granted/);
    assert.deepEqual(
      ['a', 'b'].map((name) => existsSync(path.join(other, name))),
      [true, true],
    );
  });

  it('offers to read a secret, to commit, to leave the sandbox once: each only as far as it says', async () => {
    const [core, threadId] = await begin(
      (at) => [
        runs(`cat ${at('user/.ssh/id_test')}`),
        runs('git init -q . ; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x'),
        { text: 'done' },
        runs(`cat ${at('user/.ssh/id_test')}`),
        runs(`cat ${at('user/.ssh/id_test')} > ${at('third')}/copy`),
        { text: 'done' },
        runs(`cat ${at('user/.ssh/id_test')} > ${at('third')}/copy`),
        runs(`cat ${at('user/.ssh/id_test')} > ${at('third')}/second`),
        { text: 'done' },
      ],
      () => ({ decision: 'decline' }),
    );
    await core.turn(threadId, 'go');
    const [read] = core.notifications('gantry/item/blocked');
    const secret = path.join(world.root, 'user/.ssh/id_test');
    const [, git] = core.notifications('gantry/item/blocked');
    assert.deepEqual([git?.blocked[0]?.what, git?.blocked[0]?.offers[0]?.permission], ['git', { type: 'git' }]);
    assert.deepEqual(read?.blocked, [
      {
        what: 'read',
        target: secret,
        certainty: 'probably',
        message: `Probably blocked by the sandbox: a read of ${secret}, which may hold secrets.`,
        offers: [{ label: `Let commands read ${secret}`, permission: { type: 'read', path: secret } }],
      },
    ]);
    await core.request('gantry/permission/grant', { threadId, permission: { type: 'read', path: secret } });
    await core.turn(threadId, 'again');
    const shown = core.items('commandExecution').map(({ aggregatedOutput }) => aggregatedOutput);
    assert.equal(shown[2], 'PRIVATE-KEY\n');
    const item = core.items('commandExecution')[3];
    assert.ok(item);
    await core.request('gantry/permission/grant', { threadId, permission: { type: 'outside', itemId: item.id } });
    await core.turn(threadId, 'once more');
    assert.equal(readFileSync(path.join(world.root, 'third/copy'), 'utf8'), 'PRIVATE-KEY\n');
    assert.equal(existsSync(path.join(world.root, 'third/second')), false);
  });

  it('guesses the host of a command without a network, and opens that host alone', async () => {
    const [core, threadId] = await begin(
      () => [
        runs('curl -sS --max-time 5 http://narrow.test/'),
        { text: 'done' },
        runs('curl -sS --max-time 5 http://narrow.test/; curl -sS --max-time 5 http://wide.test/'),
        { text: 'done' },
      ],
      () => ({ decision: 'decline' }),
      { approvalPolicy: 'never' },
    );
    await core.turn(threadId, 'go');
    const [told] = core.notifications('gantry/item/blocked');
    assert.deepEqual(
      told?.blocked.map(({ what, target, certainty, offers }) => [what, target, certainty, offers]),
      [
        [
          'network',
          'narrow.test',
          'probably',
          [
            { label: 'Let commands reach narrow.test', permission: { type: 'host', host: 'narrow.test' } },
            { label: 'Let commands use the network', permission: { type: 'network' } },
          ],
        ],
      ],
    );
    await core.request('gantry/permission/grant', { threadId, permission: { type: 'host', host: 'narrow.test' } });
    await core.turn(threadId, 'again');
    const second = core.notifications('gantry/item/blocked')[1];
    assert.deepEqual(
      second?.blocked.map(({ what, target, certainty }) => [what, target, certainty]),
      [['host', 'wide.test', 'exact']],
    );
  });

  it('opens nothing more when what was granted is swapped for a link, or holds what is protected', async () => {
    const [core, threadId] = await begin(
      (at) => [
        runs(`echo x > ${at('other')}/a`),
        runs(`mkdir ${at('other')}/.vscode; echo {} > ${at('other')}/.vscode/tasks.json`),
        runs(`mkdir -p ${at('other')}/.gantry && echo {} > ${at('other')}/.gantry/hooks.json`),
        runs(`echo x > ${at('other')}/.git/config`),
        { text: 'done' },
        runs(`echo x > ${at('other')}/b`),
        runs(`echo x > ${at('third')}/c`),
        adds(at('other/d')),
        { text: 'done' },
      ],
      () => ({ decision: 'decline' }),
      { approvalPolicy: 'never' },
    );
    await core.request('gantry/permission/grant', { threadId, permission: { type: 'write', path: other } });
    await core.turn(threadId, 'go');
    const has = (name: string) => existsSync(path.join(world.root, name));
    assert.deepEqual(
      ['other/a', 'other/.vscode/tasks.json', 'other/.gantry/hooks.json', 'other/.git/config'].map(has),
      [true, false, false, false],
    );
    // By whoever can write beside it.
    const third = path.join(world.root, 'third');
    renameSync(other, path.join(world.root, 'moved'));
    symlinkSync(third, other);
    await core.turn(threadId, 'again');
    assert.deepEqual(readdirSync(third), []);
  });

  it('lets a command out once for a click, however often the offer is clicked, and no other', async () => {
    const [core, threadId] = await begin(
      (at) => [
        runs(`echo x >> ${at('out')}`),
        { text: 'done' },
        runs(`echo x >> ${at('out')}; true`),
        runs(`echo x >> ${at('out')}`),
        runs(`echo x >> ${at('out')}`),
        { text: 'done' },
      ],
      () => ({ decision: 'decline' }),
      { approvalPolicy: 'never' },
    );
    await core.turn(threadId, 'go');
    const [item] = core.items('commandExecution');
    assert.ok(item);
    const permission = { type: 'outside', itemId: item.id } as const;
    await core.request('gantry/permission/grant', { threadId, permission });
    await core.request('gantry/permission/grant', { threadId, permission });
    await core.turn(threadId, 'again');
    assert.equal(readFileSync(path.join(world.root, 'out'), 'utf8'), 'x\n');
  });

  it('refuses grants that are no offers', async () => {
    const [core, threadId] = await begin(
      () => [],
      () => ({}),
    );
    for (const [permission, why] of [
      [{ type: 'write', path: world.home }, /belongs to Gantry itself/],
      [{ type: 'read', path: path.join(world.home, 'config.toml') }, /belongs to Gantry itself/],
      [{ type: 'write', path: 'here' }, /not an absolute path/],
      [{ type: 'write', path: path.join(world.root, 'user') }, /is too much/],
      [{ type: 'host', host: 'not a host' }, /host/],
      [{ type: 'outside', itemId: 'none' }, /not known any more/],
    ] as const) {
      await assert.rejects(core.request('gantry/permission/grant', { threadId, permission } as never), why);
    }
  });
});

function granular(fields: Record<string, boolean>) {
  return { granular: { rules: true, sandbox_approval: true, mcp_elicitations: true, ...fields } };
}
