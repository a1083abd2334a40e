/** Reading and writing through the editor, by the running extension's own writer and handlers, on real files. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { bytesOf, context, origin, refusal, set, type, uriOf, useHostFiles } from './host-fs-support.ts';
import { file, nextEvent, waitFor } from './support.ts';

const { commands, workspace } = vscode;

describe('the host file system', () => {
  const { at, host, open, parts, put, read, subscriptions, told, uriText, write, writes } = useHostFiles();

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
      assert.deepEqual(await host()['host/fs/read']({ uri: uriText('lines.txt'), range }, context), {
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
      assert.deepEqual(await host()['host/fs/write']({ uri: uriText('lines.txt'), baseHash, edits }, context), {
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
          order.push(`${writes.length} ${parts().writer.isOwn(document.uri, document.getText())}`);
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
      assert.deepEqual(await parts().writer.apply(document.uri, edits, before), done);
      assert.deepEqual([document.getText(), document.isDirty], [after, false]);
      assert.deepEqual(await parts().writer.apply(uriOf(at('closed.txt')), edits, before), done);
      assert.equal((await bytesOf(at('closed.txt'))).toString(), after);
      await type(document, 'x');
      const asked = [{ startLine: 1, endLine: 2, lines: ['MORE'] }];
      const text = 'xONE\nMORE\ntwo\n';
      assert.deepEqual(await parts().writer.apply(document.uri, asked, 'xONE\nmore\ntwo\n'), {
        ...done,
        hash: hashOf(text),
        text,
      });
      assert.deepEqual([document.getText(), document.isDirty], [text, true]);
      assert.deepEqual(await parts().writer.apply(document.uri, asked, before), {
        type: 'conflict',
        reason: 'changed',
        text,
        hash: hashOf(text),
      });
      assert.deepEqual(writes, []);
    });
  });
});
