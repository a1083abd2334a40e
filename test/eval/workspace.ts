/** How a task's workspace is made, and what somebody does in it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import type { Deed, Task } from './task.ts';

function write(folder: string, file: string, text: string): void {
  const place = path.join(folder, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
}

/** A workspace as the agent gets it: a git repository with everything committed. */
export function makeWorkspace(task: Task, folder: string): Snapshot {
  mkdirSync(folder, { recursive: true });
  const git = (env: Record<string, string>, ...args: string[]): void => {
    execFileSync('git', ['-c', 'core.autocrlf=false', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...env },
    });
  };
  git({}, 'init', '-q', '-b', 'main');
  const states = [...(task.history ?? []), { message: 'Import the project', author: 'Robin Meyer', files: task.files }];
  for (const [index, { message, author, files }] of states.entries()) {
    for (const name of takeSnapshot(folder).keys()) rmSync(path.join(folder, name));
    for (const [file, text] of Object.entries(files)) write(folder, file, text);
    const email = `${author.split(' ')[0]?.toLowerCase()}@example.org`;
    const date = new Date(Date.UTC(2024, 2, 4 + index, 9)).toISOString();
    git({}, 'add', '-A');
    git(
      {
        GIT_AUTHOR_NAME: author,
        GIT_AUTHOR_EMAIL: email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: author,
        GIT_COMMITTER_EMAIL: email,
        GIT_COMMITTER_DATE: date,
      },
      ...['commit', '-q', '--allow-empty', '-m', message],
    );
  }
  return takeSnapshot(folder);
}

/** Text by path after a deed; null: no such file any more. Throws when a text to replace stands not exactly once. */
export function outcomeOf(deed: Deed, files: (file: string) => string | null): Map<string, string | null> {
  const result = new Map<string, string | null>(Object.entries(deed.write ?? {}));
  for (const [file, from, to] of deed.replace ?? []) {
    const text = result.get(file) ?? files(file);
    const parts = text?.split(from) ?? [];
    if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in ${file}`);
    result.set(file, parts.join(to));
  }
  return result;
}

/** Does a deed in a workspace. */
export function perform(deed: Deed, folder: string, files: Snapshot): void {
  for (const [file, text] of outcomeOf(deed, (name) => files.get(name)?.toString('utf8') ?? null)) {
    if (text === null) rmSync(path.join(folder, file));
    else write(folder, file, text);
  }
}
