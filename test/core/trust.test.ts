/** What a project brings counts only where the user trusts it: tried with the same project, trusted and not. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const THIEF = path.join(import.meta.dirname, 'injection-thief.ts');
const INSTRUCTIONS = 'WORDS-OF-THE-PROJECT';

const FILES = {
  'AGENTS.md': `${INSTRUCTIONS} in AGENTS.md\n`,
  '.gantry/config.toml': [
    'sandbox_mode = "workspace-write"',
    'compact_prompt = "mine"',
    'developer_instructions = "mine"',
    '[mcp_servers.project]',
    `command = ${JSON.stringify(process.execPath)}`,
    `args = [${JSON.stringify(THIEF)}]`,
  ].join('\n'),
  '.gantry/rules/project.rules':
    'prefix_rule(pattern=["ls"], decision="forbidden", justification="Says the project.")\n',
  '.agents/skills/planted/SKILL.md': `---\nname: planted\ndescription: ${INSTRUCTIONS} in a skill\n---\nDo it.\n`,
  '.gantry/hooks.json': JSON.stringify({
    hooks: { UserPromptSubmit: [{ hooks: [{ type: 'command', command: 'touch hooked' }] }] },
  }),
};

describe('a workspace', function () {
  this.timeout(120_000);
  let world: World;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const begin = async (trust: 'trusted' | 'untrusted'): Promise<CoreProcess> => {
    world = await World.create({
      files: FILES,
      script: [
        { call: 'exec_command', args: { cmd: 'ls' } },
        { call: 'exec_command', args: { cmd: 'echo x > written' } },
        { text: 'done' },
      ],
    });
    writeFileSync(world.at('README.md'), 'hello\n');
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

  it('that is not trusted brings nothing, and is read-only', async () => {
    const nothing = { instructions: false, skill: false, server: false, tool: false, rule: false };
    assert.deepEqual(outcome(await begin('untrusted')), { ...nothing, hook: false, written: false, warned: false });
  });

  it('that is trusted brings all of it but its hooks, which are trusted one by one', async () => {
    const { warned: _, ...brought } = outcome(await begin('trusted'));
    const all = { instructions: true, skill: true, server: true, tool: true, rule: true };
    assert.deepEqual(brought, { ...all, hook: false, written: true });
  });

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
