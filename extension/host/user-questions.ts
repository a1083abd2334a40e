/** Questions of the agent that are no approvals, asked with the editor's own pickers. */
import * as vscode from 'vscode';
import type { ServerRequestAnswer, ServerRequestParams } from '../../agent-core/protocol/index.ts';

type Questions = ServerRequestParams<'item/tool/requestUserInput'>;

/** Answers in the order of the questions; one that the person leaves has no answers. */
export async function askUser({ questions }: Questions): Promise<ServerRequestAnswer<'item/tool/requestUserInput'>> {
  const answers: Record<string, { answers: string[] }> = {};
  for (const question of questions) {
    const answer = await askOne(question);
    answers[question.id] = { answers: answer === undefined ? [] : [answer] };
  }
  return { answers };
}

async function askOne({
  header,
  question,
  options,
  isOther,
  isSecret,
}: Questions['questions'][number]): Promise<string | undefined> {
  const free = () =>
    vscode.window.showInputBox({
      title: `Gantry: ${header}`,
      prompt: question,
      password: isSecret,
      ignoreFocusOut: true,
    });
  if (!options?.length) return free();
  const other = { label: 'Something else…', description: '' };
  const items = [...options, ...(isOther ? [other] : [])];
  const picked = await vscode.window.showQuickPick(
    items.map(({ label, description }) => ({ label, detail: description })),
    { title: `Gantry: ${header}`, placeHolder: question, ignoreFocusOut: true },
  );
  return picked?.label === other.label && isOther ? free() : picked?.label;
}

type Permissions = ServerRequestParams<'item/permissions/requestApproval'>;

/** Grants all or nothing, for this turn. */
export async function askPermissions(
  params: Permissions,
): Promise<ServerRequestAnswer<'item/permissions/requestApproval'>> {
  const { fileSystem, network } = params.permissions;
  const wanted = [
    ...(network?.enabled ? ['the network'] : []),
    ...(fileSystem?.read ?? []).map((path) => `reading ${path}`),
    ...(fileSystem?.write ?? []).map((path) => `writing ${path}`),
    ...(fileSystem?.entries ?? []).map(
      ({ access, path }) => `${access} ${'path' in path ? path.path : JSON.stringify(path)}`,
    ),
  ];
  const why = params.reason ? ` ${params.reason}` : '';
  const choice = await vscode.window.showWarningMessage(
    `Gantry asks for more in this turn: ${wanted.join(', ') || 'other permissions'}.${why}`,
    'Allow for This Turn',
    'Deny',
  );
  return { permissions: choice === 'Allow for This Turn' ? params.permissions : {}, scope: 'turn' };
}
