import assert from 'node:assert/strict';
import type { AnyThreadItem } from '../../agent-core/protocol/index.ts';
import { reviewText } from '../../webview/bridge/attachment-text.ts';
import type { ItemView } from '../../webview/bridge/panel-state.ts';
import {
  agent,
  CWD,
  change,
  command,
  files,
  reasoning,
  thread,
  turn,
  unknownItem,
  user,
  view,
} from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, cleanup, click, renderPanel, screen, within, withThread } from './support/panel.tsx';

const show = (item: AnyThreadItem, done = true) =>
  renderPanel(
    withThread(thread({ turns: [turn('u1', done ? 'completed' : 'inProgress')], items: [view('u1', item, done)] })),
  );

const row = (name: string) => screen.getByRole('article', { name });

describe('cards', () => {
  it('user message: a heading for each turn, chips that open their file', () => {
    const panel = renderPanel(STATES.done);
    screen.getByRole('heading', { level: 2, name: 'You asked: The price test fails. Find out why and fix it.' });
    click(within(screen.getByRole('list', { name: 'Attached' })).getByRole('button', { name: 'price.ts:9-14' }));
    assert.deepEqual(panel.sent(), [{ type: 'openFile', path: `${CWD}/src/price.ts`, line: 9 }]);
  });

  it('user message: what was undone in the agent’s work is a chip that says all of it', () => {
    const told = '- a.ts: taken back by the user';
    show(user('m1', `${reviewText(told)}\n\nGo on.`));
    screen.getByRole('heading', { level: 2, name: 'You asked: Go on.' });
    within(screen.getByRole('list', { name: 'Attached' })).getByTitle(told);
  });

  it('agent message: Markdown, whose links and places go to the host', () => {
    const panel = show(
      agent('a1', 'See [docs](https://example.com/), `src/a.ts:12` and\n\n```ts\nlet a;\n```', 'final_answer'),
    );
    click(screen.getByRole('link', { name: 'docs' }));
    click(screen.getByRole('link', { name: 'src/a.ts:12' }));
    click(button('Copy code'));
    click(button('Copy answer'));
    assert.deepEqual(
      panel.sent().map(({ type, ...rest }) => [type, Object.values(rest)[0]]),
      [
        ['openLink', 'https://example.com/'],
        ['openFile', 'src/a.ts'],
        ['copy', 'let a;'],
        ['copy', 'See [docs](https://example.com/), `src/a.ts:12` and\n\n```ts\nlet a;\n```'],
      ],
    );
  });

  it('reasoning: a closed line with its newest headline; nothing while it is empty', () => {
    show(reasoning('r1', '**First**\n\ntext', '**Then this**\n\nmore'));
    const line = screen.getByRole('button', { name: 'Thought: Then this' });
    assert.equal(line.getAttribute('aria-expanded'), 'false');
    click(line);
    assert.match(row('Reasoning').textContent ?? '', /more/);
  });

  it('running command: live output and a Stop that is its own', () => {
    const panel = show(
      command('c1', 'npm test', {
        status: 'inProgress',
        exitCode: null,
        durationMs: null,
        aggregatedOutput: '\u001b[32mok\u001b[0m 1\n',
      }),
      false,
    );
    screen.getByRole('button', { name: 'Command npm test, running' });
    assert.equal(screen.getByRole('region', { name: 'Output of npm test' }).textContent, 'ok 1');
    click(button('Stop command'));
    assert.deepEqual(panel.sent(), [{ type: 'stopCommand', itemId: 'c1' }]);
  });

  it('failed command: open, with exit code and duration', () => {
    show(command('c1', 'false', { status: 'failed', exitCode: 3, durationMs: 2310 }));
    screen.getByRole('button', { name: 'Command false, failed with exit code 3, 2.3 s' });
    screen.getByText('No output.');
  });

  it('finished command: a closed line that opens to its output', () => {
    const panel = show(command('c1', 'ls', { cwd: `${CWD}/src`, aggregatedOutput: 'a.ts\n' }));
    click(screen.getByRole('button', { name: 'Command ls, succeeded, 1.2 s' }));
    screen.getByText('in src');
    click(button('Copy output'));
    assert.deepEqual(panel.sent(), [{ type: 'copy', text: 'a.ts\n' }]);
  });

  it('long output: the end first, all on request', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`).join('\n');
    show(command('c1', 'seq', { status: 'failed', exitCode: 1, aggregatedOutput: lines }));
    const output = () => screen.getByRole('region', { name: 'Output of seq' }).textContent ?? '';
    assert.ok(output().startsWith('line 300\n') && output().endsWith('line 499'));
    click(button('Show all (300 earlier lines)'));
    assert.equal(output(), lines);
  });

  it('a command that was stopped has not failed, and shows what it printed', () => {
    show(command('c1', 'sleep 9', { status: 'failed', exitCode: null, aggregatedOutput: 'up\n' }));
    screen.getByRole('button', { name: 'Command sleep 9, stopped, 1.2 s' });
    assert.equal(screen.getByRole('region', { name: 'Output of sleep 9' }).textContent, 'up');
  });

  it('a change that nobody decided is not said to be rejected by the person', () => {
    renderPanel(
      withThread(thread({ turns: [turn('u1', 'interrupted')], items: [view('u1', files('f1', [], 'declined'))] })),
    );
    screen.getByText('The turn ended before this was accepted; nothing was written.');
  });

  it('a search without a match has not failed', () => {
    show(
      command('c1', 'grep -rn TODO .', {
        status: 'failed',
        exitCode: 1,
        commandActions: [{ type: 'search', command: 'grep -rn TODO .', query: 'TODO', path: '.' }],
      }),
    );
    screen.getByRole('button', { name: 'Searched TODO in ., no match, 1.2 s' });
  });

  it('rejected command and looking around say so', () => {
    show(command('c1', 'rm -rf build', { status: 'declined', exitCode: null, durationMs: null }));
    screen.getByRole('button', { name: 'Command rm -rf build, rejected, not run' });
    cleanup();
    show(
      command('c2', 'cat a.ts', {
        commandActions: [{ type: 'read', command: 'cat a.ts', name: 'a.ts', path: `${CWD}/a.ts` }],
      }),
    );
    screen.getByRole('button', { name: 'Read a.ts, succeeded, 1.2 s' });
  });

  it('file change: files with counts, a diff and ways to the editor', () => {
    const panel = show(
      files('f1', [change('src/a.ts', '@@ -1 +1 @@\n-let a = 1;\n+let b = 1;\n'), change('new.txt', 'x\n', 'add')]),
    );
    const list = screen.getByRole('list', { name: 'Edited 2 files' });
    within(list).getByRole('button', { name: 'src/a.ts, modified, 1 added, 1 removed' });
    within(list).getByRole('button', { name: 'new.txt, new file, 1 added, 0 removed' });
    assert.equal(
      screen.getByRole('region', { name: 'Changes of src/a.ts' }).textContent,
      // Both number columns (the narrow one shows the old number of a removed line), then the spoken line.
      '11−1 removed: let a = 1;1+1 added: let b = 1;',
    );
    click(button('Open diff of src/a.ts'));
    click(button('Open new.txt'));
    assert.deepEqual(panel.sent(), [
      { type: 'openDiff', itemId: 'f1', path: `${CWD}/src/a.ts` },
      { type: 'openFile', path: `${CWD}/new.txt`, line: null },
    ]);
  });

  it('every other known item has a card with words', () => {
    for (const { item } of STATES.cards?.thread?.items ?? []) {
      if (item.id === 'x1') continue;
      show(item);
      const [card] = screen.getAllByRole('article');
      assert.notEqual(card?.getAttribute('aria-label'), 'Step', item.id);
      assert.match(card?.textContent ?? '', /[a-z]{3}/i, item.id);
      cleanup();
    }
  });

  it('unknown item: named, and shown as it came', () => {
    show(unknownItem({ type: 'hologramView', id: 'x1', size: 3 }));
    click(screen.getByRole('button', { name: 'Hologram view' }));
    assert.match(screen.getByRole('region', { name: 'The item as it came' }).textContent ?? '', /"size": 3/);
  });

  it('error: what happened and what to do', () => {
    const panel = renderPanel(STATES.failed);
    const card = screen.getByRole('region', { name: 'Error' });
    within(card).getByText(/refused the key \(401\)/);
    click(within(card).getByRole('button', { name: 'Set API Key' }));
    assert.deepEqual(panel.sent(), [{ type: 'command', command: 'gantry.setApiKey' }]);
  });

  it('plan strip: the current step, opening to all', () => {
    renderPanel(STATES.running);
    const strip = screen.getByRole('region', { name: 'Plan' });
    click(within(strip).getByRole('button', { name: /^Round tax per line ?2 of 4$/ }));
    assert.deepEqual(
      within(strip)
        .getAllByRole('listitem')
        .map((item) => item.textContent?.slice(1)),
      [
        'Run the tests, done',
        'Find the rounding mistake, done',
        'Round tax per line, in progress',
        'Run the tests again and write the changelog, to do',
      ],
    );
  });

  it('turn end and retry line', () => {
    renderPanel(STATES.retrying);
    assert.match(row('Working').textContent ?? '', /Reconnecting… 1\/2/);
  });
});

describe('the list', () => {
  const rows = () => screen.getAllByRole('article');

  it('renders few rows of 5,000 and numbers them all', () => {
    renderPanel(STATES.long);
    assert.ok(rows().length < 40, `${rows().length} rows`);
    assert.equal(rows()[0]?.getAttribute('aria-setsize'), '5500');
    assert.equal(rows().at(-1)?.getAttribute('aria-posinset'), '5500');
  });

  it('goes from row to row with the arrow keys', () => {
    renderPanel(STATES.done);
    const feed = screen.getByRole('feed', { name: 'Conversation' });
    assert.equal(feed.tabIndex, 0);
    assert.ok(rows().every((one) => one.tabIndex === -1));
  });

  it('renders only the card whose text grew', () => {
    const items: ItemView[] = [
      view('u1', user('m1', 'Hi')),
      view('u1', agent('a1', 'One.')),
      view('u1', agent('a2', 'Two'), false),
    ];
    const panel = renderPanel(withThread(thread({ turns: [turn('u1', 'inProgress')], items })));
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((list) => records.push(...list));
    observer.observe(screen.getByRole('feed'), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    panel.patch({ op: 'delta', threadId: 't1', itemId: 'a2', field: 'text', index: 0, text: ' three' });
    records.push(...observer.takeRecords());
    observer.disconnect();
    const touched = new Set(
      records.map(
        ({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('article')?.dataset.index,
      ),
    );
    assert.deepEqual([...touched], ['2']);
    assert.match(rows()[2]?.textContent ?? '', /Two three/);
  });
});
