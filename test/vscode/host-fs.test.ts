/** The host file system, by the running extension's own writer and handlers, in a real editor on real files. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HostFsReadResponse } from '../../agent-core/protocol/index.ts';
import type { AgentWrite } from '../../extension/host-fs/document-writer.ts';
import { hostFsHandlers } from '../../extension/host-fs/host-fs-handlers.ts';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { canonicalKey } from '../../extension/host-fs/uri-key.ts';
import {
  cleanUp,
  file,
  folder,
  gantry,
  nextEvent,
  type Parts,
  patch,
  startModel,
  stateWhere,
  updateFile,
  waitFor,
} from './support.ts';

type Handlers = ReturnType<typeof hostFsHandlers>;

const { workspace, window, commands } = vscode;
const origin = { threadId: 't', turnId: 'u', itemId: 'i', decided: false };
const context = { requestId: null };
const uriOf = (name: string) => vscode.Uri.file(file(name));
const bytesOf = (name: string) => readFile(file(name));

describe('the host file system', () => {
  let parts: Parts;
  let host: Handlers;
  const writes: AgentWrite[] = [];
  const subscriptions: vscode.Disposable[] = [];
  // No two tests share a file: the editor keeps documents for a while after their tabs are closed.
  let own = '';
  let count = 0;
  const at = (name: string) => `${own}/${name}`;
  const uriText = (name: string) => uriOf(at(name)).toString();

  before(async () => {
    parts = await gantry();
    host = hostFsHandlers(parts.writer);
    subscriptions.push(parts.writer.onDidWrite((write) => writes.push(write)));
    // The editor in a browser saves by itself unless told otherwise.
    await set('files.autoSave', 'off');
  });
  beforeEach(async () => {
    own = `host-fs-${++count}`;
    await mkdir(file(own), { recursive: true });
    writes.length = 0;
  });
  afterEach(async () => {
    while (window.tabGroups.all.some(({ tabs }) => tabs.length > 0)) {
      await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    for (const one of subscriptions.splice(1)) one.dispose();
    await rm(file(own), { recursive: true, force: true });
  });
  after(async () => {
    await set('files.autoSave', undefined);
    for (const one of subscriptions) one.dispose();
  });

  const set = (name: string, value: unknown) =>
    workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
  const put = (name: string, bytes: string | Uint8Array) => writeFile(file(at(name)), bytes);
  async function open(name: string): Promise<vscode.TextDocument> {
    const document = await workspace.openTextDocument(uriOf(at(name)));
    await window.showTextDocument(document, { preview: false });
    return document;
  }
  async function type(document: vscode.TextDocument, text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), text);
    assert.equal(await workspace.applyEdit(edit), true);
  }
  const read = (name: string) => host['host/fs/read']({ uri: uriText(name) }, context) as Promise<HostFsReadResponse>;
  const write = (name: string, from: string | null, text: string) =>
    host['host/fs/write']({ uri: uriText(name), baseHash: from === null ? null : hashOf(from), text, origin }, context);
  const told = () => writes.map(({ uri, ...rest }) => ({ uri: uri.toString(), ...rest }));
  const refusal = (reason: string, message: RegExp) => (error: unknown) => {
    const { code, data } = error as { code: string; data: unknown };
    assert.deepEqual({ code, data }, { code: 'hostFs', data: { reason } });
    assert.match((error as Error).message, message);
    return true;
  };

  describe('a file that is not open', () => {
    it('is read and written byte for byte: CRLF, a BOM, no final newline', async () => {
      await put('a.txt', '\uFEFFone\r\ntwo\r\nthree');
      const seen = 'one\ntwo\nthree';
      assert.deepEqual(await read('a.txt'), {
        text: seen,
        hash: hashOf(seen),
        eol: 'crlf',
        encoding: 'utf8bom',
        dirty: false,
      });
      const text = 'one\nTWO\nmore $& $1\nthree';
      assert.deepEqual(await write('a.txt', seen, text), { hash: hashOf(text) });
      assert.equal((await bytesOf(at('a.txt'))).toString(), '\uFEFFone\r\nTWO\r\nmore $& $1\r\nthree');
      assert.deepEqual(told(), [{ uri: uriText('a.txt'), kind: 'write', before: seen, after: text, origin }]);
    });

    it('keeps mixed line ends where lines stay', async () => {
      await put('mixed.txt', 'a\r\nb\nc\r\nd\n');
      await write('mixed.txt', 'a\nb\nc\nd\n', 'a\nB\nnew\nc\nd\n');
      assert.equal((await bytesOf(at('mixed.txt'))).toString(), 'a\r\nB\nnew\nc\r\nd\n');
    });

    it('keeps UTF-16, with and without a BOM', async () => {
      for (const bom of ['\uFEFF', '']) {
        await put('wide.txt', Buffer.from(`${bom}one\r\ntwo ü\r\n`, 'utf16le'));
        assert.deepEqual(await read('wide.txt'), {
          text: 'one\ntwo ü\n',
          hash: hashOf('one\ntwo ü\n'),
          eol: 'crlf',
          encoding: 'utf16le',
          dirty: false,
        });
        assert.deepEqual(await write('wide.txt', 'one\ntwo ü\n', 'one\nzwei ü\n'), { hash: hashOf('one\nzwei ü\n') });
        assert.equal((await bytesOf(at('wide.txt'))).toString('utf16le'), `${bom}one\r\nzwei ü\r\n`);
      }
    });

    it('keeps the encoding of the settings, and refuses what it cannot hold', async () => {
      await set('files.encoding', 'windows1252');
      try {
        await put('latin.txt', Buffer.from('caf\u00e9\n', 'latin1'));
        assert.equal((await read('latin.txt')).text, 'café\n');
        await write('latin.txt', 'café\n', 'cafés\n');
        assert.deepEqual(await bytesOf(at('latin.txt')), Buffer.from('caf\u00e9s\n', 'latin1'));
        await assert.rejects(write('latin.txt', 'cafés\n', 'ねこ\n'), refusal('binary', /windows1252, cannot hold/));
        assert.deepEqual(await bytesOf(at('latin.txt')), Buffer.from('caf\u00e9s\n', 'latin1'));
      } finally {
        await set('files.encoding', undefined);
      }
    });

    it('is not written where it has bytes that its encoding does not know', async () => {
      const bytes = Buffer.from('caf\u00e9\n', 'latin1');
      await put('broken.txt', bytes);
      const { text } = await read('broken.txt');
      await assert.rejects(write('broken.txt', text, 'tea\n'), refusal('binary', /utf8, has bytes that are not valid/));
      assert.deepEqual(await bytesOf(at('broken.txt')), bytes);
    });

    it('has 2 MB and is changed in one line', async () => {
      const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index} ${'x'.repeat(40)}`);
      const before = `${lines.join('\n')}\n`;
      assert.ok(before.length > 2_000_000);
      await put('big.txt', before);
      const document = await open('big.txt');
      const text = before.replace('line 20000 ', 'LINE 20000 ');
      assert.deepEqual(await write('big.txt', before, text), { hash: hashOf(text) });
      assert.deepEqual([document.getText() === text, document.isDirty], [true, false]);
      assert.equal((await bytesOf(at('big.txt'))).toString() === text, true);
    });

    it('is refused when it is binary, too large, a folder or not there', async () => {
      await put('image.bin', Buffer.from([0x89, 0x50, 0, 0, 1, 2, 3, 0]));
      await put('huge.txt', Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
      await assert.rejects(read('image.bin'), refusal('binary', /image\.bin is a binary file/));
      await assert.rejects(read('huge.txt'), refusal('tooLarge', /huge\.txt has 10485761 bytes/));
      await assert.rejects(read(''), refusal('isDirectory', /is a folder/));
      await assert.rejects(read('none.txt'), refusal('notFound', /none\.txt does not exist/));
      await assert.rejects(write('image.bin', '', 'x'), refusal('binary', /image\.bin is a binary file/));
    });

    it('is read by ranges of lines and written by edits of lines', async () => {
      await put('lines.txt', 'one\ntwo\nthree\nfour');
      const range = { startLine: 2, endLine: 3 };
      assert.deepEqual(await host['host/fs/read']({ uri: uriText('lines.txt'), range }, context), {
        text: 'two\nthree\n',
        hash: hashOf('one\ntwo\nthree\nfour'),
        eol: 'lf',
        encoding: 'utf8',
        dirty: false,
      });
      const edits = [
        { startLine: 1, endLine: 1, text: 'zero\n' },
        { startLine: 3, endLine: 4, text: '' },
      ];
      const baseHash = hashOf('one\ntwo\nthree\nfour');
      assert.deepEqual(await host['host/fs/write']({ uri: uriText('lines.txt'), baseHash, edits }, context), {
        hash: hashOf('zero\none\ntwo\nfour'),
      });
    });

    it('was changed between read and write: nothing is written, and the fresh text comes back', async () => {
      await put('raced.txt', 'one\n');
      const { text } = await read('raced.txt');
      await put('raced.txt', 'other\n');
      assert.deepEqual(await write('raced.txt', text, 'mine\n'), {
        conflict: true,
        text: 'other\n',
        hash: hashOf('other\n'),
      });
      await rm(file(at('raced.txt')));
      assert.deepEqual(await write('raced.txt', text, 'mine\n'), { conflict: true, text: null, hash: null });
      assert.deepEqual(writes, []);
    });
  });

  describe('an open file', () => {
    it('without changes is written to the disk and shown, format on save stays out, undo and redo work', async () => {
      let formatted = 0;
      let willSave = 0;
      subscriptions.push(
        workspace.onWillSaveTextDocument(({ document }) => {
          if (document.uri.toString() === uriText('a.txt')) willSave++;
        }),
        vscode.languages.registerDocumentFormattingEditProvider(
          { scheme: 'file' },
          {
            provideDocumentFormattingEdits() {
              formatted++;
              return [vscode.TextEdit.insert(new vscode.Position(0, 0), '/* formatted */')];
            },
          },
        ),
      );
      await set('editor.formatOnSave', true);
      try {
        await put('a.txt', 'one\r\ntwo\r\n');
        const document = await open('a.txt');
        await write('a.txt', 'one\ntwo\n', 'one\nTWO\n');
        const state = async () => [document.getText(), document.isDirty, (await bytesOf(at('a.txt'))).toString()];
        assert.deepEqual(await state(), ['one\r\nTWO\r\n', false, 'one\r\nTWO\r\n']);
        assert.deepEqual({ formatted, willSave }, { formatted: 0, willSave: 0 });
        const undone = nextEvent(workspace.onDidChangeTextDocument, ({ contentChanges }) => contentChanges.length > 0);
        await commands.executeCommand('undo');
        await undone;
        assert.deepEqual(document.getText(), 'one\r\ntwo\r\n');
        const redone = nextEvent(workspace.onDidChangeTextDocument, ({ contentChanges }) => contentChanges.length > 0);
        await commands.executeCommand('redo');
        await redone;
        await waitFor(async () => !document.isDirty, { what: 'the clean document' });
        assert.deepEqual(await state(), ['one\r\nTWO\r\n', false, 'one\r\nTWO\r\n']);
      } finally {
        await set('editor.formatOnSave', undefined);
      }
    });

    it('with unsaved text is read as it is shown, changed in place and not saved; the user’s text stays', async () => {
      await put('a.txt', 'one\ntwo\nthree\n');
      const document = await open('a.txt');
      await type(document, 'mine\n');
      const seen = 'mine\none\ntwo\nthree\n';
      assert.deepEqual(await read('a.txt'), {
        text: seen,
        hash: hashOf(seen),
        eol: 'lf',
        encoding: 'utf8',
        dirty: true,
        version: document.version,
      });
      const changes: string[] = [];
      subscriptions.push(
        workspace.onDidChangeTextDocument((event) => {
          changes.push(...event.contentChanges.map(({ range, text }) => `${range.start.line}:${text}`));
        }),
      );
      const text = seen.replace('two', 'TWO');
      assert.deepEqual(await write('a.txt', seen, text), { hash: hashOf(text) });
      assert.deepEqual([document.getText(), document.isDirty], [text, true]);
      assert.deepEqual(changes, ['2:TWO'], 'one small edit');
      assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\ntwo\nthree\n');
      await commands.executeCommand('undo');
      await waitFor(() => document.getText() === seen, { what: 'the undone edit' });
    });

    it('that was typed into since it was read is a conflict with what is there', async () => {
      await put('a.txt', 'one\n');
      const document = await open('a.txt');
      const { text } = await read('a.txt');
      await type(document, 'mine ');
      assert.deepEqual(await write('a.txt', text, 'agent\n'), {
        conflict: true,
        text: 'mine one\n',
        hash: hashOf('mine one\n'),
      });
      assert.deepEqual([document.getText(), document.isDirty], ['mine one\n', true]);
    });

    it('that is typed into while it is written keeps the typing, and can be saved', async () => {
      await put('a.txt', 'one\ntwo\n');
      const document = await open('a.txt');
      const [, result] = await Promise.all([
        commands.executeCommand('type', { text: 'x' }),
        write('a.txt', 'one\ntwo\n', 'one\nTWO AND MORE\n'),
      ]);
      const isWritten = !('conflict' in result);
      const shown = isWritten ? 'xone\nTWO AND MORE\n' : 'xone\ntwo\n';
      await waitFor(() => document.getText() === shown, { what: shown });
      if (!isWritten) assert.deepEqual(result, { conflict: true, text: shown, hash: hashOf(shown) });
      assert.equal(await document.save(), true, 'no newer file on the disk');
      assert.equal((await bytesOf(at('a.txt'))).toString(), shown);
    });

    it('with auto save is saved by the editor alone, with both changes', async () => {
      await set('files.autoSave', 'afterDelay');
      await set('files.autoSaveDelay', 50);
      try {
        await put('a.txt', 'one\ntwo\n');
        const document = await open('a.txt');
        await type(document, 'mine\n');
        assert.deepEqual(await write('a.txt', 'mine\none\ntwo\n', 'mine\none\nTWO\n'), {
          hash: hashOf('mine\none\nTWO\n'),
        });
        const isSaved = async () => (await bytesOf(at('a.txt'))).toString() === 'mine\none\nTWO\n' && !document.isDirty;
        await waitFor(isSaved, { what: 'the auto save' });
        assert.deepEqual(await write('a.txt', 'mine\none\nTWO\n', 'mine\n'), { hash: hashOf('mine\n') });
        assert.deepEqual([document.getText(), document.isDirty], ['mine\n', false]);
      } finally {
        await set('files.autoSave', 'off');
        await set('files.autoSaveDelay', undefined);
      }
    });

    it('tells its change before the document’s event, and as its own', async () => {
      await put('a.txt', 'one\n');
      const document = await open('a.txt');
      const order: string[] = [];
      subscriptions.push(
        workspace.onDidChangeTextDocument((event) => {
          if (event.document !== document || event.contentChanges.length === 0) return;
          order.push(`${writes.length} ${parts.writer.isOwn(document.uri, document.getText())}`);
        }),
      );
      await write('a.txt', 'one\n', 'two\n');
      await type(document, 'mine ');
      await write('a.txt', 'mine two\n', 'mine three\n');
      assert.deepEqual(order, ['1 true', '1 false', '2 true']);
    });
  });

  describe('line edits', () => {
    it('go into a clean file and its document, an unsaved document, a file that is not open; another text is a conflict', async () => {
      const edits = [
        { startLine: 0, endLine: 1, lines: ['ONE', 'more'] },
        { startLine: 2, endLine: 3, lines: [] },
      ];
      const before = 'one\ntwo\nthree\n';
      const after = 'ONE\nmore\ntwo\n';
      const done = { type: 'written', hash: hashOf(after), text: after, formatterDelta: null };
      for (const name of ['open.txt', 'closed.txt']) await put(name, before);
      const document = await open('open.txt');
      assert.deepEqual(await parts.writer.apply(document.uri, edits, before), done);
      assert.deepEqual([document.getText(), document.isDirty], [after, false]);
      assert.deepEqual(await parts.writer.apply(uriOf(at('closed.txt')), edits, before), done);
      assert.equal((await bytesOf(at('closed.txt'))).toString(), after);
      await type(document, 'x');
      const asked = [{ startLine: 1, endLine: 2, lines: ['MORE'] }];
      const text = 'xONE\nMORE\ntwo\n';
      assert.deepEqual(await parts.writer.apply(document.uri, asked, 'xONE\nmore\ntwo\n'), {
        ...done,
        hash: hashOf(text),
        text,
      });
      assert.deepEqual([document.getText(), document.isDirty], [text, true]);
      assert.deepEqual(await parts.writer.apply(document.uri, asked, before), {
        type: 'conflict',
        reason: 'changed',
        text,
        hash: hashOf(text),
      });
      assert.deepEqual(writes, []);
    });
  });

  describe('create, delete, rename', () => {
    const create = (name: string, text: string) =>
      host['host/fs/create']({ uri: uriText(name), text, origin }, context);
    const remove = (name: string, text: string) =>
      host['host/fs/delete']({ uri: uriText(name), baseHash: hashOf(text), origin }, context);

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
      assert.deepEqual(await parts.writer.restore(uriOf(at('a.txt'))), {
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
        host['host/fs/rename']({ uri: uriText('a.txt'), newUri: uriText(to), baseHash, origin }, context);
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
      const result = await host['host/fs/write']({ uri, baseHash: hashOf('draft\n'), text: 'better\n' }, context);
      assert.deepEqual(result, { hash: hashOf('better\n') });
      assert.deepEqual([document.getText(), document.isUntitled], ['better\n', true]);
      await assert.rejects(
        host['host/fs/delete']({ uri, baseHash: hashOf('better\n') }, context),
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
      assert.equal((await host['host/fs/read']({ uri }, context)).text, 'kept\n');
      const baseHash = hashOf('kept\n');
      await assert.rejects(
        host['host/fs/write']({ uri, baseHash, text: 'x' }, context),
        refusal('readOnly', /file system that the editor can only read/),
      );
      await assert.rejects(host['host/fs/delete']({ uri, baseHash }, context), refusal('readOnly', /only read/));
      await assert.rejects(
        host['host/fs/read']({ uri: 'nowhere-at-all:/a.txt' }, context),
        refusal('noScheme', /no file system for nowhere-at-all/),
      );
      await assert.rejects(
        host['host/fs/read']({ uri: 'gantry-proposal:/a.txt' }, context),
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
      const result = await host['host/fs/write']({ uri, baseHash: hashOf('kept\n'), text: 'new\n' }, context);
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

    it('a file in a second root is one of the workspace', async () => {
      const second = path.join(path.dirname(folder()), `${path.basename(folder())}-second`);
      await mkdir(second, { recursive: true });
      const target = vscode.Uri.file(path.join(second, 'a.txt'));
      await writeFile(target.fsPath, 'one\n');
      const document = await workspace.openTextDocument(target);
      await window.showTextDocument(document);
      const result = await host['host/fs/write'](
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
    const { data } = await host['host/fs/dirty']({ threadId: 't', known }, context);
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
      await parts.controller.setMode('ask');
      await cleanUp(parts);
      await stop?.();
      stop = undefined;
    });

    it('lets the model see and change what is not saved, in place, and tells whose change it is', async () => {
      await put('a.txt', 'one\ntwo\nthree\n');
      const document = await open('a.txt');
      await type(document, 'mine\n');
      const change = patch(updateFile(at('a.txt'), 'two', 'TWO'));
      const model = await startModel(parts, {
        script: [{ freeform: 'apply_patch', input: change }, { text: 'Done.' }],
      });
      stop = model.stop;
      await parts.controller.setMode('auto');
      await parts.controller.send('change it', []);
      const { thread } = await stateWhere(parts, 'the end', (state) => state.thread?.turns[0]?.status === 'completed');
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
    assert.deepEqual(await host['host/fs/save'](params, context), { saved: [uriText('a.txt')] });
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
