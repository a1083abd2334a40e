/** Where configuration is read and where Gantry writes. */
import { homedir } from 'node:os';
import path from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** Gantry writes only below `home`. It need not exist. */
export type Homes = { home: string; readHome: string };

const userFolder = (env: Env): string => env.HOME || env.USERPROFILE || homedir();

/** GANTRY_HOME, else CODEX_HOME (writes go below its `gantry/`), else `~/.gantry`. */
export function findHome(env: Env, cwd: string): Homes {
  if (env.GANTRY_HOME) {
    const home = path.resolve(cwd, env.GANTRY_HOME);
    return { home, readHome: home };
  }
  if (env.CODEX_HOME) {
    const readHome = path.resolve(cwd, env.CODEX_HOME);
    return { home: path.join(readHome, 'gantry'), readHome };
  }
  const home = path.join(userFolder(env), '.gantry');
  return { home, readHome: home };
}

/** Folders that hold a user's own configuration, so that what lies in them is never a project's. */
export const userFolders = (env: Env, homes: Homes): ReadonlySet<string> =>
  new Set([homes.home, homes.readHome, path.join(userFolder(env), '.gantry'), path.join(userFolder(env), '.codex')]);

/** Folders of whoever administrates this machine, the first with the last word. */
export function systemFolders(env: Env): string[] {
  if (process.platform !== 'win32') return ['/etc/gantry', '/etc/codex'];
  const data = env.ProgramData || 'C:\\ProgramData';
  return [path.join(data, 'Gantry'), path.join(data, 'OpenAI', 'Codex')];
}
