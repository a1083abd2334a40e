import assert from 'node:assert/strict';
import { imageProblem } from '../../webview/composer/use-images.ts';
import { replaceWord, wordAt } from '../../webview/composer/word-at.ts';
import { thread, turn, user, view } from './gallery/items.ts';
import { MODELS, READY } from './gallery/states.ts';
import { button, click, press, renderPanel, screen, type, within, withThread } from './support/panel.tsx';

const running = withThread(thread({ turns: [turn('u1', 'inProgress')], items: [view('u1', user('m1', 'Fix it'))] }));
const names = (list: string) =>
  within(screen.getByRole('listbox', { name: list }))
    .getAllByRole('option')
    .map((one) => one.querySelector('.option-label')?.textContent);

describe('the word at the cursor', () => {
  const at = (text: string) => {
    const cursor = text.indexOf('|');
    const word = wordAt(text.replace('|', ''), cursor);
    return word && [word.kind, word.query];
  };

  it('is a command only at the beginning, a file after @, a skill after $', () => {
    assert.deepEqual(
      [
        '/|',
        '/rev|',
        '/review x|',
        'a /rev|',
        '/etc/ho|',
        '@|',
        'see @src/a.|ts',
        '(@x|',
        'a@b.c|',
        '$|',
        'use $ski|',
      ].map(at),
      [
        ['slash', ''],
        ['slash', 'rev'],
        null,
        null,
        null,
        ['file', ''],
        ['file', 'src/a.'],
        ['file', 'x'],
        null,
        ['skill', ''],
        ['skill', 'ski'],
      ],
    );
    assert.deepEqual(['it costs $5|', '$1,000|'].map(at), [null, null]);
  });

  it('is replaced with one space behind it', () => {
    const word = { kind: 'file', from: 4, to: 6, query: 'a' } as const;
    assert.deepEqual(replaceWord('see @a', word, '@src/a.ts'), { text: 'see @src/a.ts ', cursor: 14 });
    assert.deepEqual(replaceWord('see @a now', word, '@b'), { text: 'see @b now', cursor: 7 });
  });
});

describe('slash commands', () => {
  it('are listed for the field, narrowed down, and run', () => {
    const panel = renderPanel();
    type(panel.composer(), '/');
    assert.ok(names('Commands').includes('/compact'));
    type(panel.composer(), '/co');
    assert.deepEqual(names('Commands'), ['/compact', '/context']);
    const field = panel.composer();
    const active = () => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent ?? '';
    assert.match(active(), /^.?\/compact/);
    press(field, 'ArrowDown');
    assert.match(active(), /\/context/);
    press(field, 'ArrowUp');
    press(field, 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'slash', name: 'compact', argument: '' }]);
    assert.equal(panel.composer().value, '');
  });

  it('take words behind them; what begins with a longer path is text', () => {
    const panel = renderPanel();
    type(panel.composer(), '/rev');
    press(panel.composer(), 'Tab');
    assert.equal(panel.composer().value, '/review ');
    type(panel.composer(), '/review the parser');
    press(panel.composer(), 'Enter');
    type(panel.composer(), '/tmp/x does not exist');
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), [
      { type: 'slash', name: 'review', argument: 'the parser' },
      { type: 'send', text: '/tmp/x does not exist', attachmentIds: [] },
    ]);
  });

  it('are told when nobody knows them, and nothing is sent or lost', () => {
    const panel = renderPanel();
    for (const [text, note] of [
      ['/bogus', 'There is no command /bogus.'],
      ['/Compact now', 'There is no command /Compact.'],
      ['/tmp is full', 'There is no command /tmp.'],
    ] as const) {
      type(panel.composer(), text);
      press(panel.composer(), 'Enter');
      assert.equal(screen.queryByRole('listbox'), null);
      const said = `${note} Type / to see which there are, or put a space before it to send it as text.`;
      assert.equal(document.querySelector('.notice p')?.textContent, said);
      assert.deepEqual([panel.composer().value, panel.announced(), panel.sent()], [text, said, []]);
    }
    type(panel.composer(), ' /tmp is full');
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'send', text: ' /tmp is full', attachmentIds: [] }]);
    assert.equal(document.querySelector('.notice'), null);
  });

  it('are told when another agent has no answer to them', () => {
    const panel = renderPanel({ ...READY, peer: 'other' });
    type(panel.composer(), '/context');
    press(panel.composer(), 'Enter');
    assert.equal(document.querySelector('.notice p')?.textContent, '/context is only there with Gantry’s own agent.');
    assert.deepEqual(panel.sent(), []);
  });

  it('close with Esc without stopping the turn', () => {
    const panel = renderPanel(running);
    type(panel.composer(), '/');
    press(panel.composer(), 'Escape');
    assert.ok(!screen.queryByRole('listbox'));
    assert.deepEqual(panel.sent(), []);
  });

  it('are only those that another agent has, too', () => {
    renderPanel({ ...READY, peer: 'other' });
    type(screen.getByRole('textbox'), '/');
    assert.deepEqual(names('Commands'), [
      '/compact',
      '/review [what to review]',
      '/goal [goal, or clear]',
      '/plan',
      '/new',
      '/model',
      '/mode',
      '/mcp',
      '/history',
    ]);
  });
});

describe('a line that begins with !', () => {
  it('is a command of the person', () => {
    const panel = renderPanel();
    type(panel.composer(), '! git status ');
    press(panel.composer(), 'Enter');
    type(panel.composer(), '!');
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), [
      { type: 'shell', command: 'git status' },
      { type: 'send', text: '!', attachmentIds: [] },
    ]);
  });
});

describe('files and skills in a message', () => {
  it('are asked for as the word grows, picked, and named in what is sent', () => {
    const panel = renderPanel();
    type(panel.composer(), 'look at @pri');
    assert.deepEqual(panel.sent(), [{ type: 'complete', kind: 'file', query: 'pri' }]);
    const items = [
      { name: 'price.ts', path: '/w/src/price.ts', insert: 'src/price.ts', detail: 'src' },
      { name: 'print.ts', path: '/w/print.ts', insert: 'print.ts', detail: '' },
    ];
    panel.patch({ op: 'set', values: { completion: { kind: 'file', query: 'pri', searching: false, items } } });
    assert.deepEqual(names('Files'), ['price.ts', 'print.ts']);
    press(panel.composer(), 'Enter');
    assert.equal(panel.composer().value, 'look at @src/price.ts ');
    assert.deepEqual(panel.sent(), [{ type: 'complete', kind: 'file', query: null }]);
    type(panel.composer(), 'look at @src/price.ts, please');
    press(panel.composer(), 'Enter');
    assert.deepEqual(
      panel.sent().filter((message) => message.type === 'send'),
      [
        {
          type: 'send',
          text: 'look at @src/price.ts, please',
          attachmentIds: [],
          mentions: [{ kind: 'file', name: 'price.ts', path: '/w/src/price.ts' }],
        },
      ],
    );
  });

  it('say when nothing fits, and take skills by a click', () => {
    const panel = renderPanel();
    type(panel.composer(), '$');
    const skill = { name: 'release', path: '/s/release/SKILL.md', insert: 'release', detail: 'Publishes' };
    const found = { kind: 'skill', query: '', searching: false } as const;
    panel.patch({ op: 'set', values: { completion: { ...found, items: [] } } });
    screen.getByText('No skill fits.');
    panel.patch({ op: 'set', values: { completion: { ...found, items: [], noneAtAll: true } } });
    screen.getByText(/^There are no skills yet\. A skill is a folder with a SKILL\.md/);
    panel.patch({ op: 'set', values: { completion: { ...found, items: [skill] } } });
    click(screen.getByRole('option', { name: /release/ }));
    assert.equal(panel.composer().value, '$release ');
  });
});

describe('messages for after the turn', () => {
  it('are sent with Alt+Enter or the button, and can be taken back', () => {
    const panel = renderPanel(running);
    type(panel.composer(), 'later');
    press(panel.composer(), 'Enter', { altKey: true });
    type(panel.composer(), 'later too');
    click(button('Send after this turn'));
    assert.ok(!screen.queryByText('Sending…'));
    const waiting = [{ turnId: 'u2', text: 'later' }];
    panel.patch({ op: 'extras', threadId: 't1', values: { waiting } });
    const list = screen.getByRole('region', { name: 'Waiting messages' });
    within(list).getByText('later');
    click(within(list).getByRole('button', { name: 'Take back later' }));
    assert.deepEqual(panel.sent(), [
      { type: 'send', text: 'later', attachmentIds: [], later: true },
      { type: 'send', text: 'later too', attachmentIds: [], later: true },
      { type: 'withdraw', turnId: 'u2' },
    ]);
  });
});

describe('images', () => {
  const png = { name: 'a.png', type: 'image/png', size: 10 };

  it('are refused in words that say what to do', () => {
    const blind = MODELS.map((model) => ({ ...model, supportsImages: false }))[0];
    assert.deepEqual(
      [
        imageProblem(png, MODELS[0]),
        imageProblem(png, undefined),
        imageProblem(png, blind),
        imageProblem({ ...png, type: 'image/tiff' }, MODELS[0]),
        imageProblem({ ...png, size: 30_000_000 }, MODELS[0]),
      ],
      [
        null,
        null,
        'GPT-5.5 cannot see images. Choose a model that can, then paste it again.',
        'a.png was not attached: only PNG, JPEG, GIF and WebP images are.',
        'a.png was not attached: it has more than 20 MB. Make it smaller.',
      ],
    );
  });

  it('make a message by themselves', () => {
    const image = { id: 'i', kind: 'image', label: 'a.png', path: '', startLine: null, endLine: null } as const;
    const panel = renderPanel({ ...READY, attachments: [image] });
    press(panel.composer(), 'Enter');
    assert.deepEqual(panel.sent(), [{ type: 'send', text: '', attachmentIds: ['i'] }]);
  });

  it('that the host refuses are told beside the field', () => {
    const panel = renderPanel();
    panel.receive({ type: 'composerNote', message: 'It cannot see images.' });
    assert.equal(panel.announced(), 'It cannot see images.');
    click(button('Dismiss note'));
    assert.ok(!screen.queryByText('It cannot see images.', { selector: 'p' }));
  });
});

describe('typing before the field has the focus', () => {
  it('goes into the field', () => {
    const panel = renderPanel();
    (document.activeElement as HTMLElement).blur();
    press(document.body, 'h');
    assert.equal(document.activeElement?.getAttribute('aria-label'), panel.composer().getAttribute('aria-label'));
    (document.activeElement as HTMLElement).blur();
    press(document.body, 'c', { ctrlKey: true });
    assert.equal(document.activeElement?.nodeName, 'BODY');
    window.dispatchEvent(new Event('focus'));
    assert.equal(document.activeElement?.getAttribute('aria-label'), 'Message Gantry');
  });
});
