/** Makers of items, so that states and tests name only what matters to them. */
import type {
  AgentMessageThreadItem,
  AnyThreadItem,
  CommandExecutionThreadItem,
  FileChangeThreadItem,
  FileUpdateChange,
  UserInput,
} from '../../../agent-core/protocol/index.ts';
import type { ApprovalView, ItemView, ThreadView, TurnView } from '../../../webview/bridge/panel-state.ts';

import { noExtras } from '../../../webview/bridge/thread-extras.ts';

export const CWD = '/home/ada/projects/harbor';

export const user = (id: string, text: string, ...more: UserInput[]): AnyThreadItem => ({
  type: 'userMessage',
  id,
  content: [{ type: 'text', text, text_elements: [] }, ...more],
});

export const agent = (id: string, text: string, phase: AgentMessageThreadItem['phase'] = null): AnyThreadItem => ({
  type: 'agentMessage',
  id,
  text,
  phase,
});

export const command = (id: string, line: string, more: Partial<CommandExecutionThreadItem> = {}): AnyThreadItem => ({
  type: 'commandExecution',
  id,
  command: `/bin/bash -lc '${line.replaceAll("'", "'\\''")}'`,
  cwd: CWD,
  commandActions: [{ type: 'unknown', command: line }],
  status: 'completed',
  exitCode: 0,
  durationMs: 1234,
  aggregatedOutput: null,
  source: 'agent',
  ...more,
});

export const change = (path: string, diff: string, type: 'add' | 'delete' | 'update' = 'update'): FileUpdateChange => ({
  path: `${CWD}/${path}`,
  diff,
  kind: type === 'update' ? { type, move_path: null } : { type },
});

export const files = (
  id: string,
  changes: FileUpdateChange[],
  status: FileChangeThreadItem['status'] = 'completed',
): AnyThreadItem => ({ type: 'fileChange', id, changes, status });

export const reasoning = (id: string, ...summary: string[]): AnyThreadItem => ({
  type: 'reasoning',
  id,
  summary,
  content: [],
});

/** An item of a type that this version does not know. */
export const unknownItem = (value: { type: string; id: string } & Record<string, unknown>) =>
  value as unknown as AnyThreadItem;

export const turn = (id: string, status: TurnView['status'] = 'completed', more: Partial<TurnView> = {}): TurnView => ({
  id,
  status,
  error: null,
  startedAtMs: null,
  durationMs: status === 'inProgress' ? null : 12_400,
  ...more,
});

export const view = (turnId: string, item: AnyThreadItem, done = true): ItemView => ({ turnId, item, done });

export const thread = (more: Partial<ThreadView> = {}): ThreadView => ({
  id: 't1',
  name: null,
  cwd: CWD,
  turns: [],
  items: [],
  approvals: [],
  plan: null,
  usage: null,
  retry: null,
  extras: noExtras,
  ...more,
});

export const approval = (itemId: string, more: Partial<ApprovalView> = {}): ApprovalView => ({
  id: `approval-${itemId}`,
  itemId,
  turnId: 'u1',
  kind: 'command',
  reason: null,
  command: null,
  cwd: null,
  unsandboxed: false,
  files: [],
  decisions: ['accept', 'acceptForSession', 'decline', 'cancel'],
  ...more,
});
