/** The editor's files under the core's own rules, without a core around them: a real disk, and an editor in a few lines. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDiskFs } from '../../agent-core/execution/disk-fs.ts';
import { createHostFs, type DiskWrite } from '../../agent-core/execution/host-fs.ts';
import type { EditorLine } from '../../agent-core/execution/host-line.ts';
import type { FsResult, TurnSettings, WorkspaceFs, WriteOrigin } from '../../agent-core/ports.ts';
import { AgentError, RpcError } from '../../agent-core/protocol/index.ts';
import { hashOf, uriOf } from '../support/scripted-editor.ts';

type Asked = { method: string; params: Record<string, unknown> };

describe('the rules for files of the editor', () => {
  let root: string;
  let asked: Asked[];
  let told: DiskWrite[];
  let answer: (asked: Asked, signal?: AbortSignal) => unknown;
  let isThere: boolean;
  let fs: WorkspaceFs;

  const line = {
    request: async (method: string, params: Asked['params'], options?: { signal?: AbortSignal }) => {
      asked.push({ method, params });
      return answer({ method, params }, options?.signal);
    },
  } as unknown as EditorLine;
  const at = (name: string) => path.join(root, name);
  const settings = (over: Partial<TurnSettings> = {}): TurnSettings =>
    ({
      cwd: at('work'),
      roots: [at('work')],
      sandboxPolicy: {
        type: 'workspaceWrite',
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: true,
        excludeSlashTmp: true,
      },
      ...over,
    }) as TurnSettings;
  const origin = (over: Partial<WriteOrigin> = {}) => ({
    origin: {
      turnId: 't',
      itemId: 'i',
      decided: false,
      before: 'a\n',
      signal: new AbortController().signal,
      ...over,
    },
  });
  const reason = (result: FsResult<unknown>): string => (result.ok ? 'ok' : result.reason);

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-host-fs-')));
    for (const folder of ['work/.git', 'outside', 'user/.ssh']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('work/a'), 'a\n');
    writeFileSync(at('user/.ssh/id_rsa'), 'key');
    [asked, told, isThere] = [[], [], true];
    answer = () => ({ hash: hashOf('b\n'), text: 'b\n' });
    const homes = { user: at('user'), agent: [at('user/.gantry')] };
    fs = createHostFs({
      threadId: 'thread',
      disk: createDiskFs(homes),
      homes,
      editor: () => (isThere ? line : null),
      onDiskWrite: (write) => told.push(write),
      log: () => {},
    });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('hold before the editor is asked, for every kind of request, with links as they lead at that time', async () => {
    symlinkSync(at('outside'), at('work/out'));
    symlinkSync(at('user/.ssh/id_rsa'), at('work/key'));
    const [now, none] = [settings(), hashOf('')];
    assert.deepEqual(
      {
        read: reason(await fs.readText(at('user/.ssh/id_rsa'), now)),
        readLink: reason(await fs.readText(at('work/key'), now)),
        write: reason(await fs.writeText(at('outside/a'), 'b', none, now)),
        link: reason(await fs.writeText(at('work/out/a'), 'b', null, now)),
        git: reason(await fs.writeText(at('work/.git/config'), 'b', null, now)),
        remove: reason(await fs.remove(at('outside/a'), none, now)),
        moveOut: fs.move && reason(await fs.move(at('work/a'), at('work/out/a'), 'b', none, now)),
        moveIn: fs.move && reason(await fs.move(at('outside/a'), at('work/b'), 'b', none, now)),
        relative: reason(await fs.writeText('a', 'b', null, now)),
        readOnly: reason(
          await fs.writeText(
            at('work/a'),
            'b',
            none,
            settings({ sandboxPolicy: { type: 'readOnly', networkAccess: false } }),
          ),
        ),
      },
      {
        read: 'forbidden',
        readLink: 'forbidden',
        write: 'forbidden',
        link: 'forbidden',
        git: 'forbidden',
        remove: 'forbidden',
        moveOut: 'forbidden',
        moveIn: 'forbidden',
        relative: 'forbidden',
        readOnly: 'readOnly',
      },
    );
    assert.deepEqual(asked, []);
  });

  it('name a file below the root as it was opened, and a link by what it leads to, but for removing it', async () => {
    symlinkSync(at('work'), at('opened'));
    symlinkSync(at('work/a'), at('work/l'));
    const opened = settings({ cwd: at('opened'), roots: [at('opened')] });
    await fs.readText(at('opened/a'), opened);
    await fs.readText(at('opened/l'), opened);
    answer = () => ({ deleted: true });
    await fs.remove(at('opened/l'), hashOf('a\n'), opened);
    assert.deepEqual(
      asked.map(({ params }) => params.uri),
      ['opened/a', 'opened/a', 'opened/l'].map((name) => uriOf(at(name))),
    );
  });

  it('let the disk take over from an editor that left, also in the middle of a write that had happened', async () => {
    answer = () => {
      writeFileSync(at('work/a'), 'b\n');
      throw new AgentError('closed', 'The connection is closed.');
    };
    const written = await fs.writeText(at('work/a'), 'b\n', hashOf('a\n'), settings(), origin());
    assert.deepEqual(written, { ok: true, value: { text: 'b\n', hash: hashOf('b\n') } });
    isThere = false;
    await fs.writeText(at('work/a'), 'c\n', hashOf('b\n'), settings(), origin({ before: 'b\n' }));
    assert.equal(readFileSync(at('work/a'), 'utf8'), 'c\n');
    assert.deepEqual(
      told.map(({ path: file, oldText, newHash }) => ({ file, oldText, newHash })),
      [{ file: at('work/a'), oldText: 'b\n', newHash: hashOf('c\n') }],
    );
  });

  it('stop waiting when the turn is interrupted', async () => {
    const abort = new AbortController();
    answer = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new AgentError('aborted', 'given up')));
        abort.abort();
      });
    const result = await fs.writeText(at('work/a'), 'b', hashOf('a\n'), settings(), origin({ signal: abort.signal }));
    assert.deepEqual(result, {
      ok: false,
      reason: 'io',
      message: 'The turn was interrupted while the editor was asked.',
    });
  });

  it('take what a formatter made of it for what was written', async () => {
    answer = ({ method }) =>
      method === 'host/fs/read'
        ? { text: 'B;\n', hash: hashOf('B;\n') }
        : { hash: hashOf('B;\n'), formatterDelta: '-b\n+B;' };
    const written = await fs.writeText(at('work/a'), 'b\n', hashOf('a\n'), settings(), origin());
    assert.deepEqual(written, { ok: true, value: { text: 'B;\n', hash: hashOf('B;\n'), formatterDelta: '-b\n+B;' } });
  });

  it('say in which way a file is not as it was', async () => {
    const conflict = (why: string, text: string | null) => {
      answer = () => ({ conflict: true, reason: why, text, hash: text === null ? null : hashOf(text) });
    };
    const message = (result: FsResult<unknown> | undefined) =>
      result?.ok === false ? [result.message, result.fresh] : null;
    conflict('exists', 'x');
    const fresh = { text: 'x', hash: hashOf('x') };
    const create = message(await fs.writeText(at('work/n'), 'b', null, settings()));
    conflict('missing', null);
    const remove = message(await fs.remove(at('work/a'), hashOf('a\n'), settings()));
    conflict('targetExists', 'x');
    const move = message(await fs.move?.(at('work/a'), at('work/n'), 'b', hashOf('a\n'), settings()));
    assert.deepEqual(
      [create, remove, move],
      [
        [`${at('work/n')} exists by now. Nothing was written.`, fresh],
        [`${at('work/a')} does not exist any more. Nothing was written.`, null],
        [`${at('work/n')} exists by now. Nothing was written.`, fresh],
      ],
    );
  });

  it('do not take an unknown refusal for a reason to go to the disk', async () => {
    answer = () => {
      throw new RpcError({ code: -32010, message: 'why', data: { reason: 'mood' } });
    };
    const result = await fs.writeText(at('work/a'), 'b', hashOf('a\n'), settings());
    assert.deepEqual(result, { ok: false, reason: 'io', message: 'The editor could not do it: why' });
    assert.equal(readFileSync(at('work/a'), 'utf8'), 'a\n');
  });
});
