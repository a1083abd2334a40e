/** Changes single keys of a config.toml on disk; the rest of the file stays byte by byte. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { editToml, type TomlEdit } from '../config/toml-edit.ts';
import { AgentError } from '../protocol/index.ts';

const refused = (file: string, problem: string): AgentError =>
  new AgentError('configWrite', `${file} was not changed: ${problem}`, {
    data: { config_write_error_code: 'configValidationError' },
  });

/** All edits or none. The file and its folder need not exist. Throws `AgentError('configWrite', …)`. */
export function editConfigFile(file: string, edits: readonly TomlEdit[]): void {
  let text = '';
  let real = file;
  let mode = 0o600;
  try {
    // A link in a folder of dotfiles stays a link.
    real = realpathSync(file);
    mode = statSync(real).mode & 0o777;
    text = readFileSync(real, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw refused(file, String(error));
  }
  for (const edit of edits) {
    const edited = editToml(text, edit);
    if (!edited.ok) throw refused(file, edited.problem);
    text = edited.text;
  }
  const fresh = `${real}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(path.dirname(real), { recursive: true, mode: 0o700 });
    const handle = openSync(fresh, 'wx', mode);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, real);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw refused(file, error instanceof Error ? error.message : String(error));
  }
}
