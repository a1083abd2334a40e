/** Questions of the agent that are no approvals, asked with the editor's own pickers. */
import * as vscode from 'vscode';
import type { RequestId, ServerRequestAnswer, ServerRequestParams } from '../../agent-core/protocol/index.ts';

type Questions = ServerRequestParams<'item/tool/requestUserInput'>;
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

  /** Answers in the order of the questions; one that the person leaves has no answers. */
  input(params: Questions, requestId: RequestId | null): Promise<ServerRequestAnswer<'item/tool/requestUserInput'>> {
    return this.#while(params.threadId, requestId, async (token) => {
      const answers: Record<string, { answers: string[] }> = {};
      for (const question of params.questions) {
        const answer = token.isCancellationRequested ? undefined : await askOne(question, token);
        answers[question.id] = { answers: answer === undefined ? [] : [answer] };
      }
      return { answers };
    });
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

async function askOne(
  { header, question, options, isOther, isSecret }: Questions['questions'][number],
  token: vscode.CancellationToken,
): Promise<string | undefined> {
  const title = `Gantry: ${header}`;
  const free = () =>
    vscode.window.showInputBox({ title, prompt: question, password: isSecret, ignoreFocusOut: true }, token);
  if (!options?.length) return free();
  const other = { label: 'Something else…', detail: '' };
  const choices = options.map(({ label, description }) => ({ label, detail: description }));
  const picked = await vscode.window.showQuickPick(
    [...choices, ...(isOther ? [other] : [])],
    { title, placeHolder: question, ignoreFocusOut: true },
    token,
  );
  return picked === other ? free() : picked?.label;
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
