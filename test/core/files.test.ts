/** The workspace's files and the threads' files on a real disk. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createDiskFs, replaceContent } from '../../agent-core/execution/disk-fs.ts';
import { hashText } from '../../agent-core/execution/text-format.ts';
import type { FsResult, TurnSettings, WorkspaceFs } from '../../agent-core/ports.ts';
import type { SandboxPolicy } from '../../agent-core/protocol/index.ts';
import { createThreadFile } from '../../agent-core/threads/thread-file.ts';
import { lockThread } from '../../agent-core/threads/thread-lock.ts';

const workspaceWrite: SandboxPolicy = {
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};

describe('files', () => {
  let root: string;
  let work: string;
  let fs: WorkspaceFs;
  const at = (name: string) => path.join(work, name);
  const settings = (sandboxPolicy: SandboxPolicy = workspaceWrite): TurnSettings => ({
    cwd: work,
    roots: [work],
    model: { provider: 'p', model: 'm' },
    effort: null,
    approvalPolicy: 'never',
    sandboxPolicy,
    editApproval: 'editThenReview',
    developerInstructions: null,
    outputSchema: null,
  });
  const reason = (result: FsResult<unknown>) => (result.ok ? 'ok' : result.reason);

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-files-')));
    work = path.join(root, 'work');
    mkdirSync(work);
    fs = createDiskFs({ user: path.join(root, 'user'), agent: [path.join(root, 'user/.gantry')] });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes through the same inode, with mode, line ends and BOM kept', async () => {
    writeFileSync(at('a.sh'), '\uFEFFone\r\ntwo\r\n');
    chmodSync(at('a.sh'), 0o755);
    const { ino } = statSync(at('a.sh'));
    const read = await fs.readText(at('a.sh'));
    assert.deepEqual(read, { ok: true, value: { text: 'one\ntwo\n', hash: hashText('one\ntwo\n') } });
    const written = await fs.writeText(at('a.sh'), 'one\n2\n', hashText('one\ntwo\n'), settings());
    assert.deepEqual(written, { ok: true, value: { text: 'one\n2\n', hash: hashText('one\n2\n') } });
    assert.equal(readFileSync(at('a.sh'), 'utf8'), '\uFEFFone\r\n2\r\n');
    const after = statSync(at('a.sh'));
    assert.deepEqual([after.ino, after.mode & 0o777], [ino, 0o755]);
  });

  it('gives a file that moves its line ends, its mark and its mode', async () => {
    writeFileSync(at('a.sh'), '\uFEFFone\r\ntwo\r\n');
    chmodSync(at('a.sh'), 0o755);
    assert.equal(reason(await fs.writeText(at('b/c.sh'), 'one\n2\n', null, settings(), { like: at('a.sh') })), 'ok');
    assert.deepEqual(
      [readFileSync(at('b/c.sh'), 'utf8'), statSync(at('b/c.sh')).mode & 0o777],
      ['\uFEFFone\r\n2\r\n', 0o755],
    );
  });

  it('leaves what was there when the disk fills up in mid-write', async () => {
    writeFileSync(at('a'), 'what was there before');
    const handle = await open(at('a'), 'r+');
    let writes = 0;
    const full = {
      write: (bytes: Buffer, offset: number, length: number, position: number) => {
        if (++writes === 2) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return handle.write(bytes, offset, Math.min(length, writes === 1 ? 4 : length), position);
      },
      truncate: (length: number) => handle.truncate(length),
    } as Parameters<typeof replaceContent>[0];
    await assert.rejects(replaceContent(full, Buffer.from('something new'), Buffer.from('what was there before')), {
      code: 'ENOSPC',
    });
    await handle.close();
    assert.equal(readFileSync(at('a'), 'utf8'), 'what was there before');
  });

  it('writes nowhere else when a folder becomes a link between the check and the write', async () => {
    mkdirSync(path.join(root, 'outside'));
    mkdirSync(at('d'));
    writeFileSync(at('d/a'), 'same');
    writeFileSync(path.join(root, 'outside/a'), 'same');
    const changing = fs.writeText(at('d/a'), 'changed', hashText('same'), settings());
    const creating = fs.writeText(at('d/new'), 'created', null, settings());
    // Both have checked by now, and have not opened yet.
    renameSync(at('d'), at('was'));
    symlinkSync(path.join(root, 'outside'), at('d'));
    assert.deepEqual([reason(await changing), reason(await creating)], ['conflict', 'conflict']);
    assert.equal(readFileSync(path.join(root, 'outside/a'), 'utf8'), 'same');
    assert.equal(existsSync(path.join(root, 'outside/new')), false);
  });

  it('creates with parents, and not over what is there', async () => {
    assert.equal(reason(await fs.writeText(at('x/y/z.txt'), 'new', null, settings())), 'ok');
    assert.equal(readFileSync(at('x/y/z.txt'), 'utf8'), 'new');
    assert.equal(reason(await fs.writeText(at('x/y/z.txt'), 'again', null, settings())), 'conflict');
  });

  it('refuses what changed since, with the fresh text, and writes nothing', async () => {
    writeFileSync(at('a.txt'), 'theirs');
    const result = await fs.writeText(at('a.txt'), 'mine', hashText('before'), settings());
    assert.equal(reason(result), 'conflict');
    assert.deepEqual(result.ok ? null : result.fresh, { text: 'theirs', hash: hashText('theirs') });
    assert.equal(reason(await fs.remove(at('a.txt'), hashText('before'), settings())), 'conflict');
    assert.equal(readFileSync(at('a.txt'), 'utf8'), 'theirs');
    assert.equal(reason(await fs.remove(at('a.txt'), hashText('theirs'), settings())), 'ok');
    assert.equal(existsSync(at('a.txt')), false);
  });

  it('holds itself to what holds commands', async () => {
    mkdirSync(path.join(root, 'outside'));
    mkdirSync(at('.git'));
    symlinkSync(path.join(root, 'outside'), at('link'));
    const refused = {
      outside: await fs.writeText(path.join(root, 'outside/a'), 'x', null, settings()),
      link: await fs.writeText(at('link/a'), 'x', null, settings()),
      climbing: await fs.writeText(`${work}/../outside/a`, 'x', null, settings()),
      git: await fs.writeText(at('.git/config'), 'x', null, settings()),
      nested: await fs.writeText(at('sub/.git/hooks/pre-commit'), 'x', null, settings()),
      tasks: await fs.writeText(at('.vscode/tasks.json'), 'x', null, settings()),
      relative: await fs.writeText('a.txt', 'x', null, settings()),
    };
    assert.deepEqual(
      Object.values(refused).map(reason),
      Object.keys(refused).map(() => 'forbidden'),
    );
    const readOnly = await fs.writeText(at('a'), 'x', null, settings({ type: 'readOnly', networkAccess: false }));
    assert.equal(reason(readOnly), 'readOnly');
    const wide = { ...workspaceWrite, writableRoots: [path.join(root, 'outside')] };
    assert.equal(reason(await fs.writeText(at('link/a'), 'x', null, settings(wide))), 'ok');
    const full = await fs.writeText(at('.git/config'), 'x', null, settings({ type: 'dangerFullAccess' }));
    assert.equal(reason(full), 'ok');
  });

  it('reads no secrets', async () => {
    const key = path.join(root, 'user/.ssh/id_ed25519');
    mkdirSync(path.dirname(key), { recursive: true });
    writeFileSync(key, 'secret');
    symlinkSync(key, at('innocent'));
    assert.equal(reason(await fs.readText(key)), 'forbidden');
    assert.equal(reason(await fs.readText(at('innocent'))), 'forbidden');
  });

  it('edits a workspace that lies in a folder of secrets, and nothing beside it', async () => {
    const home = path.join(root, 'user/.codex');
    work = path.join(home, 'worktrees/one');
    mkdirSync(work, { recursive: true });
    writeFileSync(at('a'), 'mine');
    writeFileSync(path.join(home, 'auth.json'), 'secret');
    assert.equal(reason(await fs.readText(at('a'), settings())), 'ok');
    assert.equal(reason(await fs.writeText(at('a'), 'new', hashText('mine'), settings())), 'ok');
    assert.equal(reason(await fs.readText(path.join(home, 'auth.json'), settings())), 'forbidden');
    assert.equal(reason(await fs.writeText(path.join(home, 'new'), 'x', null, settings())), 'forbidden');
  });

  it('says what it cannot read as text, and why', async () => {
    writeFileSync(at('binary'), Buffer.from([1, 0, 2]));
    writeFileSync(at('latin'), Buffer.from([0x66, 0xfc, 0x72]));
    writeFileSync(at('large'), Buffer.alloc(11 * 1024 * 1024, 'x'));
    const reasons = await Promise.all(['binary', 'latin', 'large', '.', 'absent'].map((name) => fs.readText(at(name))));
    assert.deepEqual(reasons.map(reason), ['binary', 'binary', 'tooLarge', 'isDirectory', 'notFound']);
  });

  it('says that the disk is full, and leaves the thread readable', function () {
    if (!existsSync('/dev/full')) return this.skip();
    const lock = { release() {} };
    const options = { path: '/dev/full', threadId: 't', lockFolder: root, now: () => 1 };
    const file = createThreadFile(options, lock, true);
    assert.throws(() => file.append({ type: 'name', at: 1, name: 'x' }), {
      code: 'storage',
      message: /the disk is full; free some space/,
    });
    file.close();
  });

  it('begins on its own line after one that was cut short', () => {
    writeFileSync(at('t.jsonl'), '{"type":"na');
    const options = { path: at('t.jsonl'), threadId: 't', lockFolder: root, now: () => 1 };
    const file = createThreadFile(options, { release() {} }, true);
    file.append({ type: 'name', at: 1, name: 'x' });
    file.close();
    assert.equal(readFileSync(at('t.jsonl'), 'utf8'), '{"type":"na\n{"type":"name","at":1,"name":"x"}\n');
  });

  it('takes a lock once, and one that a dead process left behind', () => {
    const first = lockThread(root, 't', 1);
    assert.ok(first.ok);
    const second = lockThread(root, 't', 2);
    assert.deepEqual([second.ok, second.ok ? null : second.owner.pid], [false, process.pid]);
    first.lock.release();
    // Process 1 lives, but did not start then: this lock is of an earlier process with the same number.
    writeFileSync(path.join(root, 't.lock'), JSON.stringify({ pid: 1, startTime: '0', since: 1 }));
    const third = lockThread(root, 't', 3);
    assert.ok(third.ok);
    third.lock.release();
    writeFileSync(path.join(root, 't.lock'), 'half a lo');
    const fourth = lockThread(root, 't', 4);
    assert.ok(fourth.ok);
    fourth.lock.release();
    assert.equal(existsSync(path.join(root, 't.lock')), false);
  });

  it('takes the lock of a process that is dead but not buried', async function () {
    if (process.platform !== 'linux') return this.skip();
    // The shell becomes a program that never asks for its children; only then may the child end.
    const script = 'exec 3<&0; sh -c "read x <&3" & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      const [line] = await once(parent.stdout, 'data');
      const pid = Number(String(line));
      while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await setImmediate();
      parent.stdin.end();
      const statOf = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      while (statOf()[0] !== 'Z') await setImmediate();
      const owner = { pid, startTime: statOf()[19], since: 1 };
      writeFileSync(path.join(root, 't.lock'), JSON.stringify(owner));
      const taken = lockThread(root, 't', 2);
      assert.ok(taken.ok);
      taken.lock.release();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
