// A fresh copy of the sample project, for those who start without a folder of their own.
import { cpSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './node.mjs';
import { run } from './process.mjs';

const SAMPLE = path.join(root, 'media', 'sample-workspace');

/** Copies the sample into a new folder and makes it a Git repository with one commit; returns its path. */
export async function freshSample() {
  const folder = mkdtempSync(path.join(tmpdir(), 'gantry-sample-'));
  if (existsSync(SAMPLE)) cpSync(SAMPLE, folder, { recursive: true });
  else writeFileSync(path.join(folder, 'README.md'), '# Sample\n');
  const git = (...args) =>
    run(
      'git',
      ['-c', 'user.name=Gantry', '-c', 'user.email=gantry@example.com', '-c', 'commit.gpgsign=false', ...args],
      { cwd: folder },
    );
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'Start'],
  ]) {
    const { code, output } = await git(...args);
    if (code === 0) continue;
    console.error(
      `git could not make the sample a repository (${output.trim().split('\n')[0]}); Gantry works without, but shows no Git state. Is git installed?`,
    );
    break;
  }
  return folder;
}
