/** States with what goes on beside a conversation. */
import type { PanelState } from '../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../webview/bridge/thread-extras.ts';
import { CWD, command, thread, turn, user, view } from './items.ts';
import { READY } from './ready.ts';
import { firstTurn } from './sample-turn.ts';

const spending = {
  calls: 6,
  unpriced: 0,
  inputTokens: 58_400,
  cachedTokens: 41_000,
  outputTokens: 2_800,
  costUsd: 0.214,
};

/** Everything beside the conversation at once. */
export const beside: PanelState = {
  ...READY,
  plan: true,
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'completed', { durationMs: 48_300 }), turn('u2', 'inProgress', { startedAtMs: Date.now() })],
    items: [
      ...firstTurn.slice(0, 3),
      view('u2', user('m2', 'Start the server and look at the page.')),
      view(
        'u2',
        command('c5', 'npm run dev -- --port 4000', {
          status: 'inProgress',
          exitCode: null,
          durationMs: null,
          processId: '4711',
          startedAtMs: Date.now() - 65_000,
          aggregatedOutput:
            '\u001b[30;42m READY \u001b[0m listening on \u001b[36mhttp://localhost:4000\u001b[0m\n\u001b[41;97m ERROR \u001b[0m one route failed\n\u001b[7m inverse \u001b[27m and \u001b[48;5;11m yellow \u001b[0m\n',
        }),
        false,
      ),
      view('u2', { type: 'contextCompaction', id: 'cc1' }),
    ],
    usage: { totalTokens: 61_200, lastTokens: 23_400, contextWindow: 128_000 },
    extras: {
      waiting: [
        { turnId: 'u3', text: 'Then write a test for the empty cart, and one for a cart with a discount' },
        { turnId: 'u4', text: 'Update the changelog' },
      ],
      terminals: [
        { itemId: 'c5', processId: '4711', command: "/bin/bash -lc 'npm run dev -- --port 4000'", cwd: CWD },
        { itemId: 'c6', processId: '4712', command: "/bin/bash -lc 'tail -f server.log'", cwd: CWD },
      ],
      goal: {
        objective: 'All tests pass on Node 20 and 24',
        status: 'active',
        tokensUsed: 61_200,
        tokenBudget: 500_000,
      },
      questions: [],
      elicitations: [],
      saves: [],
      toolProgress: {},
      stopped: [],
      stale: {},
      blocked: {},
      checkpoints: [],
      context: {
        tokens: 23_400,
        contextWindow: 128_000,
        compactLimit: 115_200,
        parts: [
          { kind: 'instructions', tokens: 1800 },
          { kind: 'tools', tokens: 2400 },
          { kind: 'project', tokens: 900 },
          { kind: 'messages', tokens: 6300 },
          { kind: 'toolOutput', tokens: 12_000 },
          { kind: 'images', tokens: 0 },
        ],
      },
      spending,
      turnSpending: { u1: spending },
    },
  }),
};

export const question: PanelState = {
  ...READY,
  thread: thread({
    name: 'Choose a database',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 9000 })],
    items: [view('u1', user('m1', 'Add persistence to the cart.'))],
    extras: {
      ...noExtras,
      questions: [
        {
          id: 'question-1',
          itemId: 'q1',
          questions: [
            {
              id: 'db',
              header: 'Database',
              question: 'Where should carts be kept?',
              isOther: true,
              isSecret: false,
              options: [
                { label: 'SQLite (recommended)', description: 'A file beside the server; nothing to run' },
                { label: 'PostgreSQL', description: 'What production has' },
              ],
            },
            {
              id: 'token',
              header: '',
              question: 'The token of the staging server?',
              isOther: true,
              isSecret: true,
              options: [],
            },
          ],
        },
      ],
    },
  }),
};

/** A command that would not see what two files show. */
export const save: PanelState = {
  ...READY,
  mode: 'auto',
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 9000 })],
    items: [view('u1', user('m1', 'Round tax per line, and run the tests.'))],
    extras: {
      ...noExtras,
      saves: [
        {
          id: 'save-1',
          itemId: 'c1',
          turnId: 'u1',
          command: "/bin/bash -lc 'npm test'",
          files: [
            { label: 'src/price.ts', path: `${CWD}/src/price.ts` },
            { label: 'Untitled-1', path: null },
          ],
        },
      ],
    },
  }),
};

export const review: PanelState = {
  ...READY,
  thread: thread({
    name: 'Review',
    turns: [turn('u1', 'completed')],
    items: [
      view('u1', { type: 'enteredReviewMode', id: 'r1', review: 'current changes' }),
      view('u1', {
        type: 'exitedReviewMode',
        id: 'r2',
        review:
          'The change rounds twice.\n\nReview comment:\n\n- [P1] Tax is rounded per line and again — src/price.ts:12-14\n  With two lines of 5.95 the total is a cent too low. Round once, at the end.',
      }),
    ],
  }),
};
