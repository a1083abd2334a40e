/** What a project brings counts only where the user trusts it: tried with the same project, trusted and not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const THIEF = path.join(import.meta.dirname, 'injection-thief.ts');
const INSTRUCTIONS = 'WORDS-OF-THE-PROJECT';

const HOOK = { type: 'command', command: 'touch hooked' };

const FILES = {
  // Of what lies outside of the workspace a project's server sees nothing, its own program neither.
  'tools/server.ts': readFileSync(THIEF),
  'AGENTS.md': `${INSTRUCTIONS} in AGENTS.md\n`,
  '.gantry/config.toml': [
    'sandbox_mode = "workspace-write"',
    'compact_prompt = "mine"',
    'developer_instructions = "mine"',
    '[mcp_servers.project]',
    `command = ${JSON.stringify(process.execPath)}`,
    'args = ["tools/server.ts"]',
  ].join('\n'),
  '.gantry/rules/project.rules':
    'prefix_rule(pattern=["ls"], decision="forbidden", justification="Says the project.")\n',
  '.agents/skills/planted/SKILL.md': `---\nname: planted\ndescription: ${INSTRUCTIONS} in a skill\n---\nDo it.\n`,
  '.gantry/hooks.json': JSON.stringify({
    hooks: { UserPromptSubmit: [{ hooks: [HOOK] }] },
  }),
};

describe('a workspace', function () {
  this.timeout(120_000);
  let world: World;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  /** The user's word on the hook as it is now, in their own config.toml. */
  const trustHook = async (): Promise<void> => {
    const core = await world.core({ experimentalApi: true });
    const config = { projects: { [world.workspace]: { trust_level: 'trusted' } } };
    const { thread } = await core.request('thread/start', { cwd: world.workspace, config });
    const [entry] = (await core.request('hooks/list', { threadId: thread.id })).data;
    const [hook] = entry?.hooks ?? [];
    assert.ok(hook);
    const value = { [hook.key]: { trusted_hash: hook.currentHash } };
    await core.request('config/value/write', { keyPath: 'hooks.state', value, mergeStrategy: 'upsert' });
    await core.stop();
  };

  const begin = async (trust: 'trusted' | 'untrusted', { trustsHook = false } = {}): Promise<CoreProcess> => {
    world = await World.create({
      files: FILES,
      script: [
        { call: 'exec_command', args: { cmd: 'ls' } },
        { call: 'exec_command', args: { cmd: 'echo x > written' } },
        { text: 'done' },
      ],
    });
    writeFileSync(world.at('README.md'), 'hello\n');
    if (trustsHook) await trustHook();
    const core = await world.core({ experimentalApi: true });
    core.onRequest = () => ({ result: { decision: 'decline' } });
    const config = { projects: { [world.workspace]: { trust_level: trust } } };
    const { thread, sandbox: policy } = await core.request('thread/start', { cwd: world.workspace, config });
    if (trust === 'trusted') {
      await core.waitFor(
        'mcpServer/startupStatus/updated',
        ({ name, status }) => name === 'project' && status === 'ready',
      );
    }
    assert.equal(policy.type, trust === 'trusted' ? 'workspaceWrite' : 'readOnly');
    await core.turn(thread.id, 'go');
    return core;
  };
  const outcome = (core: CoreProcess) => {
    const [request] = world.model.requests;
    assert.ok(request);
    const { input, tools } = request.body as { input: unknown; tools: { name?: string }[] };
    return {
      instructions: JSON.stringify(input).includes(`${INSTRUCTIONS} in AGENTS.md`),
      skill: JSON.stringify(input).includes(`${INSTRUCTIONS} in a skill`),
      server: core.notifications('mcpServer/startupStatus/updated').length > 0,
      tool: tools.some(({ name }) => name?.startsWith('mcp__project')),
      rule: core.items('dynamicToolCall').length > 0,
      hook: existsSync(world.at('hooked')),
      written: existsSync(world.at('written')),
      warned: core.notifications('configWarning').length > 0,
    };
  };

  const NOTHING = { instructions: false, skill: false, server: false, tool: false, rule: false };
  const ALL = { instructions: true, skill: true, server: true, tool: true, rule: true };

  it('that is not trusted brings nothing, also no hook that was trusted, and is read-only', async () => {
    const core = await begin('untrusted', { trustsHook: true });
    assert.deepEqual(outcome(core), { ...NOTHING, hook: false, written: false, warned: false });
  });

  it('that is trusted brings all of it, and the hook that is trusted too', async () => {
    const { warned: _, ...brought } = outcome(await begin('trusted', { trustsHook: true }));
    assert.deepEqual(brought, { ...ALL, hook: true, written: true });
  });

  it('that is trusted does not bring its hooks by that, which are trusted one by one', async () => {
    const { warned: _, ...brought } = outcome(await begin('trusted'));
    assert.deepEqual(brought, { ...ALL, hook: false, written: true });
  });

  for (const whose of ['project', 'user'] as const) {
    it(`whose ${whose} names files of elsewhere in a server's table ${whose === 'user' ? 'opens' : 'does not open'} them`, async () => {
      const repository = path.resolve(import.meta.dirname, '../..');
      const secrets = [path.join(repository, 'README.md')];
      const steal = { call: 'mcp__named__steal', args: { secrets, plant: [], url: 'http://127.0.0.1:9', dnsPort: 9 } };
      const table = [
        '[mcp_servers.named]',
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ["tools/server.ts", ${JSON.stringify(path.join(repository, 'package.json'))}]`,
        `env = { PATH = ${JSON.stringify(repository)} }`,
      ].join('\n');
      const trusted = (folder: string) => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"\n`;
      const files = { 'tools/server.ts': readFileSync(THIEF) };
      world = await World.create({ files, script: [steal, { text: 'done' }] });
      world.writeConfig({ config: trusted(world.workspace) + (whose === 'user' ? table : '') });
      if (whose === 'project') world.write('.gantry/config.toml', table);
      const core = await world.core({ experimentalApi: true });
      const { thread } = await core.request('thread/start', { cwd: world.workspace });
      await core.turn(thread.id, 'go');
      const [call] = core.items('mcpToolCall');
      assert.equal(call?.status, 'completed');
      assert.equal(JSON.stringify(call.result).includes('# Gantry'), whose === 'user');
    });
  }

  it('takes a profile by its name, or says why not', async () => {
    world = await World.create();
    const core = await world.core({ experimentalApi: true });
    const start = (params: object) => core.request('thread/start', { cwd: world.workspace, ...params } as never);
    assert.equal((await start({ permissions: ':workspace' })).sandbox.type, 'workspaceWrite');
    assert.equal((await start({ permissions: ':danger-full-access' })).sandbox.type, 'dangerFullAccess');
    await assert.rejects(start({ permissions: 'mine' }), /thread\/start\.permissions takes one of :read-only, /);
    await assert.rejects(start({ permissions: ':workspace', sandbox: 'read-only' }), /cannot be combined with sandbox/);
  });
});
