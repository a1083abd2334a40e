import assert from 'node:assert/strict';
import { approval, CWD, command, thread, turn, user, view } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
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

const asking = (more = {}) =>
  withThread(
    thread({
      turns: [turn('u1', 'inProgress')],
      items: [
        view('u1', user('m1', 'Publish')),
        view('u1', command('c1', 'npm publish', { status: 'inProgress', exitCode: null, durationMs: null }), false),
      ],
      approvals: [approval('c1', { command: 'npm publish', cwd: CWD, ...more })],
    }),
  );

describe('approvals', () => {
  const cases = [
    ['Accept', 'accept'],
    ['Accept for session', 'acceptForSession'],
    ['Reject', 'decline'],
    ['Reject and stop', 'cancel'],
  ] as const;
  for (const [label, decision] of cases) {
    it(`${label} sends ${decision} and gives the focus back to the composer`, () => {
      const panel = renderPanel(asking());
      focus(button('Reject'));
      click(button(label));
      assert.deepEqual(panel.sent(), [{ type: 'decide', approvalId: 'approval-c1', decision }]);
      assert.equal(focusedName(), 'Message Gantry');
    });
  }

  it('offers only what the agent takes, in tab order', () => {
    renderPanel(asking({ decisions: ['accept', 'cancel'] }));
    const group = screen.getByRole('group', { name: 'Decision' });
    assert.deepEqual(
      within(group)
        .getAllByRole('button')
        .map((one) => [one.textContent, one.tabIndex]),
      [
        ['Accept', 0],
        ['Reject and stop', 0],
      ],
    );
  });

  it('hides nothing of what is asked: marks that turn text round, gaps, a shell of the workspace, whose words the reason is', () => {
    const asked = `./bash -lc 'npm test${'\n'.repeat(200)}rm -rf / #\u202e'`;
    renderPanel(
      withThread(
        thread({
          turns: [turn('u1', 'inProgress')],
          items: [
            view('u1', user('m1', 'Test')),
            view('u1', command('c1', asked, { status: 'inProgress', exitCode: null, durationMs: null }), false),
          ],
          approvals: [
            approval('c1', { command: asked, cwd: `${CWD}/a\n\u202eb`, reason: 'It runs inside\u202e the sandbox.' }),
          ],
        }),
      ),
    );
    const shown = document.querySelector('.command-line pre')?.textContent;
    const said = [...document.querySelectorAll('.approval-reason')].map((one) => one.textContent);
    assert.deepEqual(
      [shown, said],
      [
        "$ ./bash -lc 'npm test\n⟨199 empty lines⟩\nrm -rf / #⟨U+202E⟩'",
        ['Reason given: It runs inside⟨U+202E⟩ the sandbox.', 'In folder a⟨U+000A⟩⟨U+202E⟩b'],
      ],
    );
  });

  it('says why, where, and that it leaves the sandbox', () => {
    const panel = renderPanel(asking({ reason: 'Needs the network.', cwd: `${CWD}/packages/a`, unsandboxed: true }));
    const card = screen.getByRole('region', { name: 'Approval: run npm publish outside the sandbox' });
    for (const text of [
      /Needs the network\./,
      /In folder/,
      /Runs outside the sandbox: it can change any of your files/,
    ])
      within(card).getByText(text);
    assert.equal(panel.announced(), 'Approval needed: run npm publish outside the sandbox.');
  });

  it('answers to Ctrl+Enter and Ctrl+Backspace', () => {
    const panel = renderPanel(asking());
    press(panel.composer(), 'Enter', { ctrlKey: true });
    press(document.body, 'Backspace', { metaKey: true });
    assert.deepEqual(
      panel.sent().map((message) => message.type === 'decide' && message.decision),
      ['accept', 'decline'],
    );
  });

  it('never decides by a key while something is being typed', () => {
    const panel = renderPanel(asking());
    type(panel.composer(), 'wait');
    press(panel.composer(), 'Backspace', { ctrlKey: true });
    press(panel.composer(), 'Enter', { ctrlKey: true });
    assert.deepEqual(panel.sent(), [{ type: 'send', text: 'wait', attachmentIds: [] }]);
  });

  it('shows the files of an edit, opens the native diff and reminds of what is out of sight', () => {
    const panel = renderPanel(STATES['ask-file']);
    click(button('Open diff of src/price.ts'));
    click(button(/^Waiting for you: change src\/price\.ts and 1 more file/));
    assert.deepEqual(panel.sent(), [{ type: 'openDiff', itemId: 'f1', path: `${CWD}/src/price.ts` }]);
    assert.equal(focusedName(), 'Accept');
  });

  it('says which files are decided already, and asks about those left', () => {
    const files = [
      { path: `${CWD}/a.ts`, label: 'a.ts', kind: 'update' as const, decided: 'accepted' as const },
      { path: `${CWD}/b.ts`, label: 'b.ts', kind: 'update' as const },
    ];
    renderPanel(
      withThread(
        thread({
          turns: [turn('u1', 'inProgress')],
          approvals: [approval('gone', { kind: 'fileChange', command: null, files })],
        }),
      ),
    );
    screen.getByText('Apply the change to the 1 file left?');
    screen.getByText('a.ts accepted; nothing is written before all are decided.');
  });

  it('shows an approval whose item is not there', () => {
    renderPanel(
      withThread(thread({ turns: [turn('u1', 'inProgress')], approvals: [approval('gone', { command: 'ls' })] })),
    );
    within(screen.getByRole('region', { name: 'Approval: run ls' })).getByText('ls');
  });

  it('is gone when it was answered elsewhere', () => {
    const panel = renderPanel(asking());
    panel.patch({ op: 'approvalGone', threadId: 't1', id: 'approval-c1' });
    assert.ok(!screen.queryByRole('button', { name: 'Accept' }));
  });
});
