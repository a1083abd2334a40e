/** Gantry itself: `gantry exec --json`, and for what that does not print the thread's own file. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'smol-toml';
import { type RolloutLine, rolloutLine } from '../../../agent-core/threads/rollout.ts';
import { findTool } from '../../../agent-core/tools/index.ts';
import { type Agent, countAnswers, type Launch, linesOf, type Measured, measureExec, type Setting } from '../agent.ts';

const EDITORS: ReadonlySet<string> = new Set(['apply_patch', 'edit_file', 'write_file', 'str_replace_based_edit_tool']);
const NO_PATCH = /invalid (patch|hunk)/;
const NO_CALL =
  /^There is no tool |^The arguments of \S+ (are not valid|do not fit|end in the middle)|^\w+ needs "\w+"\. Nothing/;

type Table = Record<string, unknown>;
const tableOf = (value: unknown): Table => (typeof value === 'object' && value !== null ? { ...value } : {});

/** config.toml of a home that has nothing else. */
export function configOf({ provider, model, providerTable, overrides, family, instructions }: Setting): Table {
  const given = tableOf(tableOf(overrides.model_providers)[provider]);
  const own = { ...providerTable, ...given };
  const models = tableOf(own.models);
  if (family !== null) models[model] = { ...tableOf(models[model]), tool_family: family };
  if (Object.keys(models).length > 0) own.models = models;
  return {
    ...overrides,
    model,
    model_provider: provider,
    ...(instructions === null ? {} : { instructions }),
    ...(Object.keys(own).length > 0 ? { model_providers: { [provider]: own } } : {}),
  };
}

function command(launch: Launch) {
  const { home, folder, prompt, env, setting } = launch;
  const config = configOf(setting);
  writeFileSync(path.join(home, 'config.toml'), stringify(config));
  // A command that prints the key may need the user's own home; nothing else does.
  const usesCommand = Object.hasOwn(tableOf(tableOf(config.model_providers)[setting.provider]), 'auth');
  return {
    args: ['exec', '--json', '--skip-git-repo-check', '--sandbox', 'workspace-write', '--cd', folder, '--', prompt],
    env: { ...env, GANTRY_HOME: home, ...(usesCommand ? {} : { HOME: home, USERPROFILE: home }) },
  };
}

export function threadFiles(home: string): string[] {
  const sessions = path.join(home, 'sessions');
  if (!existsSync(sessions)) return [];
  const names = readdirSync(sessions, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => path.join(sessions, name));
}

type Item = Extract<RolloutLine, { type: 'history' }>['items'][number];

const textOf = ({ output }: Item): string =>
  Array.isArray(output) ? output.map((part: { text?: unknown }) => String(part.text ?? '')).join('\n') : '';

function isJson(text: unknown): boolean {
  try {
    JSON.parse(String(text) || '{}');
    return true;
  } catch {
    return false;
  }
}

type Faults = { malformedCalls: number; failedEdits: number };

/** A call that was nearly JSON and was repaired counts as malformed too: it is the model that is measured. */
function faultsOf(items: readonly Item[]): Faults {
  const faults: Faults = { malformedCalls: 0, failedEdits: 0 };
  const results = new Map(items.filter(({ type }) => type === 'toolResult').map((item) => [item.callId, item]));
  for (const call of items) {
    const result = results.get(call.callId);
    if (call.type !== 'toolCall' || !result) continue;
    const text = textOf(result);
    const failed = result.success === false;
    const isPatch = text.startsWith('apply_patch verification failed');
    if (call.kind === 'function' && !isJson(call.input)) faults.malformedCalls++;
    else if (failed && (NO_CALL.test(text) || (isPatch && NO_PATCH.test(text)))) faults.malformedCalls++;
    else if (failed && (isPatch || (EDITORS.has(findTool(String(call.name))?.name ?? '') && !isView(call))))
      faults.failedEdits++;
  }
  return faults;
}

const isView = ({ input }: Item): boolean => /"command"\s*:\s*"view"/.test(String(input));

/** What threads' files tell, of all that a run made. */
export function measureThreads(
  texts: readonly string[],
): Pick<Measured, 'rounds' | 'tokens' | 'costUsd' | keyof Faults> {
  const sum = { rounds: 0, malformedCalls: 0, failedEdits: 0 };
  const tokens = { input: 0, cached: 0, output: 0 };
  let costUsd: number | null = null;
  for (const text of texts) {
    const lines = linesOf(text, rolloutLine);
    const items = lines.flatMap((line) => (line.type === 'history' ? line.items : []));
    const byModel = items.map(
      ({ type, role }) => type === 'toolCall' || type === 'reasoning' || (type === 'message' && role === 'assistant'),
    );
    const { malformedCalls, failedEdits } = faultsOf(items);
    sum.rounds += countAnswers(byModel);
    sum.malformedCalls += malformedCalls;
    sum.failedEdits += failedEdits;
    for (const line of lines) {
      if (line.type !== 'usage') continue;
      tokens.input += line.usage.input;
      tokens.cached += line.usage.cachedInput;
      tokens.output += line.usage.output;
      if (line.costUsd !== undefined) costUsd = (costUsd ?? 0) + line.costUsd;
    }
  }
  return { ...sum, tokens, costUsd };
}

export const gantry: Agent = {
  name: 'gantry',
  install: null,
  needsKey: true,
  command,
  measure({ stdout, launch }) {
    const { answer, failure } = measureExec(stdout);
    const texts = threadFiles(launch.home).map((file) => readFileSync(file, 'utf8'));
    return { ...measureThreads(texts), answer, failure };
  },
};
