/** `codex exec --json`, and for what that does not print the rollout in its home. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { stringify } from 'smol-toml';
import * as z from 'zod';
import { type Agent, countAnswers, type Launch, linesOf, measureExec } from '../agent.ts';

const rolloutItem = z.object({
  type: z.literal('response_item'),
  payload: z.looseObject({
    type: z.string(),
    role: z.optional(z.string()),
    name: z.optional(z.string()),
    call_id: z.optional(z.string()),
  }),
});
type Item = z.infer<typeof rolloutItem>['payload'];

const BY_MODEL = /^(reasoning|function_call|custom_tool_call|local_shell_call|web_search_call)$/;
const OUTPUT = /^(function|custom_tool)_call_output$/;
const NO_CALL = /^(failed to parse function arguments|unsupported (custom tool )?call)|invalid (patch|hunk)/i;
const NO_EDIT = /^(apply_patch verification failed|patch rejected)|Failed to find expected lines/i;

/** Without a key it works with its own home, where it may be signed in. */
const ownsHome = ({ env, setting }: Launch): boolean => {
  const named = setting.providerTable?.env_key;
  return Boolean(env.CODEX_API_KEY || env.OPENAI_API_KEY || (typeof named === 'string' && env[named]));
};

const homeOf = (launch: Launch): string =>
  ownsHome(launch) ? launch.home : (launch.env.CODEX_HOME ?? path.join(homedir(), '.codex'));

function command(launch: Launch) {
  const { env, folder, home, prompt, setting } = launch;
  const { models: _, default_model: __, ...table } = { ...setting.providerTable };
  if (ownsHome(launch)) {
    const isKnown = Object.keys(table).length === 0;
    const providers = isKnown ? {} : { model_providers: { [setting.provider]: { name: setting.provider, ...table } } };
    const base = {
      model_provider: setting.provider,
      check_for_update_on_startup: false,
      analytics: { enabled: false },
    };
    writeFileSync(path.join(home, 'config.toml'), stringify({ ...base, ...providers }));
  }
  const key = env.CODEX_API_KEY ?? env.OPENAI_API_KEY;
  const flags = ['--json', '--skip-git-repo-check', '--sandbox', 'workspace-write', '--cd', folder];
  return {
    args: ['exec', ...flags, '--model', setting.model, '--', prompt],
    env: { ...env, CODEX_HOME: homeOf(launch), ...(key ? { CODEX_API_KEY: key } : {}) },
  };
}

function rolloutOf(home: string, threadId: string | null): string {
  const sessions = path.join(home, 'sessions');
  if (threadId === null || !existsSync(sessions)) return '';
  const name = readdirSync(sessions, { recursive: true })
    .map(String)
    .find((file) => file.endsWith(`${threadId}.jsonl`));
  return name === undefined ? '' : readFileSync(path.join(sessions, name), 'utf8');
}

function outputText({ output }: Item): string {
  if (typeof output === 'string') return output;
  return Array.isArray(output) ? output.map((part: { text?: unknown }) => String(part.text ?? '')).join('\n') : '';
}

export const codex: Agent = {
  name: 'codex',
  install: 'npm install -g @openai/codex',
  needsKey: false,
  command,
  measure({ stdout, launch }) {
    const { threadId, ...told } = measureExec(stdout);
    const items = linesOf(rolloutOf(homeOf(launch), threadId), rolloutItem).map(({ payload }) => payload);
    const outputs = items.filter(({ type }) => OUTPUT.test(type)).map(outputText);
    const malformed = outputs.filter((text) => NO_CALL.test(text));
    return {
      ...told,
      costUsd: null,
      rounds: countAnswers(
        items.map(({ type, role }) => BY_MODEL.test(type) || (type === 'message' && role === 'assistant')),
      ),
      malformedCalls: malformed.length,
      failedEdits: outputs.filter((text) => NO_EDIT.test(text) && !malformed.includes(text)).length,
    };
  },
};
