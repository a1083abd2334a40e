import assert from 'node:assert/strict';
import { withLinks } from '../../webview/cards/review-mode.tsx';
import { ansiRuns } from '../../webview/ui/ansi.ts';
import { dollars, moneyText } from '../../webview/ui/format.ts';
import { agent, CWD, view } from './gallery/items.ts';
import { HISTORY, READY, STATES } from './gallery/states.ts';
import { button, click, press, renderPanel, screen, type, within } from './support/panel.tsx';

const beside = STATES.beside ?? READY;

describe('the context meter', () => {
  it('opens to what fills the context, what it cost, and what can be done', () => {
    const panel = renderPanel(beside);
    click(button(/^Context 18% full/));
    const popup = screen.getByRole('region', { name: 'Context' });
    assert.deepEqual(
      within(popup)
        .getAllByRole('term')
        .map((term) => [term.textContent, term.nextElementSibling?.textContent]),
      [
        ['Output of tools', '12k'],
        ['Messages', '6.3k'],
        ['Tools', '2.4k'],
        ['Instructions', '1.8k'],
        ['Project, skills, environment', '900'],
      ],
    );
    within(popup).getByText('This thread: 58k in (41k cached), 2.8k out · $0.21');
    click(within(popup).getByRole('button', { name: 'Show last prompt' }));
    click(button(/^Context 18% full/));
    click(screen.getByRole('button', { name: 'Compact' }));
    const asked = panel.sent().filter(({ type: kind }) => kind !== 'readContext');
    assert.deepEqual(asked, [
      { type: 'command', command: 'gantry.showLastPrompt' },
      { type: 'slash', name: 'compact', argument: '' },
    ]);
    assert.ok(!screen.queryByRole('region', { name: 'Context' }));
  });

  it('has parts that add up to what stands above them, however they were estimated', () => {
    const panel = renderPanel(beside);
    const parts = [
      { kind: 'instructions' as const, tokens: 1000 },
      { kind: 'messages' as const, tokens: 3000 },
      { kind: 'images' as const, tokens: 0 },
    ];
    const context = { tokens: 8000, contextWindow: 128_000, compactLimit: null, parts };
    panel.patch({ op: 'extras', threadId: 't1', values: { context } });
    click(button(/^Context 18% full/));
    const popup = screen.getByRole('region', { name: 'Context' });
    assert.match(popup.textContent ?? '', /^Context · 8\.0k of 128k tokens/);
    assert.deepEqual(
      within(popup)
        .getAllByRole('term')
        .map((term) => [term.textContent, term.nextElementSibling?.textContent]),
      [
        ['Messages', '6.0k'],
        ['Instructions', '2.0k'],
      ],
    );
  });

  it('has parts whose rounding is not seen', () => {
    const panel = renderPanel(beside);
    const parts = (['instructions', 'messages', 'tools'] as const).map((kind) => ({ kind, tokens: 100 }));
    panel.patch({
      op: 'extras',
      threadId: 't1',
      values: { context: { tokens: 500, contextWindow: null, compactLimit: null, parts } },
    });
    click(button(/^Context 18% full/));
    const popup = screen.getByRole('region', { name: 'Context' });
    const counts = within(popup)
      .getAllByRole('definition')
      .map((count) => Number(count.textContent));
    assert.deepEqual(counts, [166, 167, 167]);
  });

  it('is opened by the host, closes with Esc, and asks for fresh numbers', () => {
    const panel = renderPanel(beside);
    panel.receive({ type: 'openContext' });
    const meter = button(/^Context 18% full/);
    assert.equal(meter.getAttribute('aria-expanded'), 'true');
    assert.ok(panel.sent().some((message) => message.type === 'readContext'));
    press(meter, 'Escape');
    assert.equal(meter.getAttribute('aria-expanded'), 'false');
    assert.deepEqual(panel.sent(), []);
  });
});

describe('cost', () => {
  it('stands in the foot of a turn', () => {
    renderPanel(beside);
    screen.getByText(/^Worked for 48 s/);
    screen.getByText('· 58k in (41k cached), 2.8k out · $0.21');
  });

  it('says what is not known', () => {
    assert.deepEqual([0, 0.0004, 0.0123, 1.239].map(dollars), ['$0.000', 'less than $0.001', '$0.012', '$1.24']);
    assert.deepEqual(
      [
        { costUsd: null, unpriced: 2 },
        { costUsd: 0.5, unpriced: 1 },
        { costUsd: 0.5, unpriced: 0 },
      ].map(moneyText),
      ['price unknown', '$0.50 and 1 call of unknown price', '$0.50'],
    );
  });
});

describe('what goes on beside the conversation', () => {
  it('lists running commands with their Stop, and the goal with its ends', () => {
    const panel = renderPanel(beside);
    click(button(/2 running commands/));
    const commands = screen.getByRole('region', { name: 'Running commands' });
    click(within(commands).getByRole('button', { name: 'Stop tail -f server.log' }));
    click(button('Pause goal'));
    click(button('Clear goal'));
    click(button('Leave plan mode'));
    assert.deepEqual(panel.sent(), [
      { type: 'stopTerminal', itemId: 'c6', processId: '4712' },
      { type: 'setGoal', status: 'paused' },
      { type: 'setGoal', status: 'cleared' },
      { type: 'setPlan', plan: false },
    ]);
  });
});

describe('a question of the agent', () => {
  it('is answered with an option and a text, by its labels', () => {
    const panel = renderPanel(STATES.question);
    const form = screen.getByRole('form', { name: 'Gantry asks' });
    const answer = within(form).getByRole('button', { name: 'Answer' }) as HTMLButtonElement;
    assert.equal(answer.disabled, true);
    click(within(form).getByRole('radio', { name: /PostgreSQL/ }));
    type(within(form).getByLabelText('The token of the staging server?'), ' t0ken ');
    click(answer);
    assert.deepEqual(panel.sent(), [
      { type: 'answer', id: 'question-1', answers: { db: ['PostgreSQL'], token: ['t0ken'] } },
    ]);
  });

  it('takes a text of the person’s own, or none at all', () => {
    const panel = renderPanel(STATES.question);
    const own = screen.getByLabelText('Your own answer: Where should carts be kept?');
    type(own, 'Redis');
    assert.equal((screen.getByRole('radio', { name: 'Something else' }) as HTMLInputElement).checked, true);
    click(button('Skip'));
    assert.deepEqual(panel.sent(), [{ type: 'answer', id: 'question-1', answers: {} }]);
  });

  it('is announced once', () => {
    const panel = renderPanel({ ...READY, thread: STATES.question?.thread ?? null });
    const questions = STATES.question?.thread?.extras.questions ?? [];
    panel.patch({ op: 'extras', threadId: 't1', values: { questions: [] } });
    panel.patch({ op: 'extras', threadId: 't1', values: { questions } });
    assert.match(panel.announced(), /^Gantry asks: Where should carts be kept\?/);
  });
});

describe('an acceptance that did not go through', () => {
  it('says on the card what is in the way', () => {
    const panel = renderPanel(STATES.blocked);
    const card = screen.getByRole('region', { name: /^Approval: change/ });
    assert.match(card.textContent ?? '', /Not accepted: src\/price\.ts has unsaved changes.*then accept again/);
    click(within(card).getByRole('button', { name: 'Show file' }));
    assert.deepEqual(panel.sent(), [{ type: 'openFile', path: `${CWD}/src/price.ts`, line: null }]);
  });
});

describe('a review', () => {
  it('shows what was reviewed, and findings that lead to their place', () => {
    const panel = renderPanel(STATES.review);
    const { thread } = STATES.review ?? {};
    const last = thread?.items.at(-1);
    const text = last?.item.type === 'exitedReviewMode' ? last.item.review : '';
    panel.patch({ op: 'item', threadId: 't1', item: view('u1', agent('a1', text)) });
    assert.equal(screen.getAllByText('The change rounds twice.').length, 1, 'it is not told twice');
    screen.getByText('Reviews current changes');
    click(screen.getByRole('link', { name: 'src/price.ts:12-14' }));
    assert.deepEqual(panel.sent(), [{ type: 'openFile', path: 'src/price.ts', line: 12 }]);
  });

  it('leaves all else in it alone', () => {
    const text = 'Prose — src/a.ts:1\n\n- [P1] x\n  in src/b.ts:2';
    assert.equal(withLinks(text), text);
  });
});

describe('archived threads', () => {
  it('are shown on demand and brought back', () => {
    const panel = renderPanel({ ...READY, history: HISTORY });
    click(button('Archived'));
    panel.patch({ op: 'set', values: { history: { ...HISTORY, archived: true } } });
    assert.equal(button('Archived').getAttribute('aria-pressed'), 'true');
    click(button('Unarchive Dark mode'));
    assert.deepEqual(panel.sent(), [
      { type: 'listThreads', cursor: null, search: null, archived: true },
      { type: 'unarchiveThread', threadId: 't4' },
    ]);
  });

  it('can be had back at once, and found by what was said', () => {
    const panel = renderPanel(STATES.archived);
    click(button('Undo'));
    assert.deepEqual(panel.sent(), [{ type: 'unarchiveThread', threadId: 't9' }]);
    panel.patch({ op: 'set', values: { history: STATES.found?.history ?? null } });
    screen.getByText('…we round the tax t4, and that is why it…');
  });
});

describe('backgrounds in terminal text', () => {
  const runs = (text: string) => ansiRuns(text).map(({ text: part, className }) => [part, className]);

  it('are kept, by name, by number and by the nearest colour', () => {
    assert.deepEqual(runs('\u001b[42mok\u001b[49m \u001b[97;101mE\u001b[0m'), [
      ['ok', 'ansi-on ansi-bg-green'],
      [' ', ''],
      ['E', 'ansi-bright-white ansi-bg-bright-red'],
    ]);
    assert.deepEqual(runs('\u001b[48;5;4ma\u001b[48;5;196mb\u001b[48;2;10;10;10mc\u001b[38;2;1;2md'), [
      ['a', 'ansi-on ansi-bg-blue'],
      ['b', 'ansi-on ansi-bg-red'],
      ['cd', 'ansi-on ansi-bg-black'],
    ]);
    assert.deepEqual(runs('\u001b[7minv\u001b[31mred\u001b[27mno'), [
      ['inv', 'ansi-inverse ansi-bg-inverse'],
      ['red', 'ansi-inverse ansi-bg-red'],
      ['no', 'ansi-red'],
    ]);
  });
});
