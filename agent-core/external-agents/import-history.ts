/** Imports so far, in a file of Gantry's home. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { AgentError, ExternalAgentConfigImportHistory } from '../protocol/index.ts';

const MOST = 200;

/** A file that cannot be understood is as none: the next import writes it anew. */
export function readImports(file: string): ExternalAgentConfigImportHistory[] {
  try {
    return z.array(ExternalAgentConfigImportHistory).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

/** The newest last. Throws `AgentError('storage', …)`. */
export function recordImport(file: string, entry: ExternalAgentConfigImportHistory): void {
  const all = [...readImports(file), entry].slice(-MOST);
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(beside, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    renameSync(beside, file);
  } catch (error) {
    throw new AgentError('storage', `The import could not be noted in ${file}: ${String(error)}`, { cause: error });
  }
}
