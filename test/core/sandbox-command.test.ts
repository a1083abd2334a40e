/** `gantry sandbox`, as a person types it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detect, fullAccess, spawnSandboxed } from '../../sandbox/index.ts';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

type Ended = { code: number | null; stdout: string; stderr: string };

describe('gantry sandbox', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let root = '';
  let env: Record<string, string>;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-sandbox-')));
    for (const folder of ['home', 'work', 'other', 'secret']) mkdirSync(path.join(root, folder));
    writeFileSync(path.join(root, 'secret/key'), 'SECRET\n');
    env = { PATH: process.env.PATH ?? '', HOME: root, GANTRY_HOME: path.join(root, 'home') };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const start = (args: readonly string[]) =>
    spawn(process.execPath, [PROGRAM, 'sandbox', ...args], { cwd: path.join(root, 'work'), env });
  const run = async (args: readonly string[], input = ''): Promise<Ended> => {
    const child = start(args);
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (bytes: Buffer) => {
        ended[name] += bytes.toString('utf8');
      });
    }
    child.stdin.end(input);
    [ended.code] = (await once(child, 'close')) as [number | null];
    return ended;
  };
  const bash = (script: string): string[] => ['--', 'bash', '-c', script];
  const at = (name: string): string => path.join(root, name);

  it('hands streams and exit code through', async () => {
    assert.deepEqual(await run(bash('cat; echo problem >&2; exit 7'), 'typed\n'), {
      code: 7,
      stdout: 'typed\n',
      stderr: 'problem\n',
    });
    assert.equal((await run(bash('kill -TERM $$'))).code, 143);
    assert.equal((await run(['--', 'no-such-program'])).code, 127);
  });

  it('confines as it is told, and says what was blocked', async () => {
    const script = `echo x > made; echo x > ${at('other')}/x; cat ${at('secret')}/key; mkdir .git`;
    const { stderr, stdout } = await run(['--log', '--deny-read', at('secret'), ...bash(script)]);
    assert.deepEqual([stdout, existsSync(at('work/made')), existsSync(at('other/x'))], ['', true, false]);
    assert.match(stderr, new RegExp(`^gantry: blocked: writing ${at('work')}/\\.git: --git commit opens`, 'm'));
    await run(['--write', at('other'), '--git', 'commit', ...bash(`echo x > ${at('other')}/x`)]);
    assert.equal(existsSync(at('other/x')), true);
    await run(['--sandbox', 'read-only', ...bash('echo x > second')]);
    assert.equal(existsSync(at('work/second')), false);
    await run(['-C', at('other'), '--sandbox=danger-full-access', ...bash(`echo x > ${at('work')}/third`)]);
    assert.equal(existsSync(at('work/third')), true);
  });

  it('takes a profile, and one that is wrong is no profile', async () => {
    const text = `[permissions.mine]\ngit = "commit"\n[permissions.mine.filesystem]\n":workspace_roots" = "write"\n"${at('secret')}" = "none"\n[permissions.odd.filesystem]\n"/x" = "maybe"\n`;
    writeFileSync(at('home/config.toml'), text);
    const { stdout, stderr } = await run(['--profile', 'mine', ...bash(`echo x > made; cat ${at('secret')}/key`)]);
    assert.deepEqual([stdout, existsSync(at('work/made'))], ['', true]);
    assert.notEqual(stderr, '');
    const odd = await run(['--profile', 'odd', '--', 'true']);
    assert.deepEqual([odd.code, /permissions\.odd\.filesystem.* must be/.test(odd.stderr)], [2, true]);
    const none = await run(['--profile', 'none', '--', 'true']);
    assert.deepEqual([none.code, /no table \[permissions\.none\]/.test(none.stderr)], [2, true]);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run(['--explain', '--allow-host', '*.example.com']);
    assert.equal(code, 0);
    for (const words of [`Workspace: ${at('work')}`, '*.example.com (through the proxy)', 'This machine enforces '])
      assert.ok(stdout.includes(words), words);
    const kept = (text: string): string =>
      /^Cannot change there, nor make where it is missing:\n((?: {2}.*\n)*)/m.exec(text)?.[1] ?? '';
    const listed = (text: string): string[] => kept(text).split(/,?\n\s*|, /);
    const git = '  .git, at any depth: no commits; --git commit opens what they need\n';
    assert.ok(kept(stdout).startsWith(git), kept(stdout));
    const wider = (await run(['--explain', '--write', root])).stdout;
    for (const words of [`in ${at('work')}:`, '.vscode/tasks.json', '.gantry', '.envrc'])
      assert.ok(listed(stdout).includes(words) && listed(wider).includes(words), `${words}: ${kept(wider)}`);
    assert.ok(!listed(stdout).includes('home') && listed(wider).includes('home'), kept(wider));
  });

  it('explains what of the environment is left out, and a path that is not there yet', async () => {
    env.MY_TOKEN = 'x';
    const { stdout } = await run(['--explain', '--deny-read', at('later')]);
    assert.match(stdout, /^Environment:\n {2}\d+ harmless variables; left out:\n {4}(.*, )?MY_TOKEN/m);
    assert.ok(stdout.includes(`\n  ${at('later')} (not there yet)\n`), stdout);
  });

  it('says what is wrong with a folder', async () => {
    writeFileSync(at('file'), '');
    const missing = (option: string, place: string) => ({
      code: 2,
      stdout: '',
      stderr: `gantry: ${option} ${place}: there is no such folder. Make it first, or name another one. See gantry sandbox --help.\n`,
    });
    assert.deepEqual(await run(['--write', '/nope', '--', 'true']), missing('--write', '/nope'));
    assert.deepEqual(await run(['-C', '../nope', '--', 'true']), missing('--cd', at('nope')));
    assert.match((await run(['--write', at('file'), '--', 'true'])).stderr, /that is not a folder/);
    assert.match((await run([])).stderr, /no command to run\. Put it after --/);
  });

  it('refuses what it could not hold to', async () => {
    writeFileSync(
      at('home/config.toml'),
      'sandbox_mode = "danger-full-access"\n[permissions.web.network]\ndomains = { "example.com" = "allow" }\n',
    );
    const refusals: [string[], string][] = [
      [['--sandbox', 'danger-full-access', '--deny-read', '/x'], '--deny-read cannot be held to: --sandbox danger'],
      [['--deny-read', '/x'], '--deny-read cannot be held to: the configuration says danger-full-access'],
      [['--allow-host', 'example.com'], '--allow-host cannot be held to: the configuration says danger-full-access'],
      [['--git', 'ro'], '--git ro cannot be held to: the configuration says danger-full-access'],
      [['--profile', ':read-only', '--sandbox', 'workspace-write'], '--profile :read-only is read-only, and --sandbox'],
      [['--profile', 'web', '--sandbox', 'danger-full-access'], '--profile cannot be held to: --sandbox danger'],
      [
        ['--profile', 'wbe'],
        'there is no table [permissions.wbe] in config.toml; the permission profiles are :read-only',
      ],
      [['--write='], '--write needs a value.'],
      [['--deny-read', ''], '--deny-read needs a value.'],
      [['--sandbox', 'workspace-write', '--deny-read', '/'], '--deny-read /: the command could not even start.'],
      [['--write', '/'], '--write /: a sandbox cannot open the whole file system.'],
      [['--sandbox', 'workspace-write', '-C', '/'], 'the workspace would be /, the whole file system. Go to a folder'],
      [['-c', 'sandbox_mode="readonly"'], '-c sandbox_mode must be one of'],
      [['-c', 'default_permissions="wbe"'], '-c default_permissions must be one of'],
      [['-c', 'profile="web"'], 'profile = "web": there is no table [profiles.web]. [permissions.web] is a permission'],
    ];
    for (const [args, said] of refusals) {
      const { code, stdout, stderr } = await run([...args, ...bash(`echo x; touch ${at('made')}`)]);
      const isSaid = stderr.startsWith(`gantry: ${said}`) && stderr.split('\n').length === 2;
      assert.deepEqual([args, code, stdout, isSaid || stderr], [args, 2, '', true]);
    }
    assert.equal(existsSync(at('made')), false);
    assert.deepEqual(await run(['--', 'true']), {
      code: 0,
      stdout: '',
      stderr:
        'gantry: the configuration says danger-full-access: this runs without a sandbox. --sandbox workspace-write confines it.\n',
    });
  });

  it('keeps what would run later in the folders that it opens, as in the workspace', async () => {
    const script = `cd ${at('other')}; echo x > fine; mkdir .vscode; echo x > .vscode/tasks.json; echo x > .envrc`;
    for (const mode of ['workspace-write', 'read-only']) {
      await run(['--sandbox', mode, '--write', at('other'), ...bash(script)]);
      const there = ['fine', '.vscode/tasks.json', '.envrc'].map((name) => existsSync(at(`other/${name}`)));
      assert.deepEqual([mode, ...there], [mode, true, false, false]);
      rmSync(at('other/fine'));
    }
  });

  it('says why a program below /tmp is not found', async function () {
    if ((await detect()).level !== 'namespaces') return this.skip();
    writeFileSync(at('other/program'), '#!/bin/sh\n', { mode: 0o755 });
    const { code, stderr } = await run(['--', at('other/program')]);
    assert.deepEqual(
      [code, stderr.split('\n').slice(1)],
      [
        127,
        [
          `gantry: ${at('other/program')} is not seen there: /tmp is private and empty. Name the folder that it lies in with --cd or --write.`,
          '',
        ],
      ],
    );
  });

  it('leaves the streams that it shares blocking, so that the command can wait for them', async () => {
    const child = start([
      '--log',
      ...bash('mkdir .git; read -r line; echo "$line"; grep -h flags /proc/self/fdinfo/[012]'),
    ]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString('utf8');
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString('utf8');
      if (stderr.includes('gantry: blocked')) child.stdin.end('typed later\n');
    });
    const [code] = await once(child, 'close');
    const NONBLOCK = 0o4000;
    const [line, ...flags] = stdout.trimEnd().split('\n');
    const blocking = flags.map((text) => (Number.parseInt(text.replace(/\D+/, ''), 8) & NONBLOCK) === 0);
    assert.deepEqual([code, line, blocking], [0, 'typed later', [true, true, true]]);
  });

  it('says that its folder is gone', async () => {
    const gone = at('gone');
    mkdirSync(gone);
    const child = spawn(
      'sh',
      ['-c', `cd "$1" && rmdir "$1" && exec "$2" "$3" sandbox -- true`, 'sh', gone, process.execPath, PROGRAM],
      { env },
    );
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString('utf8');
    });
    const [code] = await once(child, 'close');
    assert.deepEqual(
      [code, stderr],
      [2, 'gantry: the folder that this was started in is gone: change to another one first. See gantry --help.\n'],
    );
  });

  it('lets commits through only where it is told', async () => {
    const commit = bash('git -c user.name=a -c user.email=a@b commit -q --allow-empty -m two');
    const git = ['-c', 'safe.directory=*', '-C', at('work'), 'init', '-q'];
    await once(spawn('git', git, { env, stdio: 'ignore' }), 'close');
    assert.notEqual((await run(['--git', 'ro', ...commit])).code, 0);
    assert.deepEqual(await run(['--git', 'commit', ...commit]), { code: 0, stdout: '', stderr: '' });
    assert.notEqual((await run(['--git', 'commit', ...bash('git config core.hooksPath x')])).code, 0);
  });

  it('refuses what it does not understand', async () => {
    for (const args of [
      [],
      ['--sandbox', 'none', '--', 'true'],
      ['--allow-host', 'http://x', '--', 'true'],
      ['--what'],
    ]) {
      const { code, stderr } = await run(args);
      assert.deepEqual([code, /^gantry: .* See gantry sandbox --help\.\n$/.test(stderr)], [2, true], args.join(' '));
    }
  });

  it('passes signals on, and leaves the end to the command', async () => {
    const child = start(bash(`trap 'sleep 1.5; echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done`));
    let stdout = '';
    child.stdout.on('data', (bytes: Buffer) => {
      if (stdout === '') child.kill('SIGTERM');
      stdout += bytes.toString('utf8');
    });
    const [code] = await once(child, 'close');
    assert.deepEqual([stdout, code], ['ready\ncaught\n', 3]);
  });

  it('leaves a terminal a terminal', async () => {
    const command = spawnSandboxed({
      argv: [
        process.execPath,
        PROGRAM,
        'sandbox',
        ...bash(
          `trap 'echo caught; exit 4' INT; [ -t 0 ] && [ -t 1 ] && stty size; echo ready; while :; do sleep 0.05; done`,
        ),
      ],
      cwd: path.join(root, 'work'),
      env,
      policy: fullAccess(),
      report: await detect(),
      terminal: { columns: 100, rows: 30 },
    });
    let shown = '';
    command.stdout?.on('data', (bytes: Buffer) => {
      shown += bytes.toString('utf8');
      if (shown.endsWith('ready\r\n')) command.stdin?.write('\u0003');
    });
    assert.deepEqual(await command.exited, { code: 4, signal: null, failure: null });
    assert.equal(shown, '30 100\r\nready\r\n^Ccaught\r\n');
  });
});
