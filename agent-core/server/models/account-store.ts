/**
 * Keys that were given by `account/login/start`: in memory, and, for clients that keep none themselves, in auth.json,
 * which only its owner may read. It lies in Gantry's home, which commands in the sandbox do not see.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../../ports.ts';
import { AgentError } from '../../protocol/index.ts';

const authFile = z.looseObject({ version: z.literal(1), keys: z.record(z.string(), z.string()) });

export type AccountStore = {
  /** By provider. */
  keys(): ReadonlyMap<string, string>;
  /** `keep`: beyond the end of the process. Throws `AgentError` when the disk refuses. */
  set(provider: string, key: string, keep: boolean): void;
  /** Forgets all of them, and the file. */
  clear(): void;
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

export function createAccountStore(home: string, log: Log): AccountStore {
  const file = path.join(home, 'auth.json');
  const unkept = new Map<string, string>();
  let kept: Map<string, string> | null = null;

  const read = (): Map<string, string> => {
    try {
      const parsed = authFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
      if (parsed.success) return new Map(Object.entries(parsed.data.keys));
      log('warn', `${file} is not as Gantry writes it: no key is taken from it`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') log('warn', `${file} cannot be read (${codeOf(error)}): no key is taken from it`);
    }
    return new Map();
  };
  const load = (): Map<string, string> => {
    kept ??= read();
    return kept;
  };
  const refuse = (error: unknown): never => {
    throw new AgentError(
      'storage',
      `${file} cannot be written (${codeOf(error)}): make its folder writable, or set the key in the environment.`,
    );
  };
  const save = (keys: ReadonlyMap<string, string>): void => {
    const beside = `${file}.${randomUUID()}.tmp`;
    try {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      const text = `${JSON.stringify({ version: 1, keys: Object.fromEntries(keys) }, null, 2)}\n`;
      writeFileSync(beside, text, { mode: 0o600, flush: true });
      renameSync(beside, file);
    } catch (error) {
      rmSync(beside, { force: true });
      refuse(error);
    }
  };

  return {
    keys: () => new Map([...load(), ...unkept]),
    set(provider, key, keep) {
      if (!keep) {
        unkept.set(provider, key);
        return;
      }
      // Another process may have kept a key meanwhile.
      const next = new Map([...read(), [provider, key]]);
      save(next);
      kept = next;
      unkept.delete(provider);
    },
    clear() {
      unkept.clear();
      kept = new Map();
      try {
        rmSync(file, { force: true });
      } catch (error) {
        refuse(error);
      }
    },
  };
}
