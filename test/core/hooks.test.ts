/** Hooks on a real core: the user's programs in the sandbox, with a word in what happens. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const calls = (cmd: string) => ({ call: 'exec_command', args: { cmd } });

/** Keeps what a hook was given, then does what it is told. */
const keeping = (name: string, then = 'true') => `cat > ${name}.json; ${then}`;
const saying = (value: unknown) => `printf '%s' '${JSON.stringify(value)}'`;

describe('hooks', function () {
  this.timeout(30_000);
  let world: World;

  const hooks = (events: Record<string, unknown>, folder = world.home): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'hooks.json'), JSON.stringify({ hooks: events }));
  };
  const one = (command: string, more: object = {}, matcher?: string) => [
    { ...(matcher === undefined ? {} : { matcher }), hooks: [{ type: 'command', command, ...more }] },
  ];
  const start = async (params: object = {}): Promise<[CoreProcess, string]> => {
    const core = await world.core();
    const given = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write', ...params };
    return [core, (await core.request('thread/start', given as never)).thread.id];
  };
  const read = (name: string) => JSON.parse(readFileSync(world.at(`${name}.json`), 'utf8'));
  const lastRequest = () => JSON.stringify(world.model.requests.at(-1));
  const runs = (core: CoreProcess) =>
    core
      .notifications('hook/completed')
      .map(({ run }) => [run.eventName, run.status, run.entries.map(({ text }) => text)]);

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('give each event its input, in the field’s names', async () => {
    world = await World.create({ script: [calls('echo hi'), { text: 'Done.' }] });
    hooks({
      SessionStart: one(keeping('start', 'echo Mind the gap.')),
      UserPromptSubmit: one(keeping('prompt')),
      PreToolUse: one(keeping('pre'), {}, 'Bash'),
      PostToolUse: one(keeping('post'), {}, '^Ba'),
      Stop: one(keeping('stop')),
    });
    const [core, threadId] = await start();
    const turn = await core.turn(threadId, 'Say hi');
    const transcript = read('stop').transcript_path;
    assert.equal(existsSync(transcript), true);
    const usual = {
      session_id: threadId,
      turn_id: turn.id,
      cwd: world.workspace,
      model: 'gpt-5.5',
      permission_mode: 'dontAsk',
      transcript_path: transcript,
    };
    const tool = { tool_name: 'Bash', tool_input: { command: 'echo hi' }, tool_use_id: read('pre').tool_use_id };
    const { tool_response, ...post } = read('post');
    assert.match(tool_response, /hi/);
    assert.deepEqual(
      [{ ...read('start'), transcript_path: null }, read('prompt'), read('pre'), post, read('stop')],
      [
        { ...usual, transcript_path: null, hook_event_name: 'SessionStart', source: 'startup' },
        { ...usual, hook_event_name: 'UserPromptSubmit', prompt: 'Say hi' },
        { ...usual, hook_event_name: 'PreToolUse', ...tool },
        { ...usual, hook_event_name: 'PostToolUse', ...tool },
        { ...usual, hook_event_name: 'Stop', stop_hook_active: false, last_assistant_message: 'Done.' },
      ],
    );
    assert.match(lastRequest(), /<hook_context>\\nMind the gap\.\\n<\/hook_context>/);
    assert.deepEqual(runs(core), [
      ['sessionStart', 'completed', ['Mind the gap.']],
      ['userPromptSubmit', 'completed', []],
      ['preToolUse', 'completed', []],
      ['postToolUse', 'completed', []],
      ['stop', 'completed', []],
    ]);
  });

  it('block a call, change another, and speak of a third', async () => {
    const script = [calls('touch blocked'), calls('touch plain'), calls('echo third'), { text: 'ok' }];
    world = await World.create({ script });
    const changed = { hookSpecificOutput: { permissionDecision: 'allow', updatedInput: { command: 'touch changed' } } };
    hooks({
      PreToolUse: one(
        `case "$(cat)" in *blocked*) echo 'Not that file.' >&2; exit 2;; *plain*) ${saying(changed)};; esac`,
        {},
        'Bash|Edit',
      ),
      PostToolUse: one(`case "$(cat)" in *third*) ${saying({ decision: 'block', reason: 'Third is odd.' })};; esac`),
    });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    assert.deepEqual(
      ['blocked', 'plain', 'changed'].map((name) => existsSync(world.at(name))),
      [false, false, true],
    );
    assert.match(lastRequest(), /blocked this call, and it was not run: Not that file\./);
    assert.match(lastRequest(), /A hook of the user says of this: Third is odd\./);
  });

  it('keep a prompt from the model', async () => {
    world = await World.create({ script: [{ text: 'Hello.' }] });
    hooks({ UserPromptSubmit: one(`grep -q sk-secret && { echo 'There is a key in it.' >&2; exit 2; }; exit 0`) });
    const [core, threadId] = await start();
    const blocked = await core.turn(threadId, 'use sk-secret');
    assert.deepEqual([blocked.status, world.model.requests.length], ['completed', 0]);
    assert.match(
      JSON.stringify(core.notifications('warning')),
      /kept this message from the model: There is a key in it\./,
    );
    await core.turn(threadId, 'hello');
    assert.equal(world.model.requests.length, 1);
    assert.doesNotMatch(lastRequest(), /sk-secret/);
  });

  it('answer for the user, within what the policy would have asked', async () => {
    world = await World.create({ script: [calls('touch yes'), calls('touch no'), { text: 'ok' }] });
    const decide = (behavior: string) =>
      saying({ hookSpecificOutput: { decision: { behavior, message: 'House rule.' } } });
    hooks({
      PermissionRequest: one(`case "$(cat)" in *'touch yes'*) ${decide('allow')};; *) ${decide('deny')};; esac`),
    });
    const [core, threadId] = await start({ approvalPolicy: 'untrusted' });
    core.onRequest = () => assert.fail('nobody is to be asked');
    await core.turn(threadId, 'go');
    assert.deepEqual([existsSync(world.at('yes')), existsSync(world.at('no'))], [true, false]);
  });

  it('keep a turn going until they are content', async () => {
    world = await World.create({ script: [{ text: 'Done.' }, calls('touch tested'), { text: 'Now done.' }] });
    hooks({ Stop: one(`test -e tested || { echo 'Run the tests first.' >&2; exit 2; }`) });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    const [prompt] = core.items('hookPrompt');
    assert.deepEqual(
      [prompt?.fragments.map(({ text }) => text), world.model.requests.length],
      [['Run the tests first.'], 3],
    );
  });

  it('run in the sandbox, end after their time, and fail without stopping anything', async () => {
    world = await World.create({ script: [calls('touch ran'), { text: 'ok' }] });
    const outside = path.join(world.root, 'outside');
    hooks({
      PreToolUse: [
        { hooks: [{ type: 'command', command: `echo x > ${outside}; exit 7` }] },
        { hooks: [{ type: 'command', command: 'sleep 60', timeout: 0.2 }] },
        { hooks: [{ type: 'command', command: `echo '{"decision": 5}'` }] },
      ],
    });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    assert.deepEqual([existsSync(outside), existsSync(world.at('ran'))], [false, true]);
    const texts = core
      .notifications('hook/completed')
      .map(({ run }) => [run.status, run.entries[0]?.text.split('\n')[0]]);
    const byOrder = texts.sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1));
    assert.deepEqual(
      byOrder.map(([status]) => status),
      ['failed', 'failed', 'failed'],
    );
    assert.match(String(byOrder[0]?.[1]), /ended with code 7/);
    assert.match(String(byOrder[1]?.[1]), /took longer than its 0\.2 s/);
    assert.match(String(byOrder[2]?.[1]), /not as a hook’s: decision/);
  });

  it('of a project run only when they are trusted, as they are', async () => {
    world = await World.create({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    const folder = world.at('.gantry');
    hooks({ UserPromptSubmit: one(keeping('mine'), { sandbox: 'off', network: true }) }, folder);
    world.writeConfig({ config: `[projects."${world.workspace}"]\ntrust_level = "trusted"` });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    assert.equal(existsSync(world.at('mine.json')), false);
    assert.match(JSON.stringify(core.notifications('warning')), /have not said that you trust it/);
    const list = async () => (await core.request('hooks/list', { threadId })).data[0];
    const [hook] = (await list())?.hooks ?? [];
    assert.deepEqual(hook, {
      handlerType: 'command',
      command: keeping('mine'),
      async: false,
      key: `${path.join(folder, 'hooks.json')}:user_prompt_submit:0:0`,
      eventName: 'userPromptSubmit',
      matcher: null,
      timeoutSec: 600,
      statusMessage: null,
      source: 'project',
      sourcePath: path.join(folder, 'hooks.json'),
      currentHash: hook?.currentHash,
      trustStatus: 'untrusted',
      enabled: true,
      isManaged: false,
      displayOrder: 0,
    });
    const value = { [hook?.key ?? '']: { trusted_hash: hook?.currentHash } };
    await core.request('config/value/write', { keyPath: 'hooks.state', value, mergeStrategy: 'upsert' });
    assert.equal((await list())?.hooks[0]?.trustStatus, 'trusted');
    await core.turn(threadId, 'again');
    assert.equal(read('mine').prompt, 'again');
    hooks({ UserPromptSubmit: one('touch evil') }, folder);
    assert.equal((await list())?.hooks[0]?.trustStatus, 'modified');
    await core.turn(threadId, 'once more');
    assert.equal(existsSync(world.at('evil')), false);
  });

  it('of an untrusted project are not even read', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    hooks({ UserPromptSubmit: one('touch evil') }, world.at('.codex'));
    const [core, threadId] = await start();
    assert.deepEqual((await core.request('hooks/list', { threadId })).data, [
      { cwd: world.workspace, hooks: [], errors: [], warnings: [] },
    ]);
    await core.turn(threadId, 'go');
    assert.deepEqual([existsSync(world.at('evil')), core.notifications('hook/started')], [false, []]);
  });

  it('that are written wrong are named, and the others run', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    hooks({
      PreToolUse: one('true', {}, '['),
      Notification: one('true'),
      Stop: [...one(''), { hooks: [{ type: 'prompt', prompt: 'x' }] }, { hook: [] }],
      UserPromptSubmit: one(keeping('prompt')),
    });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    const [entry] = (await core.request('hooks/list', { cwds: [world.workspace] })).data;
    const file = path.join(world.home, 'hooks.json');
    assert.deepEqual(
      [
        entry?.errors.map(({ path: at, message }) => [at, message.split(':')[0]]),
        entry?.warnings.length,
        read('prompt').prompt,
      ],
      [
        [
          [file, 'PreToolUse'],
          [file, 'Stop'],
          [file, 'Stop'],
        ],
        2,
        'go',
      ],
    );
  });

  it('that nobody waits for speak with the next call', async () => {
    world = await World.create({
      script: [calls('while ! test -e told; do sleep 0.01; done'), { text: 'ok' }, { text: 'ok' }],
    });
    const context = { hookSpecificOutput: { additionalContext: 'It is late.' } };
    hooks({ PreToolUse: one(`${saying(context)}; touch told`, { async: true }) });
    const [core, threadId] = await start();
    await core.turn(threadId, 'go');
    await core.turn(threadId, 'again');
    assert.match(lastRequest(), /<hook_context>\\nIt is late\./);
  });
});
