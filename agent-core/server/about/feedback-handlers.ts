/** A report for the makers, saved where the client says. Nothing is sent, and no secret is in it. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scrubSecrets } from '../../config/index.ts';
import { AgentError, type ClientRequestParams } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import type { LogMemory } from './log.ts';

const MOST_FILE_BYTES = 1024 * 1024;

export type FeedbackHandlerOptions = {
  version: string;
  configuration: Configuration;
  threads: ThreadRegistry;
  memory: LogMemory;
  /** Values that must not be in the report. */
  secrets: () => readonly string[];
  newId: () => string;
  now: () => number;
};

type Params = ClientRequestParams<'feedback/save'>;

function extraFile(file: string): { path: string; text: string } {
  try {
    const size = statSync(file).size;
    if (size > MOST_FILE_BYTES)
      return { path: file, text: `(left out: ${size} bytes are more than ${MOST_FILE_BYTES})` };
    return { path: file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { path: file, text: `(cannot be read: ${error instanceof Error ? error.message : error})` };
  }
}

/** Every text in a value, at any depth, without secrets. */
function scrubbed(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return scrubSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrubbed(inner, secrets)]));
}

export function feedbackHandlers(options: FeedbackHandlerOptions): Pick<Handlers, 'feedback/save'> {
  const { version, configuration, threads, memory, secrets, newId, now } = options;

  const threadOf = (threadId: string): unknown => {
    const live = threads.get(threadId);
    const isStored = live ? live.isOnDisk : true;
    const file = isStored ? threads.place(threadId).path : null;
    return { threadId, file, model: live?.settings.model ?? null, cwd: live?.settings.cwd ?? null };
  };

  const report = ({ threadId, classification, reason, tags, includeLogs, extraLogFiles }: Params): unknown => {
    const { problems } = configuration.loadUser();
    return {
      product: 'gantry',
      version,
      savedAt: Math.floor(now() / 1000),
      platform: `${process.platform}-${process.arch}, Node ${process.version}`,
      classification,
      reason: reason ?? null,
      tags: tags ?? {},
      thread: threadId ? threadOf(threadId) : null,
      configProblems: problems.map(({ message }) => message),
      ...(includeLogs ? { log: memory.entries(), files: (extraLogFiles ?? []).map(extraFile) } : {}),
    };
  };

  return {
    'feedback/save'(params) {
      const { savePath } = params;
      if (configuration.loadUser().requirements.feedback?.enabled === false) {
        throw new AgentError('invalidRequest', 'Feedback is turned off by requirements.toml.');
      }
      if (!path.isAbsolute(savePath))
        throw new AgentError('invalidParams', `savePath must be absolute, but is ${savePath}.`);
      const text = `${JSON.stringify(scrubbed(report(params), secrets()), null, 2)}\n`;
      try {
        writeFileSync(savePath, text, { flag: 'wx', mode: 0o600 });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new AgentError(
          'fileSystem',
          `The report cannot be saved: ${why}. Give a savePath that does not exist, in a folder that does.`,
        );
      }
      return { threadId: params.threadId ?? newId(), savedPath: savePath, promptHash: null };
    },
  };
}
