import assert from 'node:assert/strict';
import { CWD, command, thread, turn, user, view } from './gallery/items.ts';
import { READY, STATES } from './gallery/states.ts';
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

const running = withThread(thread({ turns: [turn('u1', 'inProgress')], items: [view('u1', user('m1', 'Fix it'))] }));

describe('composer', () => {
  it('sends with Enter, with its attachments, and empties itself', () => {
    const panel = renderPanel(STATES.attached);
    type(panel.composer(), 'Explain this');
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'send', text: 'Explain this', attachmentIds: ['x', 'y'] }]);
    assert.equal(panel.composer().value, '');
  });

  it('breaks the line with Shift+Enter and waits for the input method', () => {
    const panel = renderPanel();
    type(panel.composer(), 'a');
    assert.equal(press(panel.composer(), 'Enter', { shiftKey: true }), true);
    press(panel.composer(), 'Enter', { isComposing: true });
    press(panel.composer(), 'Enter', { keyCode: 229 });
    assert.deepEqual(panel.sent(), []);
  });

  it('does not send blanks', () => {
    const panel = renderPanel();
    type(panel.composer(), '  \n');
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), []);
    assert.equal((button('Send') as HTMLButtonElement).disabled, true);
  });

  it('shows what was sent until the thread has it', () => {
    const panel = renderPanel(running);
    type(panel.composer(), 'Use tabs');
    click(button('Steer'));
    screen.getByText('Sending…');
    panel.patch({ op: 'item', threadId: 't1', item: view('u1', user('m2', 'Use tabs')) });
    assert.ok(!screen.queryByText('Sending…'));
    assert.equal(screen.getAllByText('Use tabs').length, 1);
  });

  it('says when what was added waits for a command', () => {
    const panel = renderPanel(running);
    const item = command('c9', 'sleep 60', { status: 'inProgress', exitCode: null, durationMs: null });
    panel.patch({ op: 'item', threadId: 't1', item: view('u1', item, false) });
    type(panel.composer(), 'Use tabs');
    click(button('Steer'));
    screen.getByText('Gantry reads it when the command has ended');
  });

  it('steers and stops while a turn runs', () => {
    const panel = renderPanel(running);
    assert.ok(!screen.queryByRole('button', { name: 'Steer' }));
    type(panel.composer(), 'Use tabs');
    click(button('Steer'));
    click(button('Stop'));
    press(panel.composer(), 'Escape');
    assert.deepEqual(panel.sent(), [
      { type: 'send', text: 'Use tabs', attachmentIds: [] },
      { type: 'interrupt' },
      { type: 'interrupt' },
    ]);
  });

  it('leaves Esc alone while nothing runs', () => {
    const panel = renderPanel();
    press(panel.composer(), 'Escape');
    assert.deepEqual(panel.sent(), []);
  });

  it('recalls the last message with the arrow up, without its attachments', () => {
    const text = '<attachment path="src/a.ts" lines="1-2">\ncode\n</attachment>\n\nWhat is this?';
    const panel = renderPanel(withThread(thread({ turns: [turn('u1')], items: [view('u1', user('m1', text))] })));
    press(panel.composer(), 'ArrowUp');
    assert.equal(panel.composer().value, 'What is this?');
    assert.equal(press(panel.composer(), 'ArrowUp'), true);
  });

  it('keeps the draft over a reload', () => {
    const first = renderPanel(READY, 'half a thou');
    assert.equal(first.composer().value, 'half a thou');
    type(first.composer(), 'half a thought');
    assert.deepEqual(first.saved(), { draft: 'half a thought' });
  });

  it('gets back what could not be sent, before what was typed since', () => {
    const panel = renderPanel();
    type(panel.composer(), 'one');
    press(panel.composer(), 'Enter');
    type(panel.composer(), 'two');
    panel.receive({ type: 'sendFailed', text: 'one', message: 'The agent is not running.' });
    assert.equal(panel.composer().value, 'one\n\ntwo');
    assert.equal(panel.announced(), 'The agent is not running.');
    click(button('Dismiss'));
  });

  it('takes a text from the host only when empty, and the focus always', () => {
    const panel = renderPanel();
    focus(button('History'));
    panel.receive({ type: 'focusComposer', text: 'Explain this' });
    assert.equal(focusedName(), 'Message Gantry');
    panel.receive({ type: 'focusComposer', text: 'Other' });
    assert.equal(panel.composer().value, 'Explain this');
  });

  it('opens and removes attachments', () => {
    const panel = renderPanel(STATES.attached);
    const list = screen.getByRole('list', { name: 'Attachments' });
    click(within(list).getByRole('button', { name: 'price.ts:9-14' }));
    click(within(list).getByRole('button', { name: 'Remove src/price.ts:9-14' }));
    assert.deepEqual(panel.sent(), [
      { type: 'openFile', path: `${CWD}/src/price.ts`, line: 9 },
      { type: 'removeAttachment', id: 'x' },
    ]);
  });

  it('says what goes along of a review, and lets it be taken off', () => {
    const place = { path: '', startLine: null, endLine: null };
    const label = 'What you undid in 1 file';
    const panel = renderPanel({ ...running, attachments: [{ ...place, id: 'review-t', kind: 'review', label }] });
    within(screen.getByRole('list', { name: 'Attachments' })).getByText(label);
    type(panel.composer(), 'Go on');
    press(panel.composer(), 'Enter');
    click(button(`Remove ${label}`));
    assert.deepEqual(panel.sent(), [
      { type: 'send', text: 'Go on', attachmentIds: ['review-t'] },
      { type: 'removeAttachment', id: 'review-t' },
    ]);
  });

  it('has a meter and a shield that say the truth', () => {
    renderPanel(STATES.failed);
    const shield = button('No sandbox');
    click(shield);
    assert.match(
      screen.getByRole('note').textContent ?? '',
      /cannot be confined here: user namespaces are turned off.*Each command needs your approval\..?Not enforced.?file writes/,
    );
  });

  it('has a shield that names first what is not enforced, is read by keys, and gives the focus back', () => {
    const sandbox = {
      level: 'landlock' as const,
      enforced: ['writes only where they are allowed'],
      missing: ['a private /tmp'],
      reason: null,
    };
    renderPanel({ ...READY, sandbox });
    const shield = button('Sandboxed in part');
    click(shield);
    const note = screen.getByRole('note');
    assert.deepEqual(
      within(note)
        .getAllByRole('list')
        .map((list) => [list.getAttribute('aria-label'), list.querySelector('li')?.lastChild?.textContent]),
      [
        ['Not enforced', 'a private /tmp'],
        ['Enforced', 'writes only where they are allowed'],
      ],
    );
    note.focus();
    assert.equal(document.activeElement, note);
    press(note, 'Escape');
    assert.deepEqual([screen.queryByRole('note'), document.activeElement], [null, shield]);
  });

  it('tells how full the context is', () => {
    renderPanel(STATES.running);
    screen.getByRole('button', { name: 'Context 66% full: 84k of 128k tokens; 210k used in this thread' });
  });
});

describe('mode picker', () => {
  it('is a listbox for the keyboard with a line on each mode', () => {
    const panel = renderPanel();
    const opener = button('Mode: Ask first');
    press(opener, 'ArrowDown');
    const list = screen.getByRole('listbox', { name: 'Mode' });
    assert.equal(focusedName(), 'Mode');
    const options = within(list).getAllByRole('option');
    assert.deepEqual(
      options.map((one) => one.querySelector('.option-label')?.textContent),
      ['Read only', 'Ask first', 'Auto edit', 'Full access'],
    );
    assert.ok(options.every((one) => (one.querySelector('.option-description')?.textContent ?? '').length > 20));
    assert.equal(list.getAttribute('aria-activedescendant'), options[1]?.id);
    press(list, 'ArrowDown');
    press(list, 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'setMode', mode: 'auto' }]);
    assert.equal(focusedName(), 'Mode: Ask first');
  });

  it('closes with Esc without stopping the turn', () => {
    const panel = renderPanel(running);
    click(button('Mode: Ask first'));
    press(screen.getByRole('listbox', { name: 'Mode' }), 'Escape');
    assert.ok(!screen.queryByRole('listbox'));
    assert.deepEqual(panel.sent(), []);
  });
});

describe('model picker', () => {
  it('groups by provider, filters and picks', () => {
    const panel = renderPanel();
    click(button('Model: GPT-5.5, OpenAI'));
    const field = screen.getByRole('combobox', { name: 'Filter models' });
    assert.equal(focusedName(), 'Filter models');
    const list = screen.getByRole('listbox', { name: 'Model' });
    assert.deepEqual(
      within(list)
        .getAllByRole('group')
        .map((group) => group.getAttribute('aria-label')),
      ['OpenAI', 'Anthropic', 'Ollama', 'Gantry'],
    );
    within(list).getByRole('option', { name: /Demo.*demo, not an AI/ });
    within(list).getByRole('option', { name: /gemma3:4b.*no tools/ });
    type(field, 'son anth');
    press(field, 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'setModel', provider: 'anthropic', model: 'claude-sonnet-5' }]);
  });

  it('says when nothing matches and leads to a key', () => {
    const panel = renderPanel();
    click(button('Model: GPT-5.5, OpenAI'));
    type(screen.getByRole('combobox'), 'zzz');
    screen.getByText('Nothing matches “zzz”.');
    click(button('Set API Key'));
    assert.deepEqual(panel.sent(), [{ type: 'command', command: 'gantry.setApiKey' }]);
  });
});
