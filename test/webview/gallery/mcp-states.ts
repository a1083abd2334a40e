/** States with MCP servers: what they ask, what their tools are given, and what they answer. */
import type { McpToolCallThreadItem } from '../../../agent-core/protocol/index.ts';
import type { ElicitationView } from '../../../webview/bridge/elicitation.ts';
import type { PanelState } from '../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../webview/bridge/thread-extras.ts';
import { agent, approval, thread, turn, user, view } from './items.ts';
import { READY } from './ready.ts';

const ISSUE = { title: 'Tax is rounded twice', labels: ['bug', 'pricing'], assignee: null };

export const mcpCall = (
  id: string,
  tool: string,
  more: Partial<McpToolCallThreadItem> = {},
): McpToolCallThreadItem => ({
  type: 'mcpToolCall',
  id,
  server: 'linear',
  tool,
  status: 'inProgress',
  arguments: {},
  result: null,
  error: null,
  durationMs: null,
  ...more,
});

const TOOL = {
  server: 'linear',
  name: 'create_issue',
  title: 'Create issue',
  description: 'Creates an issue in the team’s backlog.',
  message: 'Allow the linear MCP server to run tool "create_issue"?',
  arguments: ISSUE,
};

const askTool = (itemId: string) =>
  approval(itemId, {
    kind: 'mcpTool',
    decisions: ['accept', 'acceptForSession', 'acceptAlways', 'decline'],
    tool: TOOL,
  });

/** A call that waits for a yes, in its card. */
export const mcpAsk: PanelState = {
  ...READY,
  thread: thread({
    name: 'File the rounding bug',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 8000 })],
    items: [
      view('u1', user('m1', 'File an issue for the rounding mistake.')),
      view('u1', agent('a1', 'I looked for one that exists already; there is none, so I create it.')),
      view('u1', mcpCall('mcp1', 'create_issue', { arguments: ISSUE }), false),
    ],
    approvals: [askTool('mcp1')],
  }),
};

/** The same of an agent that tells of the call only after the yes. */
export const mcpAskLoose: PanelState = {
  ...mcpAsk,
  thread: thread({
    ...mcpAsk.thread,
    items: mcpAsk.thread?.items.slice(0, 2) ?? [],
    approvals: [askTool('approval-9')],
  }),
};

export const FORM: ElicitationView = {
  id: 'elicitation-1',
  turnId: 'u1',
  server: 'linear',
  message: 'Where should the issue go?',
  kind: 'form',
  fields: [
    {
      name: 'team',
      label: 'Team',
      description: 'Whose backlog it is',
      required: true,
      kind: 'choice',
      options: [
        { value: 'eng', label: 'Engineering' },
        { value: 'ops', label: 'Operations' },
      ],
      initial: '',
    },
    {
      name: 'mail',
      label: 'Reporter',
      description: null,
      required: true,
      kind: 'text',
      format: 'email',
      minLength: null,
      maxLength: null,
      initial: '',
    },
    {
      name: 'points',
      label: 'Estimate',
      description: 'In points, 1 to 13',
      required: false,
      kind: 'number',
      whole: true,
      minimum: 1,
      maximum: 13,
      initial: '3',
    },
    {
      name: 'labels',
      label: 'Labels',
      description: null,
      required: false,
      kind: 'choices',
      options: [
        { value: 'bug', label: 'Bug' },
        { value: 'pricing', label: 'Pricing' },
      ],
      minItems: null,
      maxItems: 2,
      initial: ['bug'],
    },
    { name: 'notify', label: 'Tell the team', description: null, required: false, kind: 'boolean', initial: true },
  ],
};

export const PAGE: ElicitationView = {
  id: 'elicitation-2',
  turnId: 'u1',
  server: 'linear',
  message: 'Connect your Linear account to go on.',
  kind: 'url',
  url: 'https://auth.linear.example/connect?flow=device&state=9f2c',
  host: 'auth.linear.example',
};

const eliciting = (...elicitations: ElicitationView[]): PanelState => ({
  ...READY,
  thread: thread({
    name: 'File the rounding bug',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 8000 })],
    items: [
      view('u1', user('m1', 'File an issue for the rounding mistake.')),
      view('u1', mcpCall('mcp1', 'create_issue', { arguments: ISSUE }), false),
    ],
    extras: { ...noExtras, elicitations, toolProgress: { mcp1: 'waiting for the form' } },
  }),
});

export const mcpForm = eliciting(FORM);
export const mcpPage = eliciting(PAGE);

const CHART =
  'iVBORw0KGgoAAAANSUhEUgAAAHgAAAA8CAIAAAAiz+n/AAAAk0lEQVR42u3YwQ0AEBBFQfWpTnsKcdcCIcSaF9d/mcsmUtOREgLQoAUaNGiBBi3QoEELNOh3y6UOPtCgQYMGDRo0aNCgY0GvYIEGDRo0aNCgL21BgwYNGnRQ6FsXHDRo0KBBgwYNGjRo0KBB74R+8W8XNGjQoEGDDgH92xY0aNCgQYMGDQs0aNCgQYOGBRo06OltB1itGfzeRKtkAAAAAElFTkSuQmCC';

/** What tools answer, and what was in their way. */
export const mcpResults: PanelState = {
  ...READY,
  thread: thread({
    name: 'File the rounding bug',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 31_000 })],
    items: [
      view('u1', user('m1', 'How many bugs are open?')),
      view(
        'u1',
        mcpCall('mcp1', 'chart', {
          status: 'completed',
          arguments: { query: 'is:open label:bug' },
          durationMs: 820,
          result: {
            content: [
              { type: 'text', text: '12 are open.' },
              { type: 'image', data: CHART, mimeType: 'image/png' },
              { type: 'resource_link', uri: 'linear://view/bugs', name: 'Open bugs' },
            ],
            structuredContent: { open: 12, oldestDays: 41 },
          },
        }),
      ),
      view(
        'u1',
        mcpCall('mcp2', 'export', {
          status: 'failed',
          arguments: { path: '/home/ada/export.csv' },
          durationMs: 90,
          result: { content: [{ type: 'text', text: 'EROFS: read-only file system, open /home/ada/export.csv' }] },
          error: {
            message:
              'Its sandbox may have blocked this: linear reads the workspace, writes nowhere and has no network. To let it write there, add the folder to write in [mcp_servers.linear.sandbox] of your config.toml.',
          },
        }),
      ),
      view('u1', mcpCall('mcp3', 'sync', { arguments: { since: '2026-01-01' } }), false),
    ],
    extras: { ...noExtras, toolProgress: { mcp3: '212 of 640 issues' } },
  }),
};
