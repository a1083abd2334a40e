/** The standing messages above the composer, worked out from facts. Pure. */
import type { ConfigProblem } from '../../agent-core/protocol/index.ts';
import type { ModelChoice, Notice, SandboxView } from '../../webview/bridge/panel-state.ts';

export type NoticeFacts = {
  hasFolder: boolean;
  trusted: boolean;
  /** Null until the core has answered. */
  peer: { ours: boolean } | null;
  sandbox: SandboxView;
  model: ModelChoice | null;
  modelProblems: readonly string[];
  configProblems: readonly ConfigProblem[];
  /** What the core warned of, newest last. */
  warnings: readonly string[];
  fullAccess: boolean;
  agentCommandProblem: string | null;
};

const MAX_WARNINGS = 3;

export function noticesOf(facts: NoticeFacts): Notice[] {
  return [...place(facts), ...agent(facts), ...config(facts), ...sandbox(facts), ...model(facts), ...warnings(facts)];
}

function place({ hasFolder, trusted }: NoticeFacts): Notice[] {
  if (!hasFolder) {
    const text = 'No folder is open. Open the folder that Gantry should work in.';
    return [
      { id: 'no-folder', severity: 'warning', text, action: { label: 'Open Folder', command: 'gantry.openFolder' } },
    ];
  }
  if (trusted) return [];
  const text = 'This workspace is not trusted, so Gantry only reads and explains.';
  return [
    { id: 'not-trusted', severity: 'info', text, action: { label: 'Manage Trust', command: 'gantry.manageTrust' } },
  ];
}

function agent({ agentCommandProblem, peer }: NoticeFacts): Notice[] {
  const action = { label: 'Open Settings', command: 'gantry.openSettings' } as const;
  if (agentCommandProblem !== null) {
    return [{ id: 'agent-command', severity: 'warning', text: agentCommandProblem, action }];
  }
  if (!peer || peer.ours) return [];
  const text =
    'Another agent runs behind this panel (gantry.agent.command). It takes a change whole or not at all, writes files ' +
    'itself, does not see text that is not saved, and uses its own models, keys and sandbox. What it has edited can be ' +
    'undone hunk by hunk; of what its commands change it does not tell.';
  return [{ id: 'other-agent', severity: 'info', text, action }];
}

function config({ configProblems }: NoticeFacts): Notice[] {
  return configProblems.map(({ file, line, column, message, expected }, index) => {
    const at = line === null ? file : `${file}, line ${line}${column === null ? '' : `, column ${column}`}`;
    // A message that names the place itself is not told it twice.
    const said = message.replace(/^config\.toml line \d+(?:, column \d+)?: /, '');
    const text = `${at}: ${said}${expected ? ` (expected: ${expected})` : ''}`;
    return {
      id: `config-${index}`,
      severity: 'error',
      text,
      action: { label: 'Open config.toml', command: 'gantry.openConfig' },
    };
  });
}

function sandbox({ sandbox, fullAccess, peer }: NoticeFacts): Notice[] {
  if (fullAccess) {
    const text = 'Full access: commands run without a sandbox and nothing asks first.';
    return [{ id: 'full-access', severity: 'warning', text, action: null }];
  }
  if (peer?.ours && sandbox.level === 'none') {
    const why = sandbox.reason ? `: ${sandbox.reason}` : '.';
    const text = `There is no sandbox here, so every command needs your approval${why}`;
    return [{ id: 'no-sandbox', severity: 'warning', text, action: { label: 'Show Log', command: 'gantry.showLog' } }];
  }
  return [];
}

function model({ model, modelProblems, peer }: NoticeFacts): Notice[] {
  const problems = modelProblems.map(
    (text, index): Notice => ({
      id: `model-${index}`,
      severity: 'warning',
      text,
      action: { label: 'Set API Key', command: 'gantry.setApiKey' },
    }),
  );
  if (model?.isDemo) {
    const text = 'Demo model: not an AI. It follows fixed rules, to show how Gantry works.';
    return [
      ...problems,
      { id: 'demo', severity: 'info', text, action: { label: 'Set API Key', command: 'gantry.setApiKey' } },
    ];
  }
  if (!model && peer?.ours && problems.length === 0) {
    const text = 'No model is set up. Set an API key, or name a provider in config.toml.';
    return [
      { id: 'no-model', severity: 'warning', text, action: { label: 'Set API Key', command: 'gantry.setApiKey' } },
    ];
  }
  return problems;
}

function warnings({ warnings }: NoticeFacts): Notice[] {
  return [...new Set(warnings)]
    .slice(-MAX_WARNINGS)
    .map((text, index) => ({ id: `warning-${index}`, severity: 'warning', text, action: null }));
}
