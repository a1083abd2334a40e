/** Whole states of the panel, as a host would send them. The gallery shows them and tests read them. */
import type { HistoryView, PanelState } from '../../../webview/bridge/panel-state.ts';
import { beside, question, review, save } from './beside-states.ts';
import { agent, approval, CWD, change, command, files, thread, turn, unknownItem, user, view } from './items.ts';
import { mcpAsk, mcpAskLoose, mcpForm, mcpPage, mcpResults } from './mcp-states.ts';
import { askHost, askPermissions, blockedBySandbox } from './permission-states.ts';
import { READY } from './ready.ts';
import { restorable, restore, restored } from './restore-states.ts';
import { askAsOne, askConflict, askHunks, ended, pending } from './review-states.ts';
import { DIFF, firstTurn, TEST_DIFF, TEST_OUTPUT } from './sample-turn.ts';

export { MODELS, READY } from './ready.ts';

const usage = { totalTokens: 61_200, lastTokens: 23_400, contextWindow: 128_000 };

const done: PanelState = {
  ...READY,
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'completed', { durationMs: 48_300 })],
    items: firstTurn,
    usage,
  }),
};

const plan = {
  explanation: 'Smallest change that keeps the public interface.',
  steps: [
    { step: 'Run the tests', status: 'completed' as const },
    { step: 'Find the rounding mistake', status: 'completed' as const },
    { step: 'Round tax per line', status: 'inProgress' as const },
    { step: 'Run the tests again and write the changelog', status: 'pending' as const },
  ],
};

const running: PanelState = {
  ...READY,
  thread: thread({
    name: 'Fix the failing price test',
    usage: { totalTokens: 210_000, lastTokens: 84_000, contextWindow: 128_000 },
    plan,
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 34_000 })],
    items: [
      ...firstTurn.slice(0, 2),
      view('u1', command('c0', 'npm ci', { durationMs: 8400, aggregatedOutput: 'added 211 packages in 8s\n' })),
      view(
        'u1',
        command('c9', 'npm run build && npm test', {
          status: 'inProgress',
          exitCode: null,
          durationMs: null,
          startedAtMs: Date.now() - 12_000,
          aggregatedOutput: TEST_OUTPUT,
        }),
        false,
      ),
      view(
        'u1',
        agent(
          'a9',
          'While the tests run, here is what I found so far:\n\n1. `total` rounds **once**\n2. the test wants it\n\n```ts\nexport function total(lines: readonly Line[]): number {\n  return lines.reduce((sum, line) =>',
        ),
        false,
      ),
    ],
  }),
};

const askCommand: PanelState = {
  ...READY,
  thread: thread({
    name: 'Publish the package',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 9000 })],
    items: [
      view('u1', user('m1', 'Install the date library we talked about.')),
      view('u1', agent('a1', 'Installing needs the network, which the sandbox does not give me, so I have to ask.')),
      view(
        'u1',
        command('c1', 'npm install date-fns@4 --save-exact', {
          status: 'inProgress',
          exitCode: null,
          durationMs: null,
        }),
        false,
      ),
    ],
    approvals: [
      approval('c1', {
        command: 'npm install date-fns@4 --save-exact',
        cwd: CWD,
        unsandboxed: true,
        reason: 'Downloads date-fns from the npm registry, so it needs the network.',
      }),
    ],
  }),
};

const askFile: PanelState = {
  ...READY,
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 21_000 })],
    plan,
    items: [
      ...firstTurn.slice(0, 6),
      view(
        'u1',
        files('f1', [change('src/price.ts', DIFF), change('src/price.test.ts', TEST_DIFF)], 'inProgress'),
        false,
      ),
    ],
    approvals: [
      approval('f1', {
        kind: 'fileChange',
        files: [
          { path: `${CWD}/src/price.ts`, label: 'src/price.ts', kind: 'update' },
          { path: `${CWD}/src/price.test.ts`, label: 'src/price.test.ts', kind: 'update' },
        ],
      }),
    ],
  }),
};

const cards: PanelState = {
  ...READY,
  thread: thread({
    name: 'All kinds of cards',
    turns: [turn('u1', 'interrupted', { durationMs: 63_000 }), turn('u2', 'completed')],
    items: [
      view('u1', user('m1', 'Show me everything you can do.')),
      view('u1', { type: 'plan', id: 'p1', text: '1. Look around\n2. Change a little\n3. Show it' }),
      view('u1', {
        type: 'mcpToolCall',
        id: 'mcp1',
        server: 'linear',
        tool: 'search_issues',
        status: 'completed',
        arguments: { query: 'rounding', limit: 5 },
        durationMs: 820,
        result: { content: [{ type: 'text', text: 'HAR-12 Rounding is off by a cent' }] },
      }),
      view('u1', {
        type: 'mcpToolCall',
        id: 'mcp2',
        server: 'linear',
        tool: 'close_issue',
        status: 'failed',
        arguments: { id: 'HAR-12' },
        error: { message: 'You have no permission to close HAR-12.' },
      }),
      view('u1', {
        type: 'webSearch',
        id: 'w1',
        query: 'banker rounding javascript',
        action: { type: 'search', query: 'banker rounding javascript' },
      }),
      view('u1', {
        type: 'webSearch',
        id: 'w2',
        query: '',
        action: { type: 'openPage', url: 'https://example.com/rounding' },
      }),
      view('u1', {
        type: 'dynamicToolCall',
        id: 'd1',
        tool: 'find_references',
        namespace: 'editor',
        status: 'completed',
        arguments: { symbol: 'total' },
        contentItems: [{ type: 'inputText', text: 'src/cart/checkout.ts:88' }],
        durationMs: 30,
      }),
      view('u1', { type: 'imageView', id: 'i1', path: `${CWD}/docs/screenshot.png` }),
      view('u1', command('c1', 'rm -rf build', { status: 'declined', exitCode: null, durationMs: null })),
      view('u1', files('f1', [change('README.md', 'old readme\n', 'delete')], 'declined')),
      view(
        'u1',
        files('f2', [
          change('src/a.ts', '@@ -1 +1 @@\n-let a = 1;\n+const a = 1;\n'),
          change('src/very/deeply/nested/folder/with/a-rather-long-file-name.component.tsx', '@@ -1 +1 @@\n-x\n+y\n'),
          change('src/c.ts', '@@ -1 +1 @@\n-x\n+y\n'),
          change('src/d.ts', '@@ -1 +1 @@\n-x\n+y\n'),
        ]),
      ),
      view('u1', {
        type: 'collabAgentToolCall',
        id: 'ca1',
        tool: 'spawnAgent',
        status: 'completed',
        prompt: 'Look through the tests',
        senderThreadId: 't1',
        receiverThreadIds: [],
        agentsStates: {},
      }),
      view('u1', { type: 'contextCompaction', id: 'cc1' }),
      view('u2', user('m2', 'And one more thing')),
      view('u2', unknownItem({ type: 'hologram', id: 'x1', payload: { size: 3 } })),
      view('u2', { type: 'sleep', id: 's1', durationMs: 5000 }),
      view(
        'u2',
        agent(
          'a2',
          '> A quote with `code`, **bold** and *italic*.\n\n- [x] done\n- [ ] to do\n  - nested\n\n1. one\n2. two\n\n---\n\nA `<Component>` and <b>raw html</b> are shown as text.',
          'final_answer',
        ),
      ),
    ],
  }),
};

const failed: PanelState = {
  ...READY,
  core: { status: 'restarting', message: 'The agent stopped unexpectedly. Starting it again (attempt 2 of 5)…' },
  notices: [
    {
      id: 'config',
      severity: 'error',
      text: '~/.gantry/config.toml, line 7: “sandbox_mode” must be "read-only", "workspace-write" or "danger-full-access". The file is ignored until that is right.',
      action: { label: 'Open config.toml', command: 'gantry.openConfig' },
    },
    {
      id: 'sandbox',
      severity: 'warning',
      text: 'No sandbox on this computer, so every command asks first.',
      action: null,
    },
  ],
  sandbox: {
    level: 'none',
    enforced: [],
    missing: ['file writes', 'network'],
    reason: 'user namespaces are turned off and the kernel has no Landlock.',
  },
  thread: thread({
    name: null,
    turns: [
      turn('u1', 'failed', {
        error: {
          message: 'OpenAI refused the key (401): Incorrect API key provided.',
          codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 401 } },
        },
      }),
    ],
    items: [view('u1', user('m1', 'Hello?'))],
  }),
};

const retrying: PanelState = {
  ...READY,
  thread: thread({
    name: 'Slow network',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 4000 })],
    items: [view('u1', user('m1', 'Explain src/price.ts'))],
    retry: 'Reconnecting… 1/2',
  }),
};

const summary = (id: string, name: string | null, preview: string, hours: number, runs = false) => ({
  id,
  name,
  preview,
  updatedAt: Math.floor(Date.now() / 1000 - hours * 3600),
  cwd: CWD,
  running: runs,
  snippet: null,
});

export const HISTORY: HistoryView = {
  archived: false,
  undo: null,
  threads: [
    summary('t1', 'Fix the failing price test', 'The price test fails. Find out why and fix it.', 0.01, true),
    summary('t2', null, 'Explain how checkout computes shipping for mixed carts with very long names', 2),
    summary('t3', 'Rename Order to Purchase', 'Rename Order to Purchase everywhere', 27),
    summary('t4', 'Dark mode', 'The settings page ignores dark mode', 24 * 9),
  ],
  nextCursor: 'more',
  loading: false,
  error: null,
};

const long: PanelState = {
  ...READY,
  thread: thread({
    name: 'A long thread',
    turns: Array.from({ length: 500 }, (_, index) => turn(`u${index}`, 'completed', { durationMs: 1000 + index })),
    items: Array.from({ length: 5000 }, (_, index) => {
      const [t, id] = [`u${Math.floor(index / 10)}`, `i${index}`];
      if (index % 10 === 0) return view(t, user(id, `Question ${index / 10}`));
      return view(
        t,
        index % 3
          ? command(id, `echo ${index}`, { aggregatedOutput: `${index}\n` })
          : agent(id, `Answer **${index}**\n\n- with a list\n- of two`),
      );
    }),
  }),
};

const blocked: PanelState = {
  ...askFile,
  thread: askFile.thread && {
    ...askFile.thread,
    approvals: askFile.thread.approvals.map((one) => ({
      ...one,
      blocked: { path: `${CWD}/src/price.ts`, label: 'src/price.ts' },
    })),
  },
};

const demo: PanelState = { ...READY, model: { provider: 'demo', model: 'demo' }, mode: 'ask' };

export const STATES: Record<string, PanelState> = {
  empty: READY,
  demo,
  done,
  running,
  'ask-command': askCommand,
  'ask-file': askFile,
  'ask-host': askHost,
  'ask-permissions': askPermissions,
  'blocked-by-sandbox': blockedBySandbox,
  pending,
  restorable,
  restore,
  restored,
  'ask-hunks': askHunks,
  'ask-conflict': askConflict,
  'ask-as-one': askAsOne,
  beside,
  ended: ended(),
  save,
  question,
  'mcp-ask': mcpAsk,
  'mcp-ask-loose': mcpAskLoose,
  'mcp-form': mcpForm,
  'mcp-page': mcpPage,
  'mcp-results': mcpResults,
  review,
  blocked,
  cards,
  failed,
  retrying,
  history: { ...done, history: HISTORY },
  archived: {
    ...done,
    history: { ...HISTORY, archived: true, undo: { threadId: 't9', title: 'An old thread' } },
  },
  found: {
    ...done,
    history: {
      ...HISTORY,
      threads: HISTORY.threads.map((one) => ({ ...one, snippet: `…we round the tax ${one.id}, and that is why it…` })),
    },
  },
  'history-empty': {
    ...READY,
    history: { archived: false, undo: null, threads: [], nextCursor: null, loading: false, error: null },
  },
  'core-failed': {
    ...READY,
    core: {
      status: 'failed',
      message: 'The agent needs Node 22.13 or newer. Update VS Code, or set “gantry.nodePath”.',
    },
  },
  long,
  attached: {
    ...done,
    mode: 'full',
    attachments: [
      { id: 'x', kind: 'selection', label: 'src/price.ts', path: `${CWD}/src/price.ts`, startLine: 9, endLine: 14 },
      {
        id: 'y',
        kind: 'file',
        label: 'src/cart/checkout.ts',
        path: `${CWD}/src/cart/checkout.ts`,
        startLine: null,
        endLine: null,
      },
    ],
  },
};
