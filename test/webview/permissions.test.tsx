import assert from 'node:assert/strict';
import { approval, CWD, command, thread, turn, user, view } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, click, renderPanel, screen, within, withThread } from './support/panel.tsx';

const names = (group: HTMLElement) =>
  within(group)
    .getAllByRole('button')
    .map((one) => one.textContent);

describe('a question about a host', () => {
  it('can be answered once, for the session and for good', () => {
    const panel = renderPanel(STATES['ask-host']);
    assert.equal(panel.announced(), 'Approval needed: reach registry.npmjs.org.');
    const card = screen.getByRole('region', { name: 'Approval: reach registry.npmjs.org' });
    within(card).getByText('Let this command reach registry.npmjs.org?');
    within(card).getByText('The command is running and waits for you. Nothing but this host is opened.');
    screen.getByText('Wants to reach a host');
    assert.equal(within(card).queryByText(/outside the sandbox/), null);
    assert.deepEqual(names(within(card).getByRole('group', { name: 'Decision' })), [
      'Allow once',
      'Allow for session',
      'Always allow this host',
      'Decline',
      'Never allow',
      'Decline and stop',
    ]);
    click(button('Always allow this host'));
    click(button('Never allow'));
    assert.deepEqual(
      panel.sent().map((message) => message.type === 'decide' && message.decision),
      ['acceptAlways', 'declineAlways'],
    );
  });
});

describe('a command that a rule could allow', () => {
  it('offers to write it', () => {
    const panel = renderPanel(
      withThread(
        thread({
          turns: [turn('u1', 'inProgress')],
          items: [view('u1', user('m1', 'Publish')), view('u1', command('c1', 'npm publish --dry-run'), false)],
          approvals: [
            approval('c1', {
              command: 'npm publish --dry-run',
              cwd: CWD,
              rule: ['npm', 'publish'],
              decisions: ['accept', 'acceptForSession', 'acceptAlways', 'decline', 'cancel'],
            }),
          ],
        }),
      ),
    );
    click(button('Always allow npm publish'));
    assert.deepEqual(panel.sent(), [{ type: 'decide', approvalId: 'approval-c1', decision: 'acceptAlways' }]);
  });
});

describe('a question for more permissions', () => {
  it('says in words what is asked for, and for how long it may hold', () => {
    const panel = renderPanel(STATES['ask-permissions']);
    const card = screen.getByRole('region', {
      name: /^Approval: more permissions: Use the network, Write \.\.\/cache$/,
    });
    within(card).getByText('Give Gantry more permissions?');
    assert.deepEqual(
      within(within(card).getByRole('list', { name: 'Permissions' }))
        .getAllByRole('listitem')
        .map((one) => one.textContent),
      ['Use the network', 'Write ../cache'],
    );
    assert.deepEqual(names(within(card).getByRole('group', { name: 'Decision' })), [
      'Allow for this turn',
      'Allow for session',
      'Decline',
    ]);
    click(button('Allow for session'));
    assert.deepEqual(panel.sent(), [{ type: 'decide', approvalId: 'approval-p1', decision: 'acceptForSession' }]);
  });
});

describe('what was blocked', () => {
  it('is named with its certainty, and offers the least that would let it pass', () => {
    const panel = renderPanel(STATES['blocked-by-sandbox']);
    const [exact, probable] = screen.getAllByRole('region', { name: 'Blocked by the sandbox' });
    assert.ok(exact && probable);
    assert.equal(within(exact).queryByText('Probably:'), null);
    within(exact).getByText('Blocked by the sandbox: the host registry.npmjs.org was not allowed.');
    within(probable).getByText('Probably blocked by the sandbox: writing /home/ada/projects/cache/stamp.');
    const offers = within(probable).getAllByRole('button');
    assert.deepEqual(
      offers.map((offer) => [offer.textContent, offer.title]),
      [
        ['Let commands and edits write to /home/ada/projects/cache', 'Holds while this thread is open; Gantry is told'],
        ['Run this command once outside the sandbox', 'For this command alone; Gantry is told'],
      ],
    );
    click(within(exact).getByRole('button', { name: 'Let commands reach registry.npmjs.org' }));
    assert.deepEqual(panel.sent(), [{ type: 'grant', itemId: 'c1', blocked: 0, offer: 0 }]);
  });

  it('stands behind which files a command did not see as they are in the editor', () => {
    const panel = renderPanel(STATES['blocked-by-sandbox']);
    const notes = () => [...document.querySelectorAll('.stale-note > :last-child')].map((note) => note.textContent);
    assert.deepEqual(notes(), [
      'Ran on files as they were saved, not as you see them: package.json has unsaved changes.',
    ]);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${CWD}/src/${name}.ts`);
    panel.patch({ op: 'extras', threadId: 't1', values: { stale: { c2: names } } });
    assert.deepEqual(notes(), [
      'Ran on files as they were saved, not as you see them: src/a.ts, src/b.ts, src/c.ts, src/d.ts, src/e.ts and 1 more have unsaved changes.',
    ]);
  });

  it('is marked as a guess also where the message does not say so', () => {
    const panel = renderPanel(STATES['blocked-by-sandbox']);
    const one = { message: 'the sandbox kept it from writing.', certainty: 'probably' as const, offers: [] };
    panel.patch({ op: 'extras', threadId: 't1', values: { blocked: { c1: [one] } } });
    screen.getByText('Probably:');
  });

  it('says what holds once it was granted', () => {
    const panel = renderPanel(STATES['blocked-by-sandbox']);
    panel.patch({
      op: 'extras',
      threadId: 't1',
      values: {
        blocked: {
          c1: [
            {
              message: 'Blocked by the sandbox: the host registry.npmjs.org was not allowed.',
              certainty: 'exact',
              offers: [
                { label: 'Let commands reach registry.npmjs.org', granted: 'Commands may reach registry.npmjs.org.' },
              ],
            },
          ],
        },
      },
    });
    screen.getByText('Commands may reach registry.npmjs.org.');
    assert.equal(screen.queryByRole('button', { name: 'Let commands reach registry.npmjs.org' }), null);
  });
});
