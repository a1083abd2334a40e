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
    assert.match(stderr, new RegExp(`^gantry: blocked: writing ${at('work')}/\\.git$`, 'm'));
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
    for (const words of [`Workspace: ${at('work')}`, '*.example.com (through the proxy)', 'This machine enforces by'])
      assert.ok(stdout.includes(words), words);
    const kept = /^Cannot change, inside of it:\n((?: {2}.*\n)*)/m.exec(stdout)?.[1] ?? '';
    assert.ok(!kept.includes(at('home')), kept);
    const wider = await run(['--explain', '--write', root]);
    assert.match(wider.stdout, new RegExp(`^Cannot change, inside of it:\n(?: {2}.*\n)* {2}${at('home')}\n`, 'm'));
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
