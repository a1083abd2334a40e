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

  it('saves nothing when it is closed, where no panel shows its thread', async () => {
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

  it('is over when the user has saved meanwhile', async () => {
    const { document, answer } = await asked('a.txt');
    assert.equal(await document.save(), true);
    assert.deepEqual([await answer, parts().saveQuestions.size], [{ saved: [uriText('a.txt')] }, 0]);
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

  /** A turn that has come to the question, in the thread that the panel shows. */
  async function askedInTurn() {
    await put('a.txt', 'one\ntwo\n');
    const document = await open('a.txt');
    await type(document, 'mine ');
    const model = await startModel(parts(), {
      script: [
        { freeform: 'apply_patch', input: patch(updateFile(at('a.txt'), 'two', 'TWO')) },
        { call: 'exec_command', args: { cmd: `cat ${at('a.txt')}` } },
        { text: 'Done.' },
      ],
    });
    stop = model.stop;
    await parts().controller.setMode('auto');
    await parts().controller.send('change it', []);
    const state = await stateWhere(parts(), 'the card', ({ thread }) => thread?.extras.saves.length === 1);
    const [card] = state.thread?.extras.saves ?? [];
    assert.ok(card);
    return { document, card };
  }

  const shown = () => parts().store.state.thread?.extras.saves;
  const output = () => {
    const ran = parts().store.state.thread?.items.findLast(({ item }) => item.type === 'commandExecution')?.item;
    return ran?.type === 'commandExecution' ? ran.aggregatedOutput : null;
  };
  const ended = (status: string) =>
    stateWhere(parts(), 'the end', (state) => state.thread?.turns[0]?.status === status);

  it('is a card of its thread, which saves and lets the command run', async () => {
    const { document, card } = await askedInTurn();
    const files = [{ label: at('a.txt'), path: document.uri.fsPath }];
    assert.deepEqual([card.files, card.command.includes('cat')], [files, true]);
    // Closed, the message leaves the question where the panel has it.
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.deepEqual(parts().store.snapshot().thread?.extras.saves, [card]);
    parts().controller.handle({ type: 'answerSave', id: card.id, save: true });
    await ended('completed');
    assert.deepEqual([shown(), document.isDirty, output()], [[], false, 'mine one\nTWO\n']);
  });

  it('is a card that lets the command run on what is saved', async () => {
    const { document, card } = await askedInTurn();
    parts().controller.handle({ type: 'answerSave', id: card.id, save: false });
    await ended('completed');
    assert.deepEqual([shown(), document.isDirty, output()], [[], true, 'one\ntwo\n']);
    parts().controller.handle({ type: 'answerSave', id: card.id, save: true });
    assert.equal(document.isDirty, true);
  });

  it('comes back with its thread', async () => {
    const { card } = await askedInTurn();
    const threadId = parts().threads.threadId ?? '';
    parts().threads.newThread();
    await stateWhere(parts(), 'no thread', ({ thread }) => thread === null);
    await parts().threads.resume(threadId);
    await stateWhere(parts(), 'the card', ({ thread }) => thread?.extras.saves.length === 1);
    assert.deepEqual(shown(), [card]);
  });

  it('ends with a turn that is interrupted', async () => {
    await askedInTurn();
    await parts().threads.interrupt();
    await ended('interrupted');
    assert.deepEqual([parts().saveQuestions.size, shown()], [0, []]);
    assert.equal((await bytesOf(at('a.txt'))).toString(), 'one\ntwo\n');
  });
});
