/** The hooks that hold here: what each does, whether it is trusted, and the user's word on that. */
import * as vscode from 'vscode';
import type { HookMetadata, HooksListEntry } from '../../agent-core/protocol/index.ts';
import type { GantryParts } from '../context.ts';
import { currentPlace } from '../host/workspace-place.ts';
import { hookName, hookState } from '../session/hook-view.ts';

type Row = vscode.QuickPickItem & { hook?: HookMetadata; file?: string };

export async function hooks(parts: GantryParts): Promise<void> {
  const client = await parts.core.ready();
  const { threadId } = parts.threads;
  const { folder } = currentPlace();
  const where = threadId !== null ? { threadId } : folder !== null ? { cwds: [folder] } : {};
  // A thread that is not loaded is as good as none.
  const { data } = await client.request('hooks/list', where).catch((error: unknown) => {
    if (threadId === null || folder === null) throw error;
    return client.request('hooks/list', { cwds: [folder] });
  });
  const picked = await vscode.window.showQuickPick<Row>(data.flatMap(rowsOf), {
    title: 'Gantry: Hooks',
    placeHolder: 'Pick a hook to trust it, switch it off or open its file',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.hook) await hookActions(parts, picked.hook);
  else if (picked?.file) await open(picked.file);
}

function rowsOf({ hooks, errors, warnings }: HooksListEntry): Row[] {
  const rows: Row[] = hooks.map((hook) => ({
    label: `${hookState(hook).icon} ${hookName(hook)}`,
    description: hookState(hook).words,
    detail: hook.handlerType === 'command' ? hook.command : hook.handlerType,
    hook,
  }));
  if (rows.length === 0)
    rows.push({ label: 'There are no hooks here.', detail: 'They stand in hooks.json beside config.toml.' });
  const faults = errors.map(
    ({ path, message }): Row => ({ label: '$(error) Not understood', detail: `${path}: ${message}`, file: path }),
  );
  return [...rows, ...faults, ...warnings.map((detail): Row => ({ label: '$(warning) Passed over', detail }))];
}

async function hookActions(parts: GantryParts, hook: HookMetadata): Promise<void> {
  const write = (value: Record<string, unknown>) => async () => {
    const client = await parts.core.ready();
    await client.request('config/value/write', {
      keyPath: 'hooks.state',
      value: { [hook.key]: value },
      mergeStrategy: 'upsert',
    });
    vscode.window.setStatusBarMessage('$(check) Counts from the next message on', 4000);
  };
  const isDoubted = hook.trustStatus === 'untrusted' || hook.trustStatus === 'modified';
  const rows: (vscode.QuickPickItem & { run: () => unknown })[] = [
    { label: '$(go-to-file) Open Its File', detail: hook.sourcePath, run: () => open(hook.sourcePath) },
  ];
  if (isDoubted)
    rows.push({
      label: '$(shield) Trust It as It Is Now',
      detail: 'When it, or a file of the workspace that it runs, changes, it is closed until you trust it anew.',
      run: write({ trusted_hash: hook.currentHash }),
    });
  if (!hook.isManaged)
    rows.push(
      hook.enabled
        ? { label: '$(circle-slash) Switch It Off', run: write({ enabled: false }) }
        : { label: '$(play) Switch It On', run: write({ enabled: true }) },
    );
  const picked = await vscode.window.showQuickPick(rows, {
    title: `${hookName(hook)}: ${hookState(hook).words}`,
    placeHolder: hook.handlerType === 'command' ? hook.command : '',
  });
  await picked?.run();
}

const open = (file: string): Thenable<unknown> => vscode.window.showTextDocument(vscode.Uri.file(file));
