import assert from 'node:assert/strict';
import { noExtras } from '../../webview/bridge/thread-extras.ts';
import { readContent } from '../../webview/cards/mcp-tool-call.tsx';
import { command, thread, turn, view } from './gallery/items.ts';
import { FORM, mcpCall, PAGE } from './gallery/mcp-states.ts';
import { READY, STATES } from './gallery/states.ts';
import { button, click, press, renderPanel, screen, type, within, withThread } from './support/panel.tsx';

const state = (name: string) => STATES[name] ?? READY;
const field = (name: string | RegExp) => screen.getByLabelText(name) as HTMLInputElement;

describe('the approval of an MCP tool call', () => {
  const cases = [
    ['Allow once', 'accept'],
    ['Allow for session', 'acceptForSession'],
    ['Always allow', 'acceptAlways'],
    ['Decline', 'decline'],
  ] as const;
  for (const [label, decision] of cases) {
    it(`${label} sends ${decision}`, () => {
      const panel = renderPanel(state('mcp-ask'));
      click(button(label));
      assert.deepEqual(panel.sent(), [{ type: 'decide', approvalId: 'approval-mcp1', decision }]);
    });
  }

  it('names server, tool and what the server says of it, and is announced', () => {
    const panel = renderPanel(state('mcp-ask'));
    assert.match(panel.announced(), /Approval needed: call create_issue of linear\./);
    const bar = within(screen.getByRole('region', { name: 'Approval: call create_issue of linear' }));
    bar.getByText('Let linear run create_issue?');
    bar.getByText(/In the server’s words: Create issue: Creates an issue/);
    assert.equal(bar.queryByLabelText('Arguments'), null, 'the card shows them');
    button(/^linear, create_issue, waiting for approval/);
    screen.getByLabelText('Input of create_issue');
  });

  it('is decided by the keys of every approval', () => {
    const panel = renderPanel(state('mcp-ask'));
    press(document.body, 'Enter', { ctrlKey: true });
    press(document.body, 'Backspace', { ctrlKey: true });
    assert.deepEqual(
      panel.sent().map((message) => message.type === 'decide' && message.decision),
      ['accept', 'decline'],
    );
  });

  it('shows the arguments by itself where the call is not in the thread yet', () => {
    renderPanel(state('mcp-ask-loose'));
    const list = within(screen.getByLabelText('Arguments'));
    assert.deepEqual(
      list.getAllByRole('term').map((term) => [term.textContent, term.nextElementSibling?.textContent]),
      [
        ['title', 'Tax is rounded twice'],
        ['labels', '[\n  "bug",\n  "pricing"\n]'],
        ['assignee', 'null'],
      ],
    );
  });
});

describe('a form of an MCP server', () => {
  it('marks what is required, says what is wrong at the field, and sends what was filled in', () => {
    const panel = renderPanel(state('mcp-form'));
    assert.match(panel.announced(), /The MCP server linear asks: Where should the issue go\?/);
    const form = within(screen.getByRole('form', { name: 'linear asks' }));
    form.getByText(/Asked by the MCP server/);
    assert.equal(field('Team (required)').getAttribute('aria-required'), 'true');
    type(field('Estimate'), '99');
    click(button('Send to linear'));
    assert.deepEqual(
      form.getAllByRole('alert').map(({ textContent }) => textContent),
      ['Choose one.', 'Fill this in.', 'This must be 13 or less.'],
    );
    assert.equal(document.activeElement, field('Team (required)'), 'the first of them has the focus');
    assert.equal(field('Team (required)').getAttribute('aria-invalid'), 'true');
    assert.deepEqual(panel.sent(), []);

    type(field('Team (required)'), 'eng');
    type(field('Reporter (required)'), 'ada@example.com');
    type(field('Estimate'), '5');
    click(field('Pricing'));
    click(field('Tell the team'));
    assert.equal(form.queryByRole('alert'), null);
    click(button('Send to linear'));
    const values = {
      team: 'eng',
      mail: 'ada@example.com',
      points: '5',
      labels: ['bug', 'pricing'],
      notify: false,
    };
    assert.deepEqual(panel.sent(), [{ type: 'submitElicitation', id: FORM.id, values }]);
  });

  it('can be declined or dismissed, and goes when it was taken back', () => {
    const panel = renderPanel(state('mcp-form'));
    click(button('Decline'));
    click(button('Dismiss'));
    assert.deepEqual(panel.sent(), [
      { type: 'refuseElicitation', id: FORM.id, action: 'decline' },
      { type: 'refuseElicitation', id: FORM.id, action: 'cancel' },
    ]);
    panel.patch({ op: 'extras', threadId: 't1', values: { elicitations: [] } });
    assert.equal(screen.queryByRole('form', { name: 'linear asks' }), null);
  });
});

describe('a page that an MCP server wants opened', () => {
  it('shows its host and address, and is opened by a click', () => {
    const panel = renderPanel(state('mcp-page'));
    const card = within(screen.getByRole('form', { name: 'linear asks' }));
    card.getByText('auth.linear.example');
    card.getByText('https://auth.linear.example/connect?flow=device&state=9f2c');
    click(button('Open in browser'));
    assert.deepEqual(panel.sent(), [{ type: 'openElicitation', id: PAGE.id }]);
  });

  it('is not opened when it is no address of the web', () => {
    const elicitations = [{ ...PAGE, kind: 'url' as const, url: 'vscode://x/y', host: null }];
    renderPanel(withThread(thread({ turns: [turn('u1', 'inProgress')], extras: { ...noExtras, elicitations } })));
    screen.getByText(/no address of the web/);
    assert.equal(screen.queryByRole('button', { name: 'Open in browser' }), null);
    button('Decline');
  });
});

describe('the card of an MCP tool call', () => {
  it('shows text, pictures, links and structured content; what failed with what blocked it; how far one is', () => {
    const panel = renderPanel(state('mcp-results'));
    assert.equal(screen.getByLabelText('Result of chart').textContent, '12 are open.\nOpen bugs: linear://view/bugs');
    assert.match(screen.getByLabelText('Structured result of chart').textContent ?? '', /"oldestDays": 41/);
    const picture = screen.getByRole('img', { name: '1 from chart' }) as HTMLImageElement;
    assert.match(picture.src, /^data:image\/png;base64,/);
    screen.getByText(/^Its sandbox may have blocked this/);
    screen.getByText('212 of 640 issues');
    click(button('MCP servers'));
    assert.deepEqual(panel.sent(), [{ type: 'command', command: 'gantry.mcpServers' }]);
  });

  it('says structured content once, and shows no picture that a browser could run', () => {
    const same = mcpCall('m1', 'one', {
      status: 'completed',
      result: { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 1 } },
    });
    renderPanel(withThread(thread({ turns: [turn('u1')], items: [view('u1', same)] })));
    click(button(/^linear, one/));
    assert.equal(screen.queryByText('Structured result'), null);
    assert.deepEqual(
      readContent([
        { type: 'image', data: 'PHN2Zz4=', mimeType: 'image/svg+xml' },
        { type: 'image', data: '"onerror="x', mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'memo://1', text: 'inside' } },
        null,
      ]),
      { text: '[image, image/svg+xml]\n[image, image/png]\nmemo://1\ninside', pictures: [] },
    );
  });
});

describe('a command that the person stopped', () => {
  it('is said to be stopped, whatever code it ended with', () => {
    const item = command('c1', 'npm run dev', { status: 'failed', exitCode: 143 });
    const extras = { ...noExtras, stopped: ['c1'] };
    renderPanel(withThread(thread({ turns: [turn('u1')], items: [view('u1', item)], extras })));
    button(/^Command npm run dev, stopped/);
    assert.equal(screen.queryByText('exit 143'), null);
  });
});
