/** What the core may ask of the editor: one row a method. */
import * as vscode from 'vscode';
import type { RequestId, ServerRequestParams } from '../agent-core/protocol/index.ts';
import type { ServerRequestHandlers } from './core/core-client.ts';
import type { HostModels } from './host/host-models.ts';
import { hostFsHandlers } from './host-fs/host-fs-handlers.ts';
import type { SaveQuestions } from './host-fs/save-question.ts';
import type { WorkspaceWriter } from './host-fs/workspace-writer.ts';
import {
  commandAnswer,
  commandApprovalView,
  fileApprovalView,
  permissionsAnswer,
  permissionsApprovalView,
} from './panel/approval-views.ts';
import type { PanelStore } from './panel/panel-store.ts';
import type { ApprovalRegistry } from './session/approvals.ts';
import { type Elicitations, toolApprovalAnswer, toolApprovalView } from './session/elicitations.ts';
import type { Questions } from './session/questions.ts';

export type RequestDeps = {
  approvals: ApprovalRegistry;
  store: PanelStore;
  hostModels: HostModels;
  cards: Questions;
  elicitations: Elicitations;
  writer: WorkspaceWriter;
  saveQuestions: SaveQuestions;
};

export function serverRequestHandlers({
  approvals,
  store,
  hostModels,
  cards,
  elicitations,
  writer,
  saveQuestions,
}: RequestDeps): ServerRequestHandlers {
  return {
    'item/commandExecution/requestApproval': async (params, { requestId }) => {
      const view = commandApprovalView(approvals.nextId(), params, store.state.sandbox.level !== 'none');
      const decision = await approvals.ask({ view, threadId: params.threadId, requestId, fileChange: null });
      // A partial acceptance is of a file change, which is not offered here.
      return { decision: commandAnswer(view, typeof decision === 'string' ? decision : 'decline') };
    },
    'item/fileChange/requestApproval': async (params, { requestId }) => {
      const decision = await approvals.ask(fileApproval({ approvals, store }, params, requestId));
      // For always is said of tools, commands and hosts, which is not offered here.
      return { decision: decision === 'acceptAlways' || decision === 'declineAlways' ? 'decline' : decision };
    },
    'item/permissions/requestApproval': async (params, { requestId }) => {
      const view = permissionsApprovalView(approvals.nextId(), params, labelOf);
      const decision = await approvals.ask({ view, threadId: params.threadId, requestId, fileChange: null });
      return permissionsAnswer(params, typeof decision === 'string' ? decision : 'decline');
    },
    'item/tool/requestUserInput': (params, { requestId }) => cards.ask(params, requestId),
    'mcpServer/elicitation/request': async (params, { requestId }) => {
      const { thread } = store.state;
      const asked = new Set(approvals.ofThread(params.threadId).map(({ view }) => view.itemId));
      const items = thread?.id === params.threadId ? thread.items.filter(({ item }) => !asked.has(item.id)) : [];
      const view = toolApprovalView(approvals.nextId(), params, items);
      if (!view) return elicitations.ask(params, requestId);
      const decision = await approvals.ask({ view, threadId: params.threadId, requestId, fileChange: null });
      return toolApprovalAnswer(typeof decision === 'string' ? decision : 'decline');
    },
    'host/lm/start': (params) => hostModels.start(params),
    ...hostFsHandlers(writer, saveQuestions),
  };
}

const labelOf = (path: string): string => vscode.workspace.asRelativePath(path);

function fileApproval(
  { approvals, store }: Pick<RequestDeps, 'approvals' | 'store'>,
  params: ServerRequestParams<'item/fileChange/requestApproval'>,
  requestId: RequestId | null,
) {
  const { thread } = store.state;
  const item =
    thread?.id === params.threadId ? thread.items.findLast((view) => view.item.id === params.itemId)?.item : undefined;
  const view = fileApprovalView(approvals.nextId(), params, item, labelOf);
  return { view, threadId: params.threadId, requestId, fileChange: params };
}
