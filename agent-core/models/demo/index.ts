/**
 * The built-in demo model. It is no AI and says so; it lives behind the same port as every other model, reads the
 * conversation and the tool results, and makes real tool calls. It keeps nothing between calls.
 */
import type { ContentPart, HistoryItem, ModelClient, ModelEvent, ModelRequest } from '../model-client.ts';
import { attachedCode, type Conversation, commandResult, readConversations, runningSession } from './conversation.ts';
import { fixStep } from './fix-flow.ts';
import { intentOf } from './intent.ts';
import { outline } from './outline.ts';
import { findStep, renameStep, runStep } from './search-flow.ts';
import { type Call, quote, run, type Step, say } from './step.ts';

export { BUG_PATTERNS } from './bug-patterns.ts';

const HELP = `I am Gantry's built-in **demo model**. I am not an AI: I follow a few fixed rules, so that you can see how Gantry works before you connect a model. I can

- **fix the failing test**: I run the tests in the sandbox, look for mistakes that I know, and propose a change for you to accept or reject;
- **explain** code that you select (right-click → *Explain with Gantry*): a plain outline of it;
- **rename X to Y**, by the word;
- **find X**, in all files;
- **run: COMMAND**, in the sandbox.

For a real model, run **Gantry: Set API Key** (OpenAI, Anthropic, Google and others), start Ollama or LM Studio, or name any OpenAI-compatible server in \`config.toml\` (**Gantry: Open config.toml**).`;

const NO_TESTS =
  'Writing tests takes a real model, and the built-in **demo model** is no AI. Set one up with **Gantry: Set API Key**, then ask again: what you selected goes with the message.';

export type DemoOptions = {
  /** Milliseconds between two pieces of text; what streams can be watched. */
  pace: number;
};

/** A `ModelClient` that needs no key and no network. Never fails but by `cancelled`. */
export function createDemoClient(options: DemoOptions = { pace: 12 }): ModelClient {
  return { stream: (request, signal) => stream(request, signal, options) };
}

/** The next step for a conversation: pure, the same for the same request. */
export function demoStep(request: Pick<ModelRequest, 'items' | 'tools'>): Step {
  const waiting = readConversations(request.items, request.tools);
  let rounds = waiting[0]?.rounds ?? [];
  let said = '';
  for (const [index, conversation] of waiting.entries()) {
    const taken = index === waiting.length - 1 ? null : roundsOf({ ...conversation, rounds }, request);
    const step = stepFor({ ...conversation, rounds: taken === null ? rounds : rounds.slice(0, taken) }, request);
    if (said.includes(step.text)) said = '';
    if (taken === null || step.calls.length > 0) return { ...step, text: said + step.text };
    // An answer is given once: with the first step for the message after it.
    said = taken === rounds.length ? `${said}${step.text}\n\n` : '';
    rounds = rounds.slice(taken);
  }
  return say(said);
}

/** With how many of the rounds a message was answered in full; all of them when it is not yet. */
function roundsOf(conversation: Conversation, request: Pick<ModelRequest, 'items' | 'tools'>): number {
  const { rounds } = conversation;
  for (let count = 0; count < rounds.length; count++) {
    const step = stepFor({ ...conversation, rounds: rounds.slice(0, count) }, request);
    if (step.calls.length === 0) return count;
  }
  return rounds.length;
}

function stepFor(conversation: Conversation, request: Pick<ModelRequest, 'items' | 'tools'>): Step {
  const intent = intentOf(conversation.ask);
  if (request.tools.length === 0 && intent.type !== 'explain') return say(HELP);
  const session = conversation.rounds.map(runningSession).find((id) => id !== null);
  // A command that takes long is waited for; the person can stop it.
  if (session != null) return { text: '', calls: [{ name: 'write_stdin', sessionId: session }] };
  switch (intent.type) {
    case 'fix':
      return fixStep(conversation, workspaceRoot(request.items));
    case 'rename':
      return renameStep(conversation, intent.from, intent.to);
    case 'find':
      return findStep(conversation, intent.what);
    case 'run':
      return runStep(conversation, intent.command);
    case 'explainFile':
      return explainFile(conversation, intent.path);
    case 'explain': {
      const code = attachedCode(conversation.ask);
      return say(code ? outline(code) : HELP);
    }
    case 'writeTests':
      return say(NO_TESTS);
    case 'other':
      return say(HELP);
  }
}

function explainFile(conversation: Conversation, path: string): Step {
  const round = conversation.rounds[0];
  if (!round) return run(`Reading \`${path}\`.`, `cat ${quote(path)}`);
  const result = commandResult(round);
  if (result.exitCode !== 0) return say(`I could not read \`${path}\`: ${result.body.trim()}`);
  return say(outline({ path, startLine: 1, language: '', lines: result.body.trimEnd().split('\n') }));
}

/** The folder that Gantry names in the environment it tells the model. */
function workspaceRoot(items: readonly HistoryItem[]): string | null {
  const texts = items
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part: ContentPart) => (part.type === 'text' ? part.text : ''));
  return texts.map((text) => /<environment_context>\s*cwd: ([^\n]+)/.exec(text)?.[1]).findLast(Boolean) ?? null;
}

async function* stream(request: ModelRequest, signal: AbortSignal, { pace }: DemoOptions): AsyncGenerator<ModelEvent> {
  const step = demoStep(request);
  // Ids have to differ within a thread and be the same for the same request.
  const serial = request.items.length;
  if (step.text) yield* speak(step.text, `demo_msg_${serial}`, pace, signal);
  for (const [n, call] of step.calls.entries()) {
    if (signal.aborted) return yield cancelled();
    const callId = `demo_call_${serial}_${n}`;
    const spec = request.tools.find((tool) => tool.name === call.name);
    const freeform = call.name === 'apply_patch' && spec?.kind === 'freeform';
    const input = freeform ? call.patch : JSON.stringify(argumentsOf(call));
    yield { type: 'toolCallStart', callId, name: call.name };
    yield {
      type: 'toolCallDone',
      item: { type: 'toolCall', callId, name: call.name, kind: freeform ? 'freeform' : 'function', input },
    };
  }
  if (signal.aborted) return yield cancelled();
  yield { type: 'done', stopReason: step.calls.length > 0 ? 'toolCalls' : 'stop', usage: null };
}

function argumentsOf(call: Call): Record<string, unknown> {
  switch (call.name) {
    case 'exec_command':
      return { cmd: call.cmd, yield_time_ms: 30_000 };
    case 'write_stdin':
      return { session_id: call.sessionId, chars: '', yield_time_ms: 30_000 };
    case 'apply_patch':
      return { input: call.patch };
  }
}

async function* speak(text: string, id: string, pace: number, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  yield { type: 'textStart', itemId: id };
  for (const piece of text.match(/\S+\s*|\s+/g) ?? []) {
    if (!(await pause(pace, signal))) return;
    yield { type: 'textDelta', itemId: id, delta: piece };
  }
  yield { type: 'textDone', item: { type: 'message', role: 'assistant', id, content: [{ type: 'text', text }] } };
}

const cancelled = (): ModelEvent => ({
  type: 'failed',
  error: { code: 'cancelled', message: 'Stopped.', details: null, httpStatus: null, retryAfterMs: null },
});

/** False when aborted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
