/** What the user trusted is what runs: hooks beside files that change under them, and commands and edits that try it. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { ExecProcess } from '../support/exec-process.ts';
import { gate } from '../support/model-server/index.ts';
import { World } from './world.ts';

const calls = (cmd: string) => ({ call: 'exec_command', args: { cmd } });
const patch = (text: string) => ({
  freeform: 'apply_patch',
  input: `*** Begin Patch\n${text}\n*** End Patch\n`,
});
const one = (command: string, more: object = {}, matcher?: string) => [
  { ...(matcher === undefined ? {} : { matcher }), hooks: [{ type: 'command', command, ...more }] },
];

describe('hooks', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let core: CoreProcess;
  let asked: CoreRequest[];

  const hooks = (events: Record<string, unknown>, folder = world.home): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'hooks.json'), JSON.stringify({ hooks: events }));
  };
  const ofProject = (events: Record<string, unknown>): void => {
    hooks(events, world.at('.gantry'));
    world.writeConfig({ config: `[projects.${JSON.stringify(world.workspace)}]\ntrust_level = "trusted"` });
  };
  const script = (name: string, text: string): void => {
    world.write(name, `#!/bin/sh\n${text}\n`);
    chmodSync(world.at(name), 0o755);
  };
  const start = async (params: object = {}): Promise<string> => {
    core = await world.core({ experimentalApi: true });
    asked = [];
    core.onRequest = (message) => {
      asked.push(message);
      return { result: { decision: 'decline' } };
    };
    const given = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write', ...params };
    return (await core.request('thread/start', given as never)).thread.id;
  };
  const list = async (threadId: string) => (await core.request('hooks/list', { threadId })).data[0]?.hooks ?? [];
  const trust = async (threadId: string): Promise<void> => {
    const states = (await list(threadId)).map(({ key, currentHash }) => [key, { trusted_hash: currentHash }]);
    const value = Object.fromEntries(states);
    await core.request('config/value/write', { keyPath: 'hooks.state', value, mergeStrategy: 'upsert' });
  };
  const runs = () =>
    core
      .notifications('hook/completed')
      .map(({ run }) => [run.eventName, run.status, run.entries.map(({ text }) => text).join(' ')]);
  const has = (...names: string[]) => names.map((name) => existsSync(world.at(name)));
  const lastRequest = () => JSON.stringify(world.model.requests.at(-1));

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('whose file, or what it loads, changed do not run, and what they guard does not happen until they are trusted anew', async () => {
    const changes = () => {
      world.write('tools/rules.sh', 'true\n');
      return calls('touch second');
    };
    world = await World.create({
      script: [
        calls('touch first'),
        changes,
        { text: 'ok' },
        calls('touch third'),
        { text: 'ok' },
        calls('touch fourth'),
        { text: 'ok' },
      ],
    });
    script('tools/guard.sh', '. "$(dirname "$0")/rules.sh"');
    world.write('tools/rules.sh', 'case "$(cat)" in *never*) echo No. >&2; exit 2;; esac\n');
    ofProject({ PreToolUse: one('tools/guard.sh') });
    const threadId = await start();
    await trust(threadId);
    await core.turn(threadId, 'go');
    assert.match(
      lastRequest(),
      /was not run: Not run: .*rules\.sh has changed since you trusted this hook\. Look at it, then trust it anew with “Gantry: Hooks”/,
    );
    await core.turn(threadId, 'again');
    assert.deepEqual(
      [has('first', 'second', 'third'), (await list(threadId)).map(({ trustStatus }) => trustStatus)],
      [[true, false, false], ['modified']],
    );
    await trust(threadId);
    await core.turn(threadId, 'once more');
    assert.deepEqual(
      [has('fourth'), runs().map(([event, status]) => [event, status])],
      [
        [true],
        [
          ['preToolUse', 'completed'],
          ['preToolUse', 'failed'],
          ['preToolUse', 'failed'],
          ['preToolUse', 'completed'],
        ],
      ],
    );
  });

  it('keep a prompt from the model, too, when they changed', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    script('guard.sh', 'true');
    ofProject({ UserPromptSubmit: one('./guard.sh') });
    const threadId = await start();
    await trust(threadId);
    await core.turn(threadId, 'go');
    script('guard.sh', 'false');
    await core.turn(threadId, 'my key');
    assert.equal(world.model.requests.length, 1);
    assert.match(
      JSON.stringify(core.notifications('warning')),
      /kept this message from the model: Not run: this hook, or a file that it runs, has changed/,
    );
  });

  it('of the user with a file of the workspace that nobody trusted close what they guard, and those of a project do not', async () => {
    world = await World.create({
      script: [calls('touch mine'), { text: 'ok' }, calls('touch theirs'), { text: 'ok' }],
    });
    script('guard.sh', `touch ${path.join(world.root, 'free')}`);
    hooks({ PreToolUse: one('./guard.sh', { sandbox: 'off' }) });
    const threadId = await start();
    await core.turn(threadId, 'go');
    hooks({});
    ofProject({ PreToolUse: one('./guard.sh') });
    await core.turn(threadId, 'go');
    assert.deepEqual([has('mine', 'theirs'), existsSync(path.join(world.root, 'free'))], [[false, true], false]);
    assert.match(JSON.stringify(world.model.requests[1]), /which you have not trusted \(.*guard\.sh\)/);
  });

  it('cannot be changed by commands and edits where their files lie in the workspace', async () => {
    const files = ['tools/guard.sh', 'tools/rules.sh', '.gantry/hooks.json'];
    const ways = (file: string) => [
      `echo exit 0 > ${file}`,
      `rm -f ${file}`,
      `mv ${file} ${file}.old; echo exit 0 > ${file}`,
      `ln -sf /dev/null ${file}`,
      `ln ${file} other; echo exit 0 > other`,
      `f=$(pwd)/./tools/../${file}; truncate -s 0 "$f"; chmod 644 "$f"`,
      `cd /proc/self/cwd && echo exit 0 >> ${file}`,
      `d=$(dirname ${file}); mv $d $d.old; mkdir $d; echo exit 0 > ${file}`,
      `d=$(dirname ${file}); ln -s $d linked; echo exit 0 > linked/$(basename ${file})`,
    ];
    const commands = files.flatMap(ways);
    const edits = [
      patch('*** Update File: tools/rules.sh\n@@\n-# rules\n+exit 0'),
      patch('*** Delete File: tools/guard.sh'),
      patch('*** Update File: plain.txt\n*** Move to: .gantry/hooks.json\n@@\n-plain\n+{}'),
      patch('*** Update File: linked/guard.sh\n*** Move to: away.sh\n@@\n-true\n+false'),
      patch('*** Add File: sub/.gantry/../../tools/guard.sh\n+exit 0'),
    ];
    world = await World.create({ script: [...commands.map(calls), ...edits, calls('touch end'), { text: 'ok' }] });
    script('tools/guard.sh', '. tools/rules.sh\ntrue');
    world.write('tools/rules.sh', '# rules\n');
    world.write('plain.txt', 'plain\n');
    ofProject({ PreToolUse: one('sh tools/guard.sh') });
    const threadId = await start({ gantry: { editApproval: 'editThenReview' } });
    await trust(threadId);
    const texts = () => files.map((file) => readFileSync(world.at(file), 'utf8'));
    const before = texts();
    await core.turn(threadId, 'go');
    assert.deepEqual([texts(), has('end', 'away.sh'), asked], [before, [true, false], []]);
    assert.deepEqual([...new Set(runs().map(([, status]) => status))], ['completed']);
    assert.match(lastRequest(), /is run by a hook of the user/);
  });

  it('of the user’s own are kept in the same way, without being trusted one by one', async () => {
    world = await World.create({ script: [calls('echo "exit 0" > guard.sh'), calls('touch never'), { text: 'ok' }] });
    script('guard.sh', 'case "$(cat)" in *never*) echo No. >&2; exit 2;; esac');
    hooks({ PreToolUse: one('"$GANTRY_PROJECT_DIR"/guard.sh') });
    const threadId = await start();
    await core.turn(threadId, 'go');
    assert.deepEqual([has('never'), runs().map(([, status]) => status)], [[false], ['completed', 'blocked']]);
  });

  it('that were swapped while they ran are not believed, also when they were put back', async () => {
    world = await World.create({ script: [calls('touch first'), { text: 'ok' }] });
    script('guard.sh', 'echo > started; while ! test -e swapped; do sleep 0.01; done');
    ofProject({ PreToolUse: one('./guard.sh') });
    const threadId = await start();
    await trust(threadId);
    const turn = core.turn(threadId, 'go');
    while (!existsSync(world.at('started'))) await new Promise((resolve) => setImmediate(resolve));
    // What a program outside of the sandbox can do.
    renameSync(world.at('guard.sh'), world.at('kept'));
    renameSync(world.at('kept'), world.at('guard.sh'));
    world.write('swapped', '');
    await turn;
    assert.deepEqual([has('first'), runs().map(([, status]) => status)], [[false], ['failed']]);
    assert.match(lastRequest(), /Its answer does not count: .*guard\.sh was changed while it ran/);
  });

  it('see calls that are made at once one by one, and stop those that they mean', async () => {
    world = await World.create({
      script: [[calls('touch a'), calls('touch never'), calls('touch c')], { text: 'ok' }],
    });
    hooks({ PreToolUse: one('case "$(cat)" in *never*) exit 2;; esac') });
    const threadId = await start();
    await core.turn(threadId, 'go');
    assert.deepEqual(
      [
        has('a', 'never', 'c'),
        runs()
          .map(([, status]) => status)
          .sort(),
      ],
      [
        [true, false, true],
        ['blocked', 'completed', 'completed'],
      ],
    );
    assert.match(lastRequest(), /A PreToolUse hook said no, and gave no reason/);
  });

  it('that fail stop what they guard when they say so', async () => {
    world = await World.create({ script: [calls('touch a'), calls('touch b'), calls('touch c'), { text: 'ok' }] });
    hooks({
      PreToolUse: one('case "$(cat)" in *touch?a*) exit 7;; *touch?b*) echo "{ no";; *) kill -9 $$;; esac', {
        onFailure: 'block',
      }),
      PostToolUse: one('exit 7', { onFailure: 'block' }),
    });
    const threadId = await start();
    await core.turn(threadId, 'go');
    assert.deepEqual(
      [has('a', 'b', 'c'), runs().map(([event, status]) => [event, status])],
      [
        [false, false, false],
        [
          ['preToolUse', 'failed'],
          ['preToolUse', 'failed'],
          ['preToolUse', 'failed'],
        ],
      ],
    );
  });

  it('end with the turn that is interrupted and with the thread that is closed, and with them all that they started', async () => {
    world = await World.create({ script: [] });
    const marker = `61${process.pid}.5`;
    const running = () =>
      readdirSync('/proc').filter((name) => {
        try {
          return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(marker);
        } catch {
          return false;
        }
      }).length;
    const until = async (count: (now: number) => boolean): Promise<void> => {
      while (!count(running())) await new Promise((resolve) => setImmediate(resolve));
    };
    const waits = `sleep ${marker} & setsid sleep ${marker} & wait`;
    hooks({ UserPromptSubmit: [...one(waits), ...one(waits, { sandbox: 'off' })] });
    for (const end of ['turn/interrupt', 'thread/archive'] as const) {
      const threadId = await start();
      const input = [{ type: 'text' as const, text: 'go' }];
      const { turn } = await core.request('turn/start', { threadId, input });
      await until((now) => now === 4);
      if (end === 'turn/interrupt') await core.request(end, { threadId, turnId: turn.id });
      else await core.stop();
      await until((now) => now === 0);
    }
  });

  it('have no network, and write nothing but temporary files where the thread is read-only', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    const tries =
      'echo x > written; echo x > /tmp/mine && echo temp; (exec 3<>/dev/tcp/127.0.0.1/PORT) && echo net; cat ~/.ssh/id; true';
    const port = new URL(world.model.baseUrl).port;
    mkdirSync(path.join(world.root, 'user/.ssh'), { recursive: true });
    writeFileSync(path.join(world.root, 'user/.ssh/id'), 'KEY\n');
    hooks({ UserPromptSubmit: one(`bash -c '${tries.replace('PORT', port)}' 2>/dev/null`) });
    core = await world.core({}, { HOME: path.join(world.root, 'user') });
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      sandbox: 'read-only',
      approvalPolicy: 'never',
    });
    await core.turn(thread.id, 'go');
    assert.deepEqual([has('written'), runs()], [[false], [['userPromptSubmit', 'completed', 'temp']]]);
  });

  it('keep a message from the model for good: when it steers a turn, when the thread is taken up again, and in a fork', async () => {
    const held = gate();
    world = await World.create({ script: [{ text: ['One', held] }, { text: 'two' }, { text: 'three' }] });
    hooks({ UserPromptSubmit: one('if grep -q sk-secret; then echo A key. >&2; exit 2; fi') });
    const threadId = await start();
    const input = (text: string) => [{ type: 'text' as const, text }];
    const { turn } = await core.request('turn/start', { threadId, input: input('hello') });
    await held.reached;
    await core.request('turn/steer', { threadId, expectedTurnId: turn.id, input: input('use sk-secret') });
    held.open();
    await core.waitFor('turn/completed');
    await core.turn(threadId, 'use sk-secret, now');
    await core.stop();
    core = await world.core({ experimentalApi: true });
    await core.request('thread/resume', { threadId });
    await core.turn(threadId, 'go on');
    const { thread } = await core.request('thread/fork', { threadId });
    await core.turn(thread.id, 'in the fork');
    assert.equal(world.model.requests.length, 3);
    assert.doesNotMatch(JSON.stringify(world.model.requests), /sk-secret/);
  });

  it('hold for exec as for the editor', async () => {
    world = await World.create({ script: [calls('touch never'), { text: 'ok' }] });
    hooks({ PreToolUse: one('echo No. >&2; exit 2') });
    const { code } = await new ExecProcess({
      home: world.home,
      cwd: world.workspace,
      args: ['--json', '--skip-git-repo-check', '--sandbox', 'workspace-write', 'go'],
      stdin: '',
      env: { SCRIPTED_KEY: 'scripted-key' },
    }).ended;
    assert.deepEqual([code, has('never')], [0, [false]]);
    assert.match(lastRequest(), /blocked this call, and it was not run: No\./);
  });
});
