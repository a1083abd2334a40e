/** The thread that a run is about: a new one, or one to go on with. */
import path from 'node:path';
import { parseTomlValue } from '../../config/toml-text.ts';
import type { ClientRequestInput } from '../../protocol/index.ts';
import { isUuid } from '../../threads/uuid.ts';
import type { ExecOptions } from './arguments.ts';
import type { Client } from './client.ts';
import { UsageError } from './prompt.ts';

type Common = Pick<
  ClientRequestInput<'thread/start'>,
  'cwd' | 'model' | 'sandbox' | 'approvalPolicy' | 'runtimeWorkspaceRoots'
>;

/** The provider of the model that is no AI. */
const DEMO = 'demo';

/** A list without a word on it leaves out what exec itself started. */
const SOURCES = ['exec', 'cli', 'vscode', 'appServer', 'unknown'] as const;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

async function findThread(client: Client, options: ExecOptions, cwd: string): Promise<string | null> {
  const { resume } = options;
  if (resume === null) return null;
  if (resume.type === 'last') {
    const where = resume.anyFolder ? {} : { cwd };
    const { data } = await client.request('thread/list', {
      ...where,
      sourceKinds: [...SOURCES],
      limit: 1,
      sortKey: 'recency_at',
    });
    return data[0]?.id ?? null;
  }
  if (isUuid(resume.id)) return resume.id;
  const { data } = await client.request('thread/list', {
    searchTerm: resume.id,
    sourceKinds: [...SOURCES],
    limit: 1000,
    sortKey: 'recency_at',
  });
  const named = data.find(({ name }) => name === resume.id);
  if (!named) throw new UsageError(`There is no thread with the id or the name ${JSON.stringify(resume.id)}.`);
  return named.id;
}

/** Its id. Nothing asks in exec, whatever the config says. `--last` where there is none yet starts one. */
export async function openThread(client: Client, options: ExecOptions, cwd: string): Promise<string> {
  const sandbox = options.bypass ? 'danger-full-access' : options.sandbox;
  const common: Common = {
    cwd,
    model: options.model,
    sandbox,
    approvalPolicy: 'never',
    runtimeWorkspaceRoots: [cwd, ...options.addDirs.map((folder) => path.resolve(cwd, folder))],
  };
  const threadId = await findThread(client, options, cwd);
  if (threadId === null) {
    const { ephemeral, threadSource } = options;
    const started = await client.request('thread/start', { ...common, ephemeral, threadSource });
    return started.thread.id;
  }
  // A thread keeps its own settings, so what the command line sets has to be said to it.
  const config = Object.fromEntries(
    options.overrides.map((override) => {
      const at = override.indexOf('=');
      return [override.slice(0, at), parseTomlValue(override.slice(at + 1).trim())];
    }),
  );
  const { thread, modelProvider } = await client.request('thread/resume', {
    ...common,
    threadId,
    model: options.model ?? textOf(config.model),
    modelProvider: textOf(config.model_provider),
    config,
    excludeTurns: true,
  });
  if (modelProvider === DEMO)
    throw new UsageError(
      'This thread was held with the demo model, which is for the editor only: name a model with -c model_provider=… and --model.',
    );
  return thread.id;
}
