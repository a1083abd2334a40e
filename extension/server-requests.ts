/** What the core may ask of the editor: one row a method. */
import * as vscode from 'vscode';
import type { RequestId, ServerRequestParams } from '../agent-core/protocol/index.ts';
import type { ServerRequestHandlers } from './core/core-client.ts';
import type { HostModels } from './host/host-models.ts';
import type { UserQuestions } from './host/user-questions.ts';
import type { PanelStore } from './panel/panel-store.ts';
import { commandApprovalView, fileApprovalView } from './panel/thread-model.ts';
import type { ApprovalRegistry } from './session/approvals.ts';
import { type Elicitations, toolApprovalAnswer, toolApprovalView } from './session/elicitations.ts';
import type { Questions } from './session/questions.ts';

export type RequestDeps = {
  approvals: ApprovalRegistry;
  store: PanelStore;
  hostModels: HostModels;
  questions: UserQuestions;
  cards: Questions;
  elicitations: Elicitations;
};

export function serverRequestHandlers({
  approvals,
  store,
  hostModels,
  questions,
  cards,
  elicitations,
}: RequestDeps): ServerRequestHandlers {
  return {
    'item/commandExecution/requestApproval': async (params, { requestId }) => {
      const view = commandApprovalView(approvals.nextId(), params, store.state.sandbox.level !== 'none');
      const decision = await approvals.ask({ view, threadId: params.threadId, requestId, fileChange: null });
      // A partial acceptance is of a file change, one for always of a tool: neither is offered here.
      return { decision: typeof decision === 'string' && decision !== 'acceptAlways' ? decision : 'decline' };
    },
    'item/fileChange/requestApproval': async (params, { requestId }) => {
      const decision = await approvals.ask(fileApproval({ approvals, store }, params, requestId));
      return { decision: decision === 'acceptAlways' ? 'decline' : decision };
    },
    'item/permissions/requestApproval': (params, { requestId }) => questions.permissions(params, requestId),
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
  };
}

function fileApproval(
  { approvals, store }: Pick<RequestDeps, 'approvals' | 'store'>,
  params: ServerRequestParams<'item/fileChange/requestApproval'>,
  requestId: RequestId | null,
) {
  const { thread } = store.state;
  const item =
    thread?.id === params.threadId ? thread.items.findLast((view) => view.item.id === params.itemId)?.item : undefined;
  const view = fileApprovalView(approvals.nextId(), params, item, (path) => vscode.workspace.asRelativePath(path));
  return { view, threadId: params.threadId, requestId, fileChange: params };
}
