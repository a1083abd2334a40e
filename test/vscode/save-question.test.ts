/** What is not saved when a command of the agent is about to run. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bytesOf, context, type, useHostFiles } from './host-fs-support.ts';
import { cleanUp, patch, startModel, stateWhere, updateFile, waitFor } from './support.ts';

describe('the question to save before a command runs', () => {
  const { at, host, open, parts, put, uriText } = useHostFiles();
  let stop: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await vscode.commands.executeCommand('notifications.clearAll');
    await parts().controller.setMode('ask');
    await cleanUp(parts());
    await stop?.();
    stop = undefined;
  });

  async function asked(name: string) {
    await put(name, 'one\n');
    const document = await open(name);
    await type(document, 'mine ');
    const params = { threadId: 't', turnId: 'u', itemId: 'i', uris: [uriText(name)], command: 'make' };
    return { document, answer: host()['host/fs/save'](params, context) };
  }

  it('saves at a click on its first button', async () => {
    const { document, answer } = await asked('a.txt');
    await waitFor(
      async () => {
        if (document.isDirty) await vscode.commands.executeCommand('notification.acceptPrimaryAction');
        return !document.isDirty;
      },
      { what: 'the saving' },
    );
    assert.deepEqual(await answer, { saved: [uriText('a.txt')] });
    assert.equal((await bytesOf(at('a.txt'))).toString(), 'mine one\n');
  });

  it('saves nothing when it is closed', async () => {
    const { document, answer } = await asked('a.txt');
    let isOver = false;
    const result = Promise.resolve(answer).finally(() => {
      isOver = true;
    });
    await waitFor(
      async () => {
        if (!isOver) await vscode.commands.executeCommand('notifications.clearAll');
        return isOver;
      },
      { what: 'the answer' },
    );
    assert.deepEqual([await result, document.isDirty], [{ saved: [] }, true]);
  });

  it('is moot when the turn ends: a late click saves nothing', async () => {
    const { document, answer } = await asked('a.txt');
    parts().saveQuestions.endTurn('t', 'another');
    assert.equal(parts().saveQuestions.size, 1);
    parts().saveQuestions.endTurn('t', 'u');
    assert.deepEqual([await answer, parts().saveQuestions.size], [{ saved: [] }, 0]);
    await vscode.commands.executeCommand('notification.acceptPrimaryAction');
    assert.equal(document.isDirty, true);
    assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\n');
  });

  it('ends with a turn that is interrupted', async () => {
    await put('a.txt', 'one\ntwo\n');
    await type(await open('a.txt'), 'mine ');
    const model = await startModel(parts(), {
      script: [
        { freeform: 'apply_patch', input: patch(updateFile(at('a.txt'), 'two', 'TWO')) },
        { call: 'exec_command', args: { cmd: 'make it' } },
        { text: 'Done.' },
      ],
    });
    stop = model.stop;
    await parts().controller.setMode('auto');
    await parts().controller.send('change it', []);
    await waitFor(() => parts().saveQuestions.size === 1, { what: 'the question' });
    await parts().threads.interrupt();
    await stateWhere(parts(), 'the end', (state) => state.thread?.turns[0]?.status === 'interrupted');
    assert.equal(parts().saveQuestions.size, 0);
    assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\ntwo\n');
  });
});
