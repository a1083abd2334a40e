// A fresh copy of the sample project, for those who start without a folder of their own.
import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findNode, root } from './node.mjs';
import { run } from './process.mjs';

/** The sample's tests are TypeScript, which Node reads by itself from here on. */
const SAMPLE_NODE = '22.6.0';
const SAMPLE = path.join(root, 'media', 'sample-workspace');

/**
 * npm puts `node_modules/.bin` first when it runs a script: with an older Node on the machine, the sample gets ours there.
 * Windows needs no such link as long as its editor starts with a new enough Node.
 */
function linkNode(folder) {
  if (process.platform === 'win32') return;
  const { path: node } = findNode({ min: SAMPLE_NODE });
  if (!node || node === process.execPath) return;
  mkdirSync(path.join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(node, path.join(folder, 'node_modules', '.bin', 'node'));
}

/** Copies the sample into a new folder and makes it a Git repository with one commit; returns its path. */
export async function freshSample() {
  const folder = mkdtempSync(path.join(tmpdir(), 'gantry-sample-'));
  if (existsSync(SAMPLE)) cpSync(SAMPLE, folder, { recursive: true });
  else writeFileSync(path.join(folder, 'README.md'), '# Sample\n');
  linkNode(folder);
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
