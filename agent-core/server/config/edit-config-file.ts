/** Changes keys of a config.toml for those that do not edit it on the wire. */
import { type Raw, showKey } from '../../config/raw.ts';
import type { Requirements } from '../../config/requirements.ts';
import { writeConfig } from '../../config/write-config.ts';
import { AgentError } from '../../protocol/index.ts';

/** Undefined removes a key; a table takes the place of the one that is there. */
export type ConfigEdit = { path: readonly string[]; value: Raw[string] | undefined };

/** All edits or none. The file and its folder need not exist. Throws `AgentError('configWrite', …)`. */
export function editConfigFile(file: string, edits: readonly ConfigEdit[], requirements: Requirements): void {
  const written = writeConfig({
    file,
    edits: edits.map(({ path, value }) => ({
      keyPath: showKey(path),
      value: value === undefined ? null : value,
      mergeStrategy: 'replace',
    })),
    expectedVersion: null,
    requirements,
  });
  if (written.ok) return;
  const data = { config_write_error_code: written.code };
  throw new AgentError('configWrite', `${file} was not changed: ${written.message}`, { data });
}
