/** What the palette and the slash commands do to a thread: review, goal, plan, prompt, prices. */
import * as vscode from 'vscode';
import type { SlashName } from '../../webview/bridge/slash-commands.ts';
import type { GantryParts } from '../context.ts';
import { COMMANDS } from '../contributions.ts';
import { promptDocument } from '../host/prompt-text.ts';
import type { ReviewTarget } from '../panel/thread-actions.ts';
import { settings } from '../settings.ts';

/** Asks for the goal unless it is given; `clear` ends it. */
async function goal({ actions, store }: GantryParts, argument: string): Promise<void> {
  if (/^(clear|off|none)$/i.test(argument)) return actions.clearGoal();
  const current = store.state.thread?.extras.goal;
  const objective =
    argument ||
    (await vscode.window.showInputBox({
      title: 'Gantry: Goal',
      prompt: 'What should the thread work towards? Gantry goes on by itself, turn after turn, until it is reached.',
      value: current?.objective ?? '',
      ignoreFocusOut: true,
    }));
  if (objective?.trim()) await actions.setGoal(objective.trim());
}

type TargetPick = vscode.QuickPickItem & { ask: () => Promise<ReviewTarget | null> };

const given = async (title: string, prompt: string, placeHolder: string): Promise<string | null> => {
  const text = await vscode.window.showInputBox({ title, prompt, placeHolder, ignoreFocusOut: true });
  return text?.trim() || null;
};

const TARGETS: readonly TargetPick[] = [
  {
    label: 'Uncommitted changes',
    detail: 'Staged, unstaged and untracked files',
    ask: async () => ({ type: 'uncommittedChanges' }),
  },
  {
    label: 'Changes against a branch…',
    detail: 'What this branch adds',
    ask: async () => {
      const branch = await given('Gantry: Review (2/2)', 'The branch to compare with', 'main');
      return branch === null ? null : { type: 'baseBranch', branch };
    },
  },
  {
    label: 'A commit…',
    detail: 'What one commit changed',
    ask: async () => {
      const sha = await given('Gantry: Review (2/2)', 'The commit’s name', 'HEAD~1, or its hash');
      return sha === null ? null : { type: 'commit', sha };
    },
  },
  {
    label: 'Something else…',
    detail: 'In your own words',
    ask: async () => {
      const instructions = await given('Gantry: Review (2/2)', 'What should be reviewed, and for what?', '');
      return instructions === null ? null : { type: 'custom', instructions };
    },
  },
];

/** With words, a review of what they say; without, a choice of targets. */
async function review({ actions }: GantryParts, argument: string): Promise<void> {
  if (argument) return actions.review({ type: 'custom', instructions: argument });
  const picked = await vscode.window.showQuickPick(TARGETS, { title: 'Gantry: Review', ignoreFocusOut: true });
  const target = await picked?.ask();
  if (target) await actions.review(target);
}

export async function reviewChanges({ actions, panel }: GantryParts): Promise<void> {
  await panel.focus();
  await actions.review({ type: 'uncommittedChanges' });
}

export async function compact({ actions }: GantryParts): Promise<void> {
  await actions.compact();
}

/** Opens the last request to the model as a read-only document. */
export async function showLastPrompt({ core, threads, bases }: GantryParts): Promise<void> {
  const client = await core.ready();
  if (!client.gantry) throw new Error('This agent does not tell what it sends to the model.');
  const { threadId } = threads;
  const nothing = 'Nothing was sent in this thread yet. Send a message first.';
  if (!threadId) throw new Error(nothing);
  const loaded = await threads.loaded();
  const { request } = await loaded.client.request('gantry/prompt/read', { threadId: loaded.threadId });
  if (!request) throw new Error(`${nothing} After a restart, the prompt can be seen from the next message on.`);
  const name = vscode.Uri.file(`/Last Prompt (${request.model.replaceAll(/[\\/]/g, '-')}).md`);
  const uri = bases.put(`prompt-${request.sentAtMs}`, name, promptDocument(request));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: true });
}

export async function refreshModelPrices({ core }: GantryParts): Promise<void> {
  const source = settings.priceSource();
  if (source === null) {
    const open = 'Open Setting';
    const choice = await vscode.window.showInformationMessage(
      'No list of prices is set. Name a file or an https: address in gantry.modelPrices.source; nothing is fetched by itself.',
      open,
    );
    if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'gantry.modelPrices.source');
    return;
  }
  const client = await core.ready();
  if (!client.gantry) throw new Error('This agent keeps no prices.');
  const { models } = await client.request('gantry/price/refresh', { source });
  void vscode.window.showInformationMessage(`Gantry: ${models} models have a price now. It counts from the next call.`);
}

/** Lists what there is to go back to, and shows in the panel what that would do. */
async function restore({ checkpoints }: GantryParts): Promise<void> {
  const items = (await checkpoints.all()).map(({ id, turnId, label, createdAt }) => ({
    label: label ?? (turnId === null ? 'Before a restore' : 'Before a message'),
    description: new Date(createdAt * 1000).toLocaleString(),
    id,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Gantry: Restore',
    placeHolder: 'Go back to before…',
    ignoreFocusOut: true,
  });
  if (picked) await checkpoints.preview(picked.id);
}

/** Runs what was typed after `/` in the message field. */
export async function runSlash(parts: GantryParts, name: SlashName, argument: string): Promise<void> {
  const { controller, store } = parts;
  const command = (id: string) => vscode.commands.executeCommand(id);
  switch (name) {
    case 'compact':
      return compact(parts);
    case 'review':
      return review(parts, argument);
    case 'goal':
      return goal(parts, argument);
    case 'plan':
      return controller.setPlan(!store.state.plan);
    case 'context':
      return controller.openContext();
    case 'new':
      return void (await command(COMMANDS.newThread));
    case 'model':
      return void (await command(COMMANDS.selectModel));
    case 'mode':
      return void (await command(COMMANDS.selectMode));
    case 'mcp':
      return void (await command(COMMANDS.mcpServers));
    case 'history':
      return void (await command(COMMANDS.showHistory));
    case 'restore':
      return restore(parts);
    case 'prompt':
      return showLastPrompt(parts);
  }
}
