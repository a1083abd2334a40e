/** The agent's wish for more permissions, asked with the editor's own picker. */
import * as vscode from 'vscode';
import type { RequestId, ServerRequestAnswer, ServerRequestParams } from '../../agent-core/protocol/index.ts';

type Permissions = ServerRequestParams<'item/permissions/requestApproval'>;
type Open = { threadId: string; requestId: RequestId | null; source: vscode.CancellationTokenSource };

/** A picker is open as long as its question is: it closes when the agent takes the question back, or is gone. */
export class UserQuestions implements vscode.Disposable {
  readonly #open = new Set<Open>();

  dispose(): void {
    this.takeBackAll();
  }

  takeBack(threadId: string, requestId: RequestId): void {
    for (const open of this.#open) {
      if (open.threadId === threadId && open.requestId === requestId) open.source.cancel();
    }
  }

  takeBackAll(): void {
    for (const { source } of this.#open) source.cancel();
  }

  /** Grants all or nothing, for this turn. */
  permissions(
    params: Permissions,
    requestId: RequestId | null,
  ): Promise<ServerRequestAnswer<'item/permissions/requestApproval'>> {
    return this.#while(params.threadId, requestId, async (token) => {
      const allow = { label: '$(check) Allow for This Turn', detail: wantedBy(params) };
      const picked = await vscode.window.showQuickPick(
        [allow, { label: '$(close) Deny', detail: 'The agent goes on without.' }],
        { title: 'Gantry asks for more', placeHolder: params.reason ?? '', ignoreFocusOut: true },
        token,
      );
      return { permissions: picked === allow ? params.permissions : {}, scope: 'turn' };
    });
  }

  async #while<T>(
    threadId: string,
    requestId: RequestId | null,
    ask: (token: vscode.CancellationToken) => Promise<T>,
  ): Promise<T> {
    const open: Open = { threadId, requestId, source: new vscode.CancellationTokenSource() };
    this.#open.add(open);
    try {
      return await ask(open.source.token);
    } finally {
      this.#open.delete(open);
      open.source.dispose();
    }
  }
}

function wantedBy({ permissions: { fileSystem, network } }: Permissions): string {
  const wanted = [
    ...(network?.enabled ? ['the network'] : []),
    ...(fileSystem?.read ?? []).map((path) => `reading ${path}`),
    ...(fileSystem?.write ?? []).map((path) => `writing ${path}`),
    ...(fileSystem?.entries ?? []).map(
      ({ access, path }) => `${access} ${'path' in path ? path.path : JSON.stringify(path)}`,
    ),
  ];
  return wanted.join(', ') || 'other permissions';
}
