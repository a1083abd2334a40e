/** States in which more is asked for than the sandbox allows, or was kept by it. */
import type { PanelState } from '../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../webview/bridge/thread-extras.ts';
import { agent, approval, CWD, command, thread, turn, user, view } from './items.ts';
import { READY } from './ready.ts';

const unfinished = { status: 'inProgress' as const, exitCode: null, durationMs: null };

export const askHost: PanelState = {
  ...READY,
  thread: thread({
    name: 'Install a library',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 9000 })],
    items: [
      view('u1', user('m1', 'Install the date library we talked about.')),
      view('u1', command('c1', 'npm install date-fns@4', unfinished), false),
    ],
    approvals: [
      approval('c1', {
        command: 'npm install date-fns@4',
        cwd: CWD,
        reason: 'The command wants to reach registry.npmjs.org.',
        host: 'registry.npmjs.org',
        decisions: ['accept', 'acceptForSession', 'acceptAlways', 'decline', 'declineAlways', 'cancel'],
      }),
    ],
  }),
};

export const askPermissions: PanelState = {
  ...READY,
  thread: thread({
    name: 'Build',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 9000 })],
    items: [view('u1', user('m1', 'Build it.'))],
    approvals: [
      approval('p1', {
        kind: 'permissions',
        cwd: CWD,
        reason: 'The build keeps its cache beside the project and loads what is missing.',
        decisions: ['accept', 'acceptForSession', 'decline'],
        wanted: ['Use the network', 'Write ../cache'],
      }),
    ],
  }),
};

export const blockedBySandbox: PanelState = {
  ...READY,
  thread: thread({
    name: 'Install a library',
    turns: [turn('u1', 'completed')],
    items: [
      view('u1', user('m1', 'Install the date library.')),
      view(
        'u1',
        command('c1', 'npm install date-fns@4', {
          status: 'failed',
          exitCode: 1,
          aggregatedOutput: 'npm error code E403\nnpm error request to https://registry.npmjs.org/date-fns failed\n',
        }),
      ),
      view(
        'u1',
        command('c2', 'touch ../cache/stamp', {
          status: 'failed',
          exitCode: 1,
          aggregatedOutput: "touch: cannot touch '../cache/stamp': Permission denied\n",
        }),
      ),
      view('u1', agent('a1', 'I could not install it: the sandbox has no network.', 'final_answer')),
    ],
    extras: {
      ...noExtras,
      stale: { c1: [`${CWD}/package.json`] },
      blocked: {
        c1: [
          {
            message: 'Blocked by the sandbox: the host registry.npmjs.org was not allowed.',
            certainty: 'exact',
            offers: [{ label: 'Let commands reach registry.npmjs.org', granted: null }],
          },
        ],
        c2: [
          {
            message: 'Probably blocked by the sandbox: writing /home/ada/projects/cache/stamp.',
            certainty: 'probably',
            offers: [
              { label: 'Let commands and edits write to /home/ada/projects/cache', granted: null },
              { label: 'Run this command once outside the sandbox', granted: null, once: true },
            ],
          },
        ],
      },
    },
  }),
};
