/** Command rules on a real core: files that are read and written, and what the model is told. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const calls = (cmd: string, workdir?: string) => ({ call: 'exec_command', args: { cmd, workdir } });

describe('command rules', function () {
  this.timeout(30_000);
  let world: World;
  let asked: number;

  const start = async (answer: unknown, approvalPolicy: unknown = 'untrusted'): Promise<[CoreProcess, string]> => {
    const core = await world.core();
    asked = 0;
    core.onRequest = () => {
      asked++;
      return { result: { decision: answer } };
    };
    const config = { projects: { [world.workspace]: { trust_level: 'trusted' } } };
    const params = { cwd: world.workspace, approvalPolicy, sandbox: 'workspace-write', config };
    return [core, (await core.request('thread/start', params as never)).thread.id];
  };
  const rulesFile = () => path.join(world.home, 'rules', 'default.rules');
  const write = (text: string): void => {
    mkdirSync(path.dirname(rulesFile()), { recursive: true });
    writeFileSync(rulesFile(), text);
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('writes what was always allowed where the next session reads it', async () => {
    world = await World.create({ script: [calls('touch a'), { text: 'ok' }, calls('touch a b'), { text: 'ok' }] });
    const [first, threadId] = await start({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['touch', 'a'] } });
    await first.turn(threadId, 'go');
    assert.equal(asked, 1);
    assert.match(readFileSync(rulesFile(), 'utf8'), /^prefix_rule\(pattern = \["touch", "a"\], decision = "allow"\)$/m);
    const [second, again] = await start('decline');
    await second.turn(again, 'go');
    assert.deepEqual([asked, existsSync(world.at('b'))], [0, true]);
  });

  it('forbids under every policy, names the rule, and sees a file that changed', async () => {
    world = await World.create({ script: [calls('true; touch a'), { text: 'ok' }, calls('touch a'), { text: 'ok' }] });
    write('prefix_rule(pattern=["touch"], decision="forbidden", justification="Use the editor.")\n');
    const [core, threadId] = await start('accept', 'never');
    await core.turn(threadId, 'go');
    assert.equal(existsSync(world.at('a')), false);
    assert.match(JSON.stringify(world.model.requests.at(-1)), /A rule forbids `touch`: Use the editor\./);
    write('');
    await core.turn(threadId, 'go');
    assert.deepEqual([asked, existsSync(world.at('a'))], [0, true]);
  });

  it('asks about all that no rule allows under untrusted, what only looks included', async () => {
    world = await World.create({ script: [calls('ls | wc -l'), { text: 'ok' }, calls('ls | wc -l'), { text: 'ok' }] });
    const [core, threadId] = await start('decline');
    await core.turn(threadId, 'go');
    assert.deepEqual([asked, core.items('commandExecution')[0]?.status], [1, 'declined']);
    write('prefix_rule(pattern=["ls"], decision="allow")\nprefix_rule(pattern=["wc"], decision="allow")\n');
    await core.turn(threadId, 'go');
    assert.deepEqual([asked, core.items('commandExecution').at(-1)?.status], [1, 'completed']);
  });

  it("goes by the rules of the thread's folder, whatever folder the model names", async () => {
    world = await World.create({
      // Neither is the project's rule left behind, nor does one count that the model could have written.
      files: {
        '.gantry/rules/project.rules': 'prefix_rule(pattern=["touch"], decision="forbidden")\n',
        'sub/.gantry/rules/planted.rules': 'prefix_rule(pattern=["mkdir"], decision="allow")\n',
      },
      script: [
        calls('touch workspace/a', '..'),
        calls('touch b', 'sub'),
        calls('mkdir c', 'sub'),
        calls('git status', 'sub'),
        { text: 'ok' },
      ],
    });
    const [core, threadId] = await start('decline');
    await core.turn(threadId, 'go');
    const made = ['a', 'sub/b', 'sub/c'].filter((name) => existsSync(world.at(name)));
    assert.deepEqual([made, asked], [[], 2]);
  });

  it('asks again for what a rule lets out of the sandbox, when the model names another folder', async () => {
    const out = (cmd: string, workdir?: string) => ({
      call: 'exec_command',
      args: { cmd, workdir, sandbox_permissions: 'require_escalated', justification: 'Needed.' },
    });
    world = await World.create({
      files: { 'sub/x': '' },
      script: [out('touch a'), out('touch b', 'sub'), { text: 'ok' }],
    });
    write('prefix_rule(pattern=["touch"], outside_sandbox=True)\n');
    const [core, threadId] = await start('decline', 'on-request');
    await core.turn(threadId, 'go');
    assert.deepEqual([existsSync(world.at('a')), existsSync(world.at('sub/b')), asked], [true, false, 1]);
  });

  it('tells of a file with a fault when a thread starts, before any command', async () => {
    world = await World.create({ script: [] });
    write('prefix_rule(pattern=["ls"], decision="maybe")\n');
    const [core] = await start('decline');
    const { summary, path: file } = await core.waitFor('configWarning');
    assert.deepEqual([/default\.rules line 1: /.test(summary), file], [true, rulesFile()]);
  });

  it('asks by a rule only where granular lets rules ask', async () => {
    const granular = (rules: boolean) => ({ granular: { rules, sandbox_approval: true, mcp_elicitations: true } });
    world = await World.create({ script: [calls('touch a'), { text: 'ok' }, calls('touch a'), { text: 'ok' }] });
    write('prefix_rule(pattern=["touch"], decision="prompt")\n');
    const [core, threadId] = await start('decline', granular(false));
    await core.turn(threadId, 'go');
    assert.equal(asked, 0);
    const [other, second] = await start('accept', granular(true));
    await other.turn(second, 'go');
    assert.deepEqual([asked, existsSync(world.at('a'))], [1, true]);
  });
});
