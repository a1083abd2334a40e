/** Files that come, go and move, what is no plain file, and the host file system behind a turn. */
import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { canonicalKey } from '../../extension/host-fs/uri-key.ts';
import { bytesOf, context, origin, refusal, set, type, uriOf, useHostFiles } from './host-fs-support.ts';
import { cleanUp, file, folder, patch, startModel, stateWhere, updateFile, waitFor } from './support.ts';

const { commands, window, workspace } = vscode;

describe('the host file system, places', () => {
  const { at, host, open, parts, put, read, subscriptions, told, uriText, write, writes } = useHostFiles();

  describe('create, delete, rename', () => {
    const create = (name: string, text: string) =>
      host()['host/fs/create']({ uri: uriText(name), text, origin }, context);
    const remove = (name: string, text: string) =>
      host()['host/fs/delete']({ uri: uriText(name), baseHash: hashOf(text), origin }, context);

    it('creates with folders, and not over a file', async () => {
      assert.deepEqual(await create('deep/er/new.txt', 'new\n'), { hash: hashOf('new\n') });
      assert.equal((await bytesOf(at('deep/er/new.txt'))).toString(), 'new\n');
      assert.deepEqual(await create('deep/er/new.txt', 'again\n'), {
        conflict: true,
        reason: 'exists',
        text: 'new\n',
        hash: hashOf('new\n'),
      });
      await assert.rejects(create('deep/er/new.txt/below.txt', 'x'), refusal('notFound', /is a file|does not exist/));
      assert.deepEqual(told(), [
        { uri: uriText('deep/er/new.txt'), kind: 'create', before: null, after: 'new\n', origin },
      ]);
    });

    it('deletes, and brings back the very bytes', async () => {
      const bytes = Buffer.from('\uFEFFone\r\ntwo');
      await put('a.txt', bytes);
      assert.deepEqual(await remove('a.txt', 'other'), {
        conflict: true,
        reason: 'changed',
        text: 'one\ntwo',
        hash: hashOf('one\ntwo'),
      });
      assert.deepEqual(await remove('a.txt', 'one\ntwo'), { deleted: true });
      assert.deepEqual(await remove('a.txt', 'one\ntwo'), {
        conflict: true,
        reason: 'missing',
        text: null,
        hash: null,
      });
      assert.deepEqual(await parts().writer.restore(uriOf(at('a.txt'))), {
        type: 'written',
        hash: hashOf('one\ntwo'),
        text: 'one\ntwo',
        formatterDelta: null,
      });
      assert.deepEqual(await bytesOf(at('a.txt')), bytes);
      assert.deepEqual(
        writes.map(({ kind, before, after }) => ({ kind, before, after })),
        [
          { kind: 'delete', before: 'one\ntwo', after: null },
          { kind: 'create', before: null, after: 'one\ntwo' },
        ],
      );
    });

    it('does not delete what the user has not saved', async () => {
      await put('a.txt', 'one\n');
      await type(await open('a.txt'), 'mine ');
      await assert.rejects(remove('a.txt', 'mine one\n'), refusal('forbidden', /not saved/));
      assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\n');
    });

    it('renames under open editors, which follow with their unsaved text', async () => {
      await put('a.txt', 'one\n');
      await put('taken.txt', 'taken\n');
      await type(await open('a.txt'), 'mine ');
      const baseHash = hashOf('mine one\n');
      const rename = (to: string) =>
        host()['host/fs/rename']({ uri: uriText('a.txt'), newUri: uriText(to), baseHash, origin }, context);
      assert.deepEqual(await rename('taken.txt'), {
        conflict: true,
        reason: 'targetExists',
        text: 'mine one\n',
        hash: baseHash,
      });
      assert.deepEqual(await rename('deep/b.txt'), { hash: baseHash });
      const shown = await waitFor(
        () => workspace.textDocuments.find(({ uri }) => uri.toString() === uriText('deep/b.txt')),
        { what: 'the document under its new name' },
      );
      await waitFor(() => shown.isDirty, { what: 'the unsaved text' });
      assert.equal(shown.getText(), 'mine one\n');
      assert.equal(window.activeTextEditor?.document.uri.toString(), uriText('deep/b.txt'));
      assert.equal((await bytesOf(at('deep/b.txt'))).toString(), 'one\n');
      await assert.rejects(read('a.txt'), refusal('notFound', /a\.txt does not exist/));
    });
  });

  describe('what is not a plain file', () => {
    it('an untitled document is changed in the editor alone', async () => {
      const document = await workspace.openTextDocument({ content: 'draft\n' });
      const uri = document.uri.toString();
      const result = await host()['host/fs/write']({ uri, baseHash: hashOf('draft\n'), text: 'better\n' }, context);
      assert.deepEqual(result, { hash: hashOf('better\n') });
      assert.deepEqual([document.getText(), document.isUntitled], ['better\n', true]);
      await assert.rejects(
        host()['host/fs/delete']({ uri, baseHash: hashOf('better\n') }, context),
        refusal('forbidden', /has no file/),
      );
      await window.showTextDocument(document);
    });

    it('an open notebook is read from its file and never written under', async () => {
      const json = `${JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 })}\n`;
      await put('a.ipynb', json);
      assert.deepEqual(await write('a.ipynb', json, json.replace('[]', '[ ]')), {
        hash: hashOf(json.replace('[]', '[ ]')),
      });
      await put('b.ipynb', json);
      const notebook = await workspace.openNotebookDocument(uriOf(at('b.ipynb')));
      await window.showNotebookDocument(notebook);
      assert.equal((await read('b.ipynb')).text, json);
      await assert.rejects(write('b.ipynb', json, '{}'), refusal('forbidden', /open as a notebook/));
      assert.equal((await bytesOf(at('b.ipynb'))).toString(), json);
    });

    it('a read-only file system, a read-only file by the settings, and no file system are refused in words', async () => {
      const memory = new MemoryFiles();
      subscriptions.push(workspace.registerFileSystemProvider('gantry-test-ro', memory, { isReadonly: true }));
      const uri = 'gantry-test-ro:/a.txt';
      await waitFor(() => workspace.fs.isWritableFileSystem('gantry-test-ro') === false, { what: 'the file system' });
      assert.equal((await host()['host/fs/read']({ uri }, context)).text, 'kept\n');
      const baseHash = hashOf('kept\n');
      await assert.rejects(
        host()['host/fs/write']({ uri, baseHash, text: 'x' }, context),
        refusal('readOnly', /file system that the editor can only read/),
      );
      await assert.rejects(host()['host/fs/delete']({ uri, baseHash }, context), refusal('readOnly', /only read/));
      await assert.rejects(
        host()['host/fs/read']({ uri: 'nowhere-at-all:/a.txt' }, context),
        refusal('noScheme', /no file system for nowhere-at-all/),
      );
      await assert.rejects(
        host()['host/fs/read']({ uri: 'gantry-proposal:/a.txt' }, context),
        refusal('forbidden', /holds no files/),
      );
      await put('made.gen.txt', 'made\n');
      await set('files.readonlyInclude', { '**/*.gen.txt': true });
      try {
        await assert.rejects(write('made.gen.txt', 'made\n', 'x'), refusal('readOnly', /files\.readonlyInclude/));
        assert.equal((await read('made.gen.txt')).text, 'made\n');
      } finally {
        await set('files.readonlyInclude', undefined);
      }
    });

    it('a virtual file system that can be written is written through', async () => {
      const memory = new MemoryFiles();
      subscriptions.push(workspace.registerFileSystemProvider('gantry-test-rw', memory));
      const uri = 'gantry-test-rw:/a.txt';
      await waitFor(() => workspace.fs.isWritableFileSystem('gantry-test-rw'), { what: 'the file system' });
      const result = await host()['host/fs/write']({ uri, baseHash: hashOf('kept\n'), text: 'new\n' }, context);
      assert.deepEqual([result, memory.text], [{ hash: hashOf('new\n') }, 'new\n']);
    });

    it('a link is the file it leads to: its unsaved text is read and changed', async () => {
      await put('real.txt', 'one\n');
      await symlink(file(at('real.txt')), file(at('link.txt')));
      assert.equal(canonicalKey(uriOf(at('link.txt'))), canonicalKey(uriOf(at('real.txt'))));
      const document = await open('real.txt');
      await type(document, 'mine ');
      assert.equal((await read('link.txt')).text, 'mine one\n');
      await write('link.txt', 'mine one\n', 'mine two\n');
      assert.deepEqual([document.getText(), document.isDirty], ['mine two\n', true]);
      assert.equal(await document.save(), true);
      await write('link.txt', 'mine two\n', 'three\n');
      assert.deepEqual([document.getText(), document.isDirty], ['three\n', false]);
      assert.equal((await bytesOf(at('real.txt'))).toString(), 'three\n');
    });

    it('a file outside the first root is written under its open document as well', async () => {
      const second = path.join(path.dirname(folder()), `${path.basename(folder())}-second`);
      await mkdir(second, { recursive: true });
      const target = vscode.Uri.file(path.join(second, 'a.txt'));
      await writeFile(target.fsPath, 'one\n');
      const document = await workspace.openTextDocument(target);
      await window.showTextDocument(document);
      const result = await host()['host/fs/write'](
        { uri: target.toString(), baseHash: hashOf('one\n'), text: 'two\n' },
        context,
      );
      assert.deepEqual([result, document.getText(), document.isDirty], [{ hash: hashOf('two\n') }, 'two\n', false]);
      await commands.executeCommand('workbench.action.closeActiveEditor');
      await rm(second, { recursive: true });
    });
  });

  it('two writers of one file: one is first, the other learns of it', async () => {
    await put('a.txt', 'one\n');
    const document = await open('a.txt');
    const results = await Promise.all([write('a.txt', 'one\n', 'first\n'), write('a.txt', 'one\n', 'second\n')]);
    assert.deepEqual(results, [
      { hash: hashOf('first\n') },
      { conflict: true, text: 'first\n', hash: hashOf('first\n') },
    ]);
    assert.deepEqual([document.getText(), (await bytesOf(at('a.txt'))).toString()], ['first\n', 'first\n']);
  });

  it('names every unsaved text of the workspace, and leaves out texts that are known', async () => {
    for (const name of ['a.txt', 'b.txt', 'clean.txt']) await put(name, `${name}\n`);
    const [a, b] = [await open('a.txt'), await open('b.txt')];
    await open('clean.txt');
    await workspace.openTextDocument({ content: 'untitled' });
    await type(a, 'x');
    await type(b, 'y');
    const known = [{ uri: uriText('b.txt'), hash: hashOf('yb.txt\n') }];
    const { data } = await host()['host/fs/dirty']({ threadId: 't', known }, context);
    assert.deepEqual(
      [...data].sort((one, other) => one.uri.localeCompare(other.uri)),
      [
        { uri: uriText('a.txt'), hash: hashOf('xa.txt\n'), text: 'xa.txt\n', version: a.version },
        { uri: uriText('b.txt'), hash: hashOf('yb.txt\n'), version: b.version },
      ],
    );
  });

  describe('behind a turn', () => {
    let stop: (() => Promise<void>) | undefined;
    afterEach(async () => {
      await parts().controller.setMode('ask');
      await cleanUp(parts());
      await stop?.();
      stop = undefined;
    });

    it('lets the model see and change what is not saved, in place, and tells whose change it is', async () => {
      await put('a.txt', 'one\ntwo\nthree\n');
      const document = await open('a.txt');
      await type(document, 'mine\n');
      const change = patch(updateFile(at('a.txt'), 'two', 'TWO'));
      const model = await startModel(parts(), {
        script: [{ freeform: 'apply_patch', input: change }, { text: 'Done.' }],
      });
      stop = model.stop;
      await parts().controller.setMode('auto');
      await parts().controller.send('change it', []);
      const { thread } = await stateWhere(
        parts(),
        'the end',
        (state) => state.thread?.turns[0]?.status === 'completed',
      );
      assert.deepEqual(model.server.problems, []);
      assert.deepEqual([document.getText(), document.isDirty], ['mine\none\nTWO\nthree\n', true]);
      assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\ntwo\nthree\n');
      assert.match(
        JSON.stringify(model.server.requests[0]?.body.input),
        /\+mine/,
        'the first request has the unsaved line',
      );
      const [{ origin: whose, ...rest } = { origin: null }] = told();
      assert.deepEqual(rest, {
        uri: uriText('a.txt'),
        kind: 'write',
        before: 'mine\none\ntwo\nthree\n',
        after: 'mine\none\nTWO\nthree\n',
      });
      assert.deepEqual([whose?.threadId, whose?.decided], [thread?.id, false]);
    });
  });

  it('asks nothing before a command when all is saved', async () => {
    await put('a.txt', 'one\n');
    await open('a.txt');
    const params = { threadId: 't', turnId: 'u', itemId: 'i', uris: [uriText('a.txt')], command: 'make' };
    assert.deepEqual(await host()['host/fs/save'](params, context), { saved: [uriText('a.txt')] });
  });
});

/** One file, `/a.txt`. */
class MemoryFiles implements vscode.FileSystemProvider {
  text = 'kept\n';
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  watch = () => new vscode.Disposable(() => {});
  stat(uri: vscode.Uri): vscode.FileStat {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    if (uri.path !== '/a.txt') throw vscode.FileSystemError.FileNotFound(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.text.length };
  }
  readDirectory = (): [string, vscode.FileType][] => [['a.txt', vscode.FileType.File]];
  createDirectory(): void {}
  readFile = () => Buffer.from(this.text);
  writeFile(_uri: vscode.Uri, content: Uint8Array): void {
    this.text = Buffer.from(content).toString();
  }
  delete(): void {}
  rename(): void {}
}
