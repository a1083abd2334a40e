/** A panel that is ready for a first message: what all other states begin with. */
import type { ModelChoice, PanelState } from '../../../webview/bridge/panel-state.ts';
import { initialPanelState } from '../../../webview/bridge/panel-state.ts';

const choice = (
  provider: string,
  providerName: string,
  model: string,
  displayName: string,
  more: Partial<ModelChoice> = {},
): ModelChoice => ({
  provider,
  providerName,
  model,
  displayName,
  description: null,
  isDemo: false,
  supportsTools: true,
  supportsImages: true,
  ...more,
});

export const MODELS: ModelChoice[] = [
  choice('openai', 'OpenAI', 'gpt-5.5', 'GPT-5.5', { description: 'Strongest for long tasks' }),
  choice('openai', 'OpenAI', 'gpt-5.5-mini', 'GPT-5.5 mini', { description: 'Fast and cheap' }),
  choice('anthropic', 'Anthropic', 'claude-sonnet-5', 'Claude Sonnet 5'),
  choice('ollama', 'Ollama', 'qwen3-coder:30b', 'qwen3-coder:30b', { description: 'On this computer' }),
  choice('ollama', 'Ollama', 'gemma3:4b', 'gemma3:4b', { supportsTools: false }),
  choice('demo', 'Gantry', 'demo', 'Demo', { isDemo: true, description: 'Shows how Gantry works, without a key' }),
];

export const READY: PanelState = {
  ...initialPanelState,
  core: { status: 'ready', message: null },
  peer: 'gantry',
  sandbox: {
    level: 'namespaces',
    enforced: ['Writes stay in the folder', 'No network', 'No access to other processes'],
    missing: [],
    reason: null,
  },
  models: MODELS,
  model: { provider: 'openai', model: 'gpt-5.5' },
  workspace: 'harbor',
};
