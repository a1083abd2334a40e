/** Hosts that commands may reach: by the profile's list, by a person's word, and by no other way. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World } from './world.ts';

describe('the network of commands', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let core: CoreProcess;
  let threadId: string;
  let origin: http.Server;
  let port: number;
  let asked: CoreRequest[];

  before((done) => {
    origin = http.createServer((request, response) => response.end(`origin ${request.url}\n`));
    origin.listen(0, '127.0.0.1', () => {
      port = (origin.address() as AddressInfo).port;
      done();
    });
  });
  after((done) => {
    origin.close(done);
  });
  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const profile = (domains: string): string =>
    `default_permissions = "dev"\n[permissions.dev.filesystem]\n":workspace_roots" = "write"\n"closed" = "none"\n"kept" = "read"\n[permissions.dev.network]\nenabled = true\ndomains = { ${domains} }\n`;
  const curl = (url: string): string => `curl -sS --max-time 20 --noproxy '' ${url}`;
  const call = (cmd: string) => ({ call: 'exec_command', args: { cmd } });

  const begin = async (commands: string[], decision: unknown, domains: string, approvalPolicy = 'on-request') => {
    world = await World.create({
      script: [...commands.map(call), { text: 'done' }],
      config: profile(domains),
      files: { 'closed/secret.txt': 'SECRET\n', 'kept/a.txt': 'kept\n' },
    });
    core = await world.core({ experimentalApi: true });
    asked = [];
    core.onRequest = (message) => {
      asked.push(message);
      return { result: { decision } };
    };
    const params = { cwd: world.workspace, approvalPolicy };
    threadId = (await core.request('thread/start', params as never)).thread.id;
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
  };
  const outputs = () => core.items('commandExecution').map(({ aggregatedOutput }) => aggregatedOutput);
  const config = () => readFileSync(path.join(world.home, 'config.toml'), 'utf8');

  it('reaches what the profile lists, through the proxy, and nothing else', async () => {
    const direct = `curl -sS --max-time 5 --noproxy '*' http://127.0.0.1:${port}/direct || true`;
    await begin([curl(`http://127.0.0.1:${port}/a`), direct], 'decline', `"127.0.0.1:*" = "allow"`);
    const [listed, straight] = outputs();
    assert.equal(listed, 'origin /a\n');
    assert.match(straight ?? '', /^curl: \(7\) /);
    assert.deepEqual(asked, []);
  });

  it('asks about a host that is not listed, and holds to a no', async () => {
    await begin([curl('http://unlisted.test:8080/')], 'decline', '"127.0.0.1:*" = "allow"');
    const [request] = asked;
    assert.equal(request?.method, 'item/commandExecution/requestApproval');
    const { turnId, itemId, startedAtMs, ...params } = request.params;
    assert.ok(turnId && itemId && startedAtMs);
    const host = 'unlisted.test:8080';
    const [allow, deny] = (['allow', 'deny'] as const).map((action) => ({ action, host }));
    assert.deepEqual(params, {
      threadId,
      approvalId: `${itemId}:http:${host}`,
      environmentId: 'local',
      kind: 'command',
      reason: `The command wants to reach ${host}.`,
      command: params.command,
      cwd: world.workspace,
      commandActions: params.commandActions,
      networkApprovalContext: { host, protocol: 'http' },
      proposedNetworkPolicyAmendments: [allow, deny],
      availableDecisions: [
        'accept',
        'acceptForSession',
        { applyNetworkPolicyAmendment: { network_policy_amendment: allow } },
        { applyNetworkPolicyAmendment: { network_policy_amendment: deny } },
        'decline',
        'cancel',
      ],
    });
    assert.equal(
      outputs()[0],
      `Blocked by the sandbox: ${host} is not among the hosts that may be reached.\nBlocked by the sandbox: the host ${host} was not allowed.\n`,
    );
  });

  it('asks once for the session; a name that leads inside is refused all the same', async () => {
    const url = `http://localhost:${port}/`;
    await begin([curl(url), curl(url)], 'acceptForSession', '"listed.test" = "allow"');
    assert.equal(asked.length, 1);
    for (const output of outputs())
      assert.match(output ?? '', /localhost leads to (127\.0\.0\.1|::1), which is not a public/);
  });

  it('asks once about a host that was refused, for the whole session', async () => {
    await begin([curl('http://no.test/'), curl('http://no.test/')], 'decline', '"127.0.0.1:*" = "allow"');
    assert.equal(asked.length, 1);
    assert.equal(outputs()[1], outputs()[0]);
  });

  it('takes the question back when the command does not wait, and goes on', async () => {
    world = await World.create({
      script: [call("curl -sS --max-time 1 --noproxy '' http://slow.test/"), { text: 'done' }],
      config: profile('"127.0.0.1:*" = "allow"'),
    });
    core = await world.core({ experimentalApi: true });
    let question: CoreRequest | null = null;
    core.onRequest = (message) => {
      question = message;
      return undefined;
    };
    const params = { cwd: world.workspace, approvalPolicy: 'on-request' };
    threadId = (await core.request('thread/start', params as never)).thread.id;
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    const { id } = question as unknown as { id: number };
    await core.waitFor('serverRequest/resolved', ({ requestId }) => requestId === id);
    assert.match(outputs()[0] ?? '', /^curl: \(28\) /);
  });

  it('holds a host that is allowed for good in the next session too, but not where nothing is trusted', async () => {
    const amendment = { network_policy_amendment: { action: 'allow', host: 'kept.test' } };
    const kept = curl('http://kept.test/');
    await begin([kept], { applyNetworkPolicyAmendment: amendment }, '"127.0.0.1:*" = "allow"');
    const outcomes: [number, string][] = [];
    for (const trust of ['trusted', 'untrusted'] as const) {
      await core.stop();
      world.model.push(call(kept), call(curl(`http://127.0.0.1:${port}/in`)), { text: 'done' });
      core = await world.core({ experimentalApi: true });
      asked = [];
      core.onRequest = (message) => {
        asked.push(message);
        return { result: { decision: 'decline' } };
      };
      const config = { projects: { [world.workspace]: { trust_level: trust } } };
      // As the editor asks for it.
      const mode = trust === 'trusted' ? {} : { sandbox: 'read-only' as const };
      const { thread, sandbox } = await core.request('thread/start', { cwd: world.workspace, config, ...mode });
      await core.turn(thread.id, 'go');
      outcomes.push([asked.length, `${sandbox.type} ${outputs().join('')}`]);
    }
    assert.equal(outcomes[0]?.[0], 0);
    assert.match(outcomes[0]?.[1] ?? '', /^workspaceWrite .*kept\.test.*origin \/in/s);
    assert.doesNotMatch(outcomes[1]?.[1] ?? '', /origin \/in/);
    assert.deepEqual([outcomes[1]?.[0], outcomes[1]?.[1].split(' ')[0]], [0, 'readOnly']);
  });

  for (const action of ['allow', 'deny'] as const) {
    it(`writes down what is to ${action === 'allow' ? 'hold' : 'be refused'} for good`, async () => {
      const amendment = { network_policy_amendment: { action, host: 'kept.test' } };
      const commands = [curl('http://kept.test/'), curl('http://kept.test/')];
      await begin(commands, { applyNetworkPolicyAmendment: amendment }, '"127.0.0.1:*" = "allow"');
      assert.equal(asked.length, 1);
      assert.match(config(), new RegExp(`"kept\\.test" = "${action}"`));
      assert.match(outputs()[1] ?? '', action === 'deny' ? /is a host that the network policy forbids/ : /kept\.test/);
    });
  }

  it('offers nothing for good where no profile could keep it', async () => {
    world = await World.create({ script: [call(curl('http://other.test/')), { text: 'done' }] });
    core = await world.core({ experimentalApi: true, gantry: {} } as never);
    asked = [];
    core.onRequest = (message) => {
      asked.push(message);
      return { result: { decision: 'decline' } };
    };
    const params = { cwd: world.workspace, approvalPolicy: 'on-request', sandbox: 'workspace-write' };
    threadId = (await core.request('thread/start', params as never)).thread.id;
    await core.request('gantry/permission/grant', { threadId, permission: { type: 'host', host: 'one.test' } });
    await core.turn(threadId, 'go');
    const told = asked.map(({ params }) => params as { [key: string]: unknown });
    assert.deepEqual(
      told.map(({ networkApprovalContext, proposedNetworkPolicyAmendments, availableDecisions }) => [
        networkApprovalContext,
        proposedNetworkPolicyAmendments,
        availableDecisions,
      ]),
      [[{ host: 'other.test', protocol: 'http' }, [], ['accept', 'acceptForSession', 'decline', 'cancel']]],
    );
    assert.doesNotMatch(config(), /other\.test/);
  });

  it('asks about a host of the client’s own command in a thread of that folder', async () => {
    await begin([], 'decline', '"127.0.0.1:*" = "allow"');
    const command = ['bash', '-c', curl('http://own.test/')];
    const { stdout, stderr } = await core.request('command/exec', { command, cwd: world.workspace });
    assert.deepEqual(
      asked.map(({ params }) => (params as { networkApprovalContext?: unknown }).networkApprovalContext),
      [{ host: 'own.test', protocol: 'http' }],
    );
    assert.match(`${stdout}${stderr}`, /own\.test is not among the hosts/);
  });

  it('asks nobody where the policy says never', async () => {
    await begin([curl('http://unlisted.test/')], 'accept', '"127.0.0.1:*" = "allow"', 'never');
    assert.deepEqual(asked, []);
    assert.match(outputs()[0] ?? '', /unlisted\.test is not among the hosts/);
  });

  it('holds commands to the profile, and the list of profiles has it', async () => {
    const tries = 'cat closed/secret.txt; echo x > kept/a.txt; echo y > made.txt; cat kept/a.txt made.txt';
    await begin([tries], 'decline', '"127.0.0.1:*" = "allow"');
    const [output = ''] = outputs();
    assert.doesNotMatch(output ?? '', /SECRET/);
    assert.match(output ?? '', /kept\ny\n/);
    const { data } = await core.request('permissionProfile/list', { cwd: world.workspace });
    assert.deepEqual(data.at(-1), { id: 'dev', description: null, allowed: true });
  });

  it('holds edits to the profile too', async () => {
    const input = (file: string) => `*** Begin Patch\n*** Add File: ${file}\n+x\n*** End Patch\n`;
    world = await World.create({
      script: [
        { freeform: 'apply_patch', input: input('kept/b.txt') },
        { freeform: 'apply_patch', input: input('closed/b.txt') },
        { freeform: 'apply_patch', input: input('free.txt') },
        { text: 'done' },
      ],
      config: profile(''),
      files: { 'closed/secret.txt': 'SECRET\n', 'kept/a.txt': 'kept\n' },
    });
    core = await world.core({ experimentalApi: true });
    core.onRequest = () => ({ result: { decision: 'accept' } });
    threadId = (await core.request('thread/start', { cwd: world.workspace })).thread.id;
    await core.turn(threadId, 'go');
    const exists = (name: string): boolean => {
      try {
        readFileSync(world.at(name));
        return true;
      } catch {
        return false;
      }
    };
    assert.deepEqual(['kept/b.txt', 'closed/b.txt', 'free.txt'].map(exists), [false, false, true]);
  });
});
