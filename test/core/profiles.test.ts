/** Permission profiles as a person writes them: the same in `gantry sandbox`, in `gantry exec` and in a thread. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ExecProcess } from '../support/exec-process.ts';
import { World } from './world.ts';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

const PROFILES = `
[permissions.docs]
description = "Writes docs/ and nothing else"
[permissions.docs.filesystem]
"docs" = "write"

[permissions.web]
extends = ":workspace"
[permissions.web.network]
domains = { "example.com" = "allow", "example.org" = "allow" }

[permissions.locked.filesystem]
":workspace_roots" = "read"
`;

const SCRIPT =
  '{ for file in docs/a src/a; do echo x > $file && echo wrote $file; done; ls /var > /dev/null && echo looked around; [ -z "$HTTPS_PROXY" ] || echo a proxy; cat docs/readme; } 2> /dev/null';

const EXPECTED: Record<string, string> = {
  docs: 'wrote docs/a\nlooked around\nreadme\n',
  web: 'wrote docs/a\nwrote src/a\nlooked around\na proxy\nreadme\n',
  locked: 'readme\n',
};

describe('permission profiles', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;

  const begin = async (): Promise<void> => {
    world = await World.create({
      script: [{ call: 'exec_command', args: { cmd: SCRIPT } }, { text: 'done' }],
      config: PROFILES,
      files: { 'docs/readme': 'readme\n', 'src/main': '' },
    });
  };
  const made = () => ['docs/a', 'src/a'].filter((name) => existsSync(world.at(name)));
  const wrote = (name: string) => ['docs/a', 'src/a'].filter((file) => EXPECTED[name]?.includes(`wrote ${file}`));

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('are not chosen for one thread by its config: it would be held to one by half', async () => {
    await begin();
    world.writeConfig({ config: `${PROFILES}[profiles.fast]\ndefault_permissions = "web"\n` });
    const core = await world.core();
    for (const [config, id] of [
      [{ default_permissions: 'docs' }, 'docs'],
      [{ profile: 'fast' }, 'web'],
      [{ default_permissions: 'mine', permissions: { mine: { filesystem: { '~': 'none' } } } }, 'mine'],
    ] as const) {
      const { message } = await core.refusal('thread/start', { cwd: world.workspace, config });
      assert.equal(
        message,
        `thread/start.config cannot choose the permission profile "${id}" for one thread. A profile of the user's own is chosen by default_permissions in config.toml, or by -c for the whole process.`,
      );
    }
    await core.request('thread/start', { cwd: world.workspace, config: { default_permissions: ':read-only' } });
  });

  for (const [name, output] of Object.entries(EXPECTED)) {
    it(`hold gantry sandbox --profile ${name}`, async () => {
      await begin();
      const env = { PATH: process.env.PATH ?? '', HOME: world.root, GANTRY_HOME: world.home };
      const args = [PROGRAM, 'sandbox', '--profile', name, '--', 'bash', '-c', SCRIPT];
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: world.workspace, env, encoding: 'utf8' });
      assert.deepEqual([stdout, stderr, made()], [output, '', wrote(name)]);
    });

    it(`hold gantry exec -c default_permissions=${name}`, async () => {
      await begin();
      const { code, events } = await new ExecProcess({
        home: world.home,
        cwd: world.workspace,
        args: ['--json', '--skip-git-repo-check', '-c', `default_permissions=${name}`, 'go'],
        stdin: '',
        env: { SCRIPTED_KEY: 'scripted-key' },
      }).ended;
      const ran = events.flatMap(({ type, item }) =>
        type === 'item.completed' && item?.type === 'command_execution' ? [item.aggregated_output] : [],
      );
      assert.deepEqual([code, ran, made()], [0, [output], wrote(name)]);
    });

    it(`hold the threads of a core whose configuration says ${name}`, async () => {
      await begin();
      world.writeConfig({ config: `default_permissions = "${name}"${PROFILES}` });
      const core = await world.core();
      const params = { cwd: world.workspace, config: { default_permissions: name } };
      const { thread } = await core.request('thread/start', params);
      await core.turn(thread.id, 'go');
      const outputs = core.items('commandExecution').map(({ aggregatedOutput }) => aggregatedOutput);
      assert.deepEqual([outputs, made()], [[output], wrote(name)]);
    });
  }
});
