/** Models, modes, keys and configuration. */
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import { sameModel } from '../session/model-choice.ts';
import { MODE_INFOS } from '../session/modes.ts';

/** Providers whose key may be set before the core lists a model of theirs; the ids are those of config.toml. */
const KNOWN_PROVIDERS: readonly { id: string; name: string }[] = [
  { id: 'openai', name: 'OpenAI' },
  { id: 'anthropic', name: 'Anthropic' },
  { id: 'google', name: 'Google Gemini' },
  { id: 'openrouter', name: 'OpenRouter' },
  { id: 'mistral', name: 'Mistral' },
  { id: 'groq', name: 'Groq' },
  { id: 'deepseek', name: 'DeepSeek' },
  { id: 'xai', name: 'xAI' },
];
/** Providers that have no key. */
const KEYLESS = new Set(['demo', 'host', 'ollama', 'lmstudio', 'agent']);

export async function selectModel({ core, store, status, controller }: GantryParts): Promise<void> {
  await status.loadModels(await core.ready(), true);
  const { models, model } = store.state;
  const providers = [...new Set(models.map(({ provider }) => provider))];
  const items = providers.flatMap((provider) => {
    const own = models.filter((choice) => choice.provider === provider);
    return [
      { label: own[0]?.providerName ?? provider, kind: vscode.QuickPickItemKind.Separator, choice: null },
      ...own.map((choice) => ({
        label: sameModel(choice, model) ? `$(check) ${choice.displayName}` : choice.displayName,
        description: choice.model === choice.displayName ? '' : choice.model,
        detail: choice.description ?? '',
        choice,
      })),
    ];
  });
  const picked = await vscode.window.showQuickPick(items, { title: 'Gantry: Select Model', matchOnDescription: true });
  if (picked?.choice) await controller.setModel({ provider: picked.choice.provider, model: picked.choice.model });
}

export async function selectMode({ store, controller }: GantryParts): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showInformationMessage(
      'A workspace that is not trusted is always read only. Trust it to choose another mode.',
    );
    return;
  }
  const items = MODE_INFOS.map(({ mode, label, description }) => ({
    label: store.state.mode === mode ? `$(check) ${label}` : label,
    detail: description,
    mode,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: 'Gantry: Select Mode' });
  if (picked) await controller.setMode(picked.mode);
}

export async function setApiKey({ store, keys, log }: GantryParts): Promise<void> {
  const listed = store.state.models.map(({ provider, providerName }) => ({ id: provider, name: providerName }));
  const all = new Map(
    [...KNOWN_PROVIDERS, ...listed].filter(({ id }) => !KEYLESS.has(id)).map((entry) => [entry.id, entry]),
  );
  const other = { label: 'Another provider…', description: 'one that config.toml defines', id: '' };
  const items = [...all.values()].map(({ id, name }) => ({
    label: name,
    description: keys.providers.includes(id) ? `${id}, has a key` : id,
    id,
  }));
  const picked = await vscode.window.showQuickPick([...items, other], {
    title: 'Gantry: Set API Key (1/2)',
    placeHolder: 'Whose key?',
    ignoreFocusOut: true,
  });
  if (!picked) return;
  const provider =
    picked.id ||
    (await vscode.window.showInputBox({
      title: 'Gantry: Set API Key',
      prompt: 'The provider’s name in config.toml, as in [model_providers.NAME]',
      ignoreFocusOut: true,
      validateInput: (value) => (/^[\w.-]+$/.test(value) ? null : 'Letters, digits, dots, dashes and underscores only'),
    }));
  if (!provider) return;
  const key = await vscode.window.showInputBox({
    title: `Gantry: Set API Key (2/2)`,
    prompt: `API key for ${picked.id ? picked.label : provider}. It is kept by the editor’s secret storage.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'Paste the key' : null),
  });
  if (!key) return;
  await keys.set(provider, key.trim());
  log.info(`A key for ${provider} was stored.`);
}

export async function removeApiKey({ keys, log }: GantryParts): Promise<void> {
  if (keys.providers.length === 0) {
    void vscode.window.showInformationMessage('Gantry stores no API key.');
    return;
  }
  const provider = await vscode.window.showQuickPick(keys.providers, { title: 'Gantry: Remove API Key' });
  if (!provider) return;
  await keys.remove(provider);
  log.info(`The key for ${provider} was removed.`);
}

const gantryHome = () => process.env.GANTRY_HOME ?? path.join(os.homedir(), '.gantry');

/** Opens the file that the core reads; one that is not there yet opens as a new one with that name. */
export async function openConfig({ status }: GantryParts): Promise<void> {
  const file = status.configPath ?? path.join(gantryHome(), 'config.toml');
  const problem = status.configProblem;
  const at = new vscode.Position(Math.max(0, (problem?.line ?? 1) - 1), Math.max(0, (problem?.column ?? 1) - 1));
  await openOrBegin(file, problem ? { selection: new vscode.Range(at, at) } : {});
}

/** Opens the rules that "Always allow" writes into: which commands run, ask or never run. */
export async function openCommandRules({ status }: GantryParts): Promise<void> {
  await openOrBegin(path.join(status.home ?? gantryHome(), 'rules', 'default.rules'), {});
}

async function openOrBegin(file: string, options: vscode.TextDocumentShowOptions): Promise<void> {
  const uri = vscode.Uri.file(file);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  await vscode.window.showTextDocument(exists ? uri : uri.with({ scheme: 'untitled' }), options);
}
