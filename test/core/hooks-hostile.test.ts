/** Hooks beside who would like to change them, outlast them, or have their word: the agent, a repository, a hook itself. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World } from './world.ts';

const calls = (cmd: string) => ({ call: 'exec_command', args: { cmd } });
const saying = (value: unknown) => `printf '%s' '${JSON.stringify(value)}'`;
const one = (command: string, more: object = {}) => [{ hooks: [{ type: 'command', command, ...more }] }];
const decide = (behavior: string) => ({ hookSpecificOutput: { decision: { behavior } } });

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
  const list = async (threadId: string) => (await core.request('hooks/list', { threadId })).data[0];
  const trust = async (threadId: string): Promise<void> => {
    const hook = (await list(threadId))?.hooks[0];
    assert.ok(hook);
    const value = { [hook.key]: { trusted_hash: hook.currentHash } };
    await core.request('config/value/write', { keyPath: 'hooks.state', value, mergeStrategy: 'upsert' });
  };
  const trustProject = () =>
    world.writeConfig({ config: `[projects.${JSON.stringify(world.workspace)}]\ntrust_level = "trusted"` });
  const runs = () =>
    core
      .notifications('hook/completed')
      .map(({ run }) => [run.eventName, run.status, run.entries.map(({ text }) => text).join(' ')]);
  const escalated = (cmd: string) => ({
    call: 'exec_command',
    args: { cmd, sandbox_permissions: 'require_escalated', justification: 'Please.' },
  });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('cannot be planted by commands and edits, wherever hooks are looked for', async () => {
    const other = (name: string) => path.join(world.root, name);
    world = await World.create();
    for (const folder of ['other', 'user', 'workspace/sub']) mkdirSync(other(folder));
    const places = [
      world.at('.gantry'),
      world.at('.codex'),
      world.at('sub/.gantry'),
      other('other/.codex'),
      world.home,
      other('user/.gantry'),
    ];
    const plant = places.map((place) => `mkdir -p ${place}; echo '{}' > ${place}/hooks.json`);
    const edit = {
      freeform: 'apply_patch',
      input: `*** Begin Patch\n*** Add File: ${other('other/.codex/hooks.json')}\n+{}\n*** End Patch\n`,
    };
    world.model.push(...plant.map(calls), calls('mkdir d; ln -s d .gantry; echo {} > d/hooks.json'), edit, {
      text: 'ok',
    });
    const threadId = await start({
      cwd: world.at('sub'),
      runtimeWorkspaceRoots: [world.workspace],
      config: { 'sandbox_workspace_write.writable_roots': [other('other')] },
    });
    await core.turn(threadId, 'go');
    assert.equal(world.model.requests.length, 9);
    assert.deepEqual(
      places.map((place) => existsSync(path.join(place, 'hooks.json'))),
      places.map(() => false),
    );
  });

  it('of a project are trusted with the scripts that they name, up to the moment that they run', async () => {
    const says = saying(decide('allow'));
    world = await World.create({
      script: [
        escalated('touch first'),
        () => {
          // The agent cannot; who works beside it can.
          script('check.sh', says);
          return escalated('touch second');
        },
        { text: 'ok' },
      ],
    });
    script('check.sh', saying(decide('deny')));
    hooks({ PermissionRequest: one('"$GANTRY_PROJECT_DIR/check.sh"') }, world.at('.gantry'));
    trustProject();
    const threadId = await start({ approvalPolicy: 'on-request' });
    await trust(threadId);
    await core.turn(threadId, 'go');
    // It would say yes now; the user is asked.
    assert.deepEqual([existsSync(world.at('first')), existsSync(world.at('second')), asked.length], [false, false, 1]);
    const [first, second] = runs();
    assert.equal(first?.[1], 'blocked');
    assert.match(String(second), /failed,Not run: .*check\.sh has changed since you trusted this hook/);
    assert.equal((await list(threadId))?.hooks[0]?.trustStatus, 'modified');
  });

  it('of the user that may do more than the agent are not run from files that it can write, unless those are trusted', async () => {
    world = await World.create({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    script('free.sh', `echo x >> ${path.join(world.root, 'outside')}`);
    hooks({ UserPromptSubmit: one('sh ./free.sh', { sandbox: 'off' }) });
    const threadId = await start();
    const seen: unknown[] = [];
    const turn = async (): Promise<void> => {
      await core.turn(threadId, 'go');
      seen.push([(await list(threadId))?.hooks[0]?.trustStatus, existsSync(path.join(world.root, 'outside'))]);
    };
    await turn();
    await trust(threadId);
    await turn();
    script('free.sh', 'true');
    await turn();
    assert.deepEqual(seen, [
      ['untrusted', false],
      ['trusted', true],
      ['modified', true],
    ]);
    assert.match(JSON.stringify(core.notifications('warning')), /they run files of this workspace: .*free\.sh/);
  });

  it('that were broken off by an interrupt have let nothing through', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    hooks({
      UserPromptSubmit: one(
        `if grep -q sk-secret; then test -e again && { echo 'A key.' >&2; exit 2; }; sleep 600; fi`,
      ),
    });
    const threadId = await start();
    const input = [{ type: 'text' as const, text: 'use sk-secret' }];
    const { turn } = await core.request('turn/start', { threadId, input });
    await core.waitFor('hook/started');
    await core.request('turn/interrupt', { threadId, turnId: turn.id });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'interrupted');
    world.write('again', '');
    core.mark();
    await core.turn(threadId, 'hello');
    assert.equal(world.model.requests.length, 1);
    assert.doesNotMatch(JSON.stringify(world.model.requests), /sk-secret/);
    assert.match(JSON.stringify(core.notifications('warning')), /kept this message from the model: A key\./);
  });

  it('watch a review too, and end it', async () => {
    world = await World.create({ script: [calls('cat guarded'), calls('cat more'), { text: 'never' }] });
    hooks({
      PreToolUse: one(
        `case "$(cat)" in *guarded*) echo No. >&2; exit 2;; *) ${saying({ continue: false, stopReason: 'Enough.' })};; esac`,
      ),
    });
    const threadId = await start();
    await core.request('review/start', { threadId, target: { type: 'uncommittedChanges' } });
    await core.waitFor('turn/completed');
    assert.deepEqual(
      [runs(), world.model.requests.length, core.items('commandExecution')],
      [
        [
          ['preToolUse', 'blocked', 'No.'],
          ['preToolUse', 'stopped', 'Enough.'],
        ],
        2,
        [],
      ],
    );
  });

  it('cannot keep the turn by what they leave running, nor drown it', async () => {
    world = await World.create({ script: [{ text: 'ok' }] });
    hooks({
      UserPromptSubmit: [
        ...one('setsid sleep 600 & echo left', { sandbox: 'off' }),
        ...one('setsid sleep 600 & echo boxed'),
        ...one('head -c 3000000 /dev/zero | tr "\\0" x'),
        ...one(`printf 'caf\\351 \\377'`),
      ],
    });
    const threadId = await start();
    await core.turn(threadId, 'go');
    const texts = runs().map(([, status, text]) => [status, String(text).length < 11_000 && String(text).slice(0, 5)]);
    assert.deepEqual(
      texts.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
      [
        ['completed', 'boxed'],
        ['completed', 'caf\ufffd '],
        ['completed', 'left'],
        ['completed', 'xxxxx'],
      ],
    );
  });

  it('in files that are none are named, and hold nobody up', async () => {
    world = await World.create({ script: [calls('true'), { text: 'ok' }] });
    for (const folder of ['.gantry', '.codex']) mkdirSync(world.at(folder));
    symlinkSync('/dev/zero', world.at('.gantry/hooks.json'));
    symlinkSync('/dev/zero', world.at('.codex/config.toml'));
    mkdirSync(world.at('.codex/rules'));
    symlinkSync('/dev/zero', world.at('.codex/rules/endless.rules'));
    trustProject();
    const threadId = await start();
    assert.deepEqual((await list(threadId))?.errors, [
      { path: world.at('.gantry/hooks.json'), message: 'cannot be read (no plain file).' },
    ]);
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
  });

  it('answer for hosts, and only for what the policy asks', async () => {
    const config = `default_permissions = "dev"\n[permissions.dev.filesystem]\n":workspace_roots" = "write"\n[permissions.dev.network]\nenabled = true\ndomains = { "listed.test" = "allow" }\n`;
    const fetches = `curl -sS --max-time 20 --noproxy '' http://unlisted.test:8080/`;
    world = await World.create({ config, script: [calls(fetches), { text: 'ok' }] });
    hooks({ PermissionRequest: one(`cat > asked.json; ${saying(decide('deny'))}`) });
    const threadId = await start({ approvalPolicy: 'on-request', sandbox: undefined });
    await core.turn(threadId, 'go');
    const { tool_name, tool_input } = JSON.parse(readFileSync(world.at('asked.json'), 'utf8'));
    assert.deepEqual([tool_name, tool_input.description, asked], ['Bash', 'network-access unlisted.test:8080', []]);
  });

  it('that say yes open nothing that the policy refuses', async () => {
    world = await World.create({ script: [escalated('touch out'), { text: 'ok' }] });
    hooks({ PermissionRequest: one(saying(decide('allow'))) });
    const threadId = await start({ approvalPolicy: 'never' });
    await core.turn(threadId, 'go');
    assert.deepEqual([existsSync(world.at('out')), runs(), asked], [false, [], []]);
  });
});
