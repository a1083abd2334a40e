/** A real editor with a throw-away home, for tests and pictures. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { setupEditor } from '../../../.ci/editor.mjs';
import { prepareHome, startServer, workbenchUrl } from '../../../.ci/editor-server.mjs';

/** The repository's root, which is also the extension's folder. */
export const repository = path.resolve(import.meta.dirname, '../../..');

export interface EditorOptions {
  /** User settings beyond the quiet defaults. */
  settings?: Record<string, unknown>;
  /** Environment of the server, which the extension host and the core inherit. */
  env?: Record<string, string>;
  /**
   * Folder or .code-workspace file to open, null for a window without any; without it, a fresh Git repository from
   * `template` (or an empty one).
   */
  folder?: string | null;
  /** Folder whose content the fresh repository starts with. */
  template?: string;
  /** `'development'` (default) loads Gantry from the repository, `'installed'` only what lies in `extensionsDir`. */
  load?: 'development' | 'installed';
  /** Folders of more extensions that are installed beside Gantry. */
  alsoLoad?: string[];
  /** Where installed extensions lie; without it, an empty folder in the throw-away home. */
  extensionsDir?: string;
  /** Entry of host tests to run instead of an ordinary session. */
  testsPath?: string;
  /** True asks whether the folder is trusted, as a new user would be asked; by default every folder is trusted. */
  askTrust?: boolean;
  /** More arguments for the server. */
  args?: string[];
}

export interface Editor {
  /** Opens the workbench; holds the connection token. */
  url: string;
  /** The folder that is open; empty where none is. */
  folder: string;
  /** Throw-away home: `HOME` of the server and all it starts, with `.gantry` in it. */
  home: string;
  /** What the server printed so far. */
  logs(): Promise<string>;
  /** Ends the server and all it started, and removes home and fresh folder. Safe to call twice. */
  stop(): Promise<void>;
}

const exec = promisify(execFile);

/** A new Git repository with one commit, holding a copy of `template`. */
export async function freshFolder(template?: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-folder-'));
  if (template) await cp(template, folder, { recursive: true });
  const git = (...args: string[]) =>
    exec('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '--allow-empty', '-m', 'Start');
  return folder;
}

/**
 * Starts the editor (setting it up first where it is missing) and resolves once its server answers.
 * The caller owns it and must `stop()` it; when this process ends, it ends too.
 */
export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const install = await setupEditor();
  const home = prepareHome(await mkdtemp(path.join(tmpdir(), 'gantry-home-')), options.settings);
  const folder = options.folder === undefined ? await freshFolder(options.template) : options.folder;
  const extensionsDir = options.extensionsDir ?? path.join(home, 'extensions');
  for (const from of options.alsoLoad ?? []) await symlink(from, path.join(extensionsDir, path.basename(from)), 'dir');
  const token = randomUUID();
  const server = await startServer({
    editor: install,
    home,
    token,
    args: [...(options.askTrust ? [] : ['--disable-workspace-trust']), ...(options.args ?? [])],
    env: {
      HOME: home,
      USERPROFILE: home,
      XDG_CACHE_HOME: path.join(home, 'cache'),
      XDG_CONFIG_HOME: path.join(home, 'config'),
      GANTRY_HOME: path.join(home, '.gantry'),
      ...options.env,
    },
    extensionsDir,
  });
  const url = workbenchUrl({
    port: server.port,
    token,
    folder,
    ...(options.load === 'installed' ? {} : { developmentPath: repository }),
    ...(options.testsPath ? { testsPath: options.testsPath } : {}),
  });
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await server.stop();
    // Watchers and terminals of the editor may still write for a moment.
    const remove = (dir: string) => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await Promise.all([remove(home), ...(options.folder === undefined && folder ? [remove(folder)] : [])]);
  };
  return {
    url,
    folder: folder ?? '',
    home,
    logs: () => readFile(server.logFile, 'utf8'),
    stop: () => (stopped ??= end()),
  };
}
