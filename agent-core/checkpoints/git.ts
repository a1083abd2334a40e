/** Runs git on a store of ours, in an environment in which nothing of the user's git counts. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** `folder` is the store's own git folder, `workTree` what it keeps. */
export type GitPlace = { folder: string; workTree: string };

/** What git itself refused; `message` is its own last line. */
export class GitError extends Error {
  readonly output: string;
  constructor(args: readonly string[], output: string) {
    super(`git ${args[0] ?? ''}: ${output.trim().split('\n').at(-1) || 'failed'}`);
    this.output = output;
  }
}

export type Git = {
  /** Null when there is no git on this machine. */
  readonly program: string | null;
  /** What it wrote to stdout. Throws `GitError` when it failed or `signal` ended it. */
  run(place: GitPlace, args: readonly string[], options?: GitRunOptions): Promise<Buffer>;
};

export type GitRunOptions = { input?: Buffer | string | AsyncIterable<Buffer>; signal?: AbortSignal | undefined };

type Env = Readonly<Record<string, string | undefined>>;

const PASSED = ['PATH', 'Path', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP', 'LD_LIBRARY_PATH'];
const NOWHERE = process.platform === 'win32' ? 'NUL' : '/dev/null';

/** Only from absolute folders: never a program that lies in the workspace by chance. */
function findGit(env: Env): string | null {
  const name = process.platform === 'win32' ? 'git.exe' : 'git';
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

function environment(env: Env, { folder, workTree }: GitPlace): Record<string, string> {
  const passed = PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    ...Object.fromEntries(passed),
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    GIT_DIR: folder,
    GIT_WORK_TREE: workTree,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: NOWHERE,
    GIT_CONFIG_SYSTEM: NOWHERE,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
  };
}

async function feed(stdin: NodeJS.WritableStream, input: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of input) {
    if (!stdin.write(chunk)) await new Promise<void>((resolve) => stdin.once('drain', () => resolve()));
  }
  stdin.end();
}

export function createGit(env: Env): Git {
  const program = findGit(env);
  return {
    program,
    run(place, args, { input, signal } = {}) {
      return new Promise<Buffer>((resolve, reject) => {
        if (program === null) return reject(new GitError(args, 'git is not installed'));
        // A repository that a command removed can still be compared with what it was.
        const workTree = existsSync(place.workTree) ? place.workTree : place.folder;
        const child = spawn(program, [...args], {
          cwd: workTree,
          env: environment(env, { ...place, workTree }),
          stdio: ['pipe', 'pipe', 'pipe'],
          windowsHide: true,
          signal,
        });
        const out: Buffer[] = [];
        let said = '';
        child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
        child.stderr.on('data', (chunk: Buffer) => {
          said = (said + chunk.toString('utf8')).slice(-8192);
        });
        // It may end before it has read everything; how it ended is what counts.
        child.stdin.on('error', () => {});
        child.on('error', (error) => reject(new GitError(args, error.message)));
        child.on('close', (code) => {
          if (code === 0) resolve(Buffer.concat(out));
          else reject(new GitError(args, said || `ended with ${code}`));
        });
        if (input === undefined) child.stdin.end();
        else if (typeof input === 'string' || Buffer.isBuffer(input)) child.stdin.end(input);
        else {
          feed(child.stdin, input).catch((error: unknown) => {
            child.kill();
            reject(new GitError(args, String(error)));
          });
        }
      });
    },
  };
}
