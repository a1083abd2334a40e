import assert from 'node:assert/strict';
import { agent, approval, thread, turn, user, view } from './gallery/items.ts';
import { HISTORY, READY, STATES } from './gallery/states.ts';
import {
  button,
  click,
  focus,
  focusedName,
  press,
  renderPanel,
  screen,
  type,
  within,
  withThread,
} from './support/panel.tsx';

const idle = withThread(thread({ name: 'Prices', turns: [turn('u1')], items: [view('u1', user('m1', 'Hi'))] }));

describe('live region', () => {
  it('is one, and says when a turn begins and ends, never what streams', () => {
    const panel = renderPanel(idle);
    assert.equal(document.querySelectorAll('[aria-live]').length, 1);
    assert.equal(panel.announced(), '');
    panel.patch({ op: 'turn', threadId: 't1', turn: turn('u2', 'inProgress') });
    assert.equal(panel.announced(), 'Gantry is working.');
    panel.patch({ op: 'item', threadId: 't1', item: view('u2', agent('a1', 'Hel'), false) });
    panel.patch({ op: 'delta', threadId: 't1', itemId: 'a1', field: 'text', index: 0, text: 'lo' });
    assert.equal(panel.announced(), 'Gantry is working.');
    panel.patch({ op: 'turn', threadId: 't1', turn: turn('u2', 'completed', { durationMs: 12_400 }) });
    assert.equal(panel.announced(), 'Gantry has finished after 12 seconds.');
  });

  it('says what needs approval, what failed, and that the agent is back', () => {
    const panel = renderPanel(idle);
    panel.patch({ op: 'approval', threadId: 't1', approval: approval('c1', { command: "/bin/bash -lc 'npm test'" }) });
    assert.equal(panel.announced(), 'Approval needed: run npm test.');
    panel.patch({ op: 'turn', threadId: 't1', turn: turn('u2', 'failed', { error: { message: 'No network.' } }) });
    assert.equal(panel.announced(), 'The turn failed: No network.');
    panel.patch({ op: 'set', values: { core: { status: 'restarting', message: null } } });
    panel.patch({ op: 'set', values: { core: { status: 'ready', message: null } } });
    assert.equal(panel.announced(), 'The agent is back.');
  });
});

describe('landmarks', () => {
  it('are the title, the thread and the composer', () => {
    renderPanel(idle);
    screen.getByRole('banner');
    screen.getByRole('heading', { level: 1, name: 'Prices' });
    screen.getByRole('main', { name: 'Thread' });
    screen.getByRole('region', { name: 'Composer' });
  });
});

describe('header', () => {
  it('starts a thread, opens the history and renames with F2', () => {
    const panel = renderPanel(idle);
    click(button('New thread'));
    click(button('History'));
    press(button('Prices'), 'F2');
    const field = screen.getByRole('textbox', { name: 'Thread name' });
    type(field, ' Money ');
    press(field, 'Enter');
    assert.deepEqual(panel.sent(), [
      { type: 'newThread' },
      { type: 'listThreads', cursor: null, search: null },
      { type: 'renameThread', threadId: 't1', name: 'Money' },
    ]);
    assert.equal(focusedName(), 'Prices');
  });

  it('gives up a rename with Esc', () => {
    const panel = renderPanel(idle);
    press(button('Prices'), 'F2');
    press(screen.getByRole('textbox', { name: 'Thread name' }), 'Escape');
    assert.deepEqual(panel.sent(), []);
  });
});

describe('empty thread', () => {
  it('offers three ways to begin', () => {
    const panel = renderPanel();
    const examples = within(screen.getByRole('list', { name: 'Examples' })).getAllByRole('button');
    assert.equal(examples.length, 3);
    click(examples[0] as HTMLElement);
    assert.deepEqual(panel.sent(), [{ type: 'send', text: 'Run the tests and fix what fails', attachmentIds: [] }]);
  });

  it('offers the demo model only what it understands', () => {
    renderPanel(STATES.demo);
    const examples = within(screen.getByRole('list', { name: 'Examples' })).getAllByRole('button');
    assert.deepEqual(
      examples.map((example) => example.textContent?.replace(/^\W+/, '')),
      ['Run the tests and fix what fails', 'Find TODO', 'run: git log --oneline -5'],
    );
  });
});

describe('notices', () => {
  it('lead to what helps', () => {
    const panel = renderPanel(STATES['core-failed']);
    click(button('Restart'));
    click(button('Show Log'));
    assert.deepEqual(panel.sent(), [
      { type: 'command', command: 'gantry.restartAgent' },
      { type: 'command', command: 'gantry.showLog' },
    ]);
  });
});

describe('history', () => {
  const open = () => renderPanel(STATES.history);
  const list = () => within(screen.getByRole('list', { name: 'Threads' }));

  it('lists threads, marks the current one and resumes', () => {
    const panel = open();
    assert.equal(focusedName(), 'Search threads');
    assert.equal(
      list()
        .getByRole('button', { name: /^Fix the failing price test/, current: true })
        .textContent?.includes('running'),
      true,
    );
    click(list().getByRole('button', { name: /^Dark mode/ }));
    click(button('Load more'));
    assert.deepEqual(panel.sent(), [
      { type: 'resumeThread', threadId: 't4' },
      { type: 'listThreads', cursor: 'more', search: null },
    ]);
  });

  it('moves with the arrow keys from the field through the list', () => {
    open();
    const field = screen.getByRole('searchbox', { name: 'Search threads' });
    press(field, 'ArrowDown');
    assert.match(focusedName(), /^Fix the failing/);
    press(document.activeElement as Element, 'ArrowDown');
    assert.match(focusedName(), /^Explain how/);
    press(document.activeElement as Element, 'ArrowUp');
    press(document.activeElement as Element, 'ArrowUp');
    assert.equal(focusedName(), 'Search threads');
  });

  it('deletes only after a question, which begins at Keep', () => {
    const panel = open();
    click(button('Delete Dark mode'));
    assert.equal(focusedName(), 'Keep');
    click(button('Keep'));
    assert.match(focusedName(), /^Dark mode/);
    press(document.activeElement as Element, 'Delete');
    click(within(screen.getByRole('group', { name: 'Delete Dark mode?' })).getByRole('button', { name: 'Delete' }));
    assert.deepEqual(panel.sent(), [{ type: 'deleteThread', threadId: 't4' }]);
  });

  it('renames and archives', () => {
    const panel = open();
    click(button('Archive Dark mode'));
    click(button('Rename Dark mode'));
    const field = screen.getByRole('textbox', { name: 'Thread name' });
    type(field, 'Night');
    press(field, 'Enter');
    assert.deepEqual(panel.sent(), [
      { type: 'archiveThread', threadId: 't4' },
      { type: 'renameThread', threadId: 't4', name: 'Night' },
    ]);
  });

  it('closes with Esc', () => {
    const panel = open();
    press(screen.getByRole('searchbox', { name: 'Search threads' }), 'Escape');
    assert.deepEqual(panel.sent(), [{ type: 'closeHistory' }]);
    panel.patch({ op: 'set', values: { history: null } });
    assert.equal(focusedName(), 'Message Gantry');
  });

  it('says when there is nothing, and what went wrong', () => {
    const panel = renderPanel(STATES['history-empty']);
    screen.getByText(/^No threads yet\./);
    panel.patch({ op: 'set', values: { history: { ...HISTORY, threads: [], error: 'The list could not be read.' } } });
    screen.getByText('The list could not be read.');
  });

  it('keeps approvals from being answered unseen', () => {
    const state = {
      ...READY,
      history: HISTORY,
      thread: thread({ turns: [turn('u1', 'inProgress')], approvals: [approval('c1')] }),
    };
    const panel = renderPanel(state);
    focus(button('New thread'));
    press(button('New thread'), 'Enter', { ctrlKey: true });
    assert.deepEqual(panel.sent(), []);
  });
});
