/** The reference's own program, installed from npm into a cache folder below node_modules when it is asked for. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { referenceVersion } from '../conformance/reference-schema.ts';

const folder = fileURLToPath(
  new URL(`../../node_modules/.cache/conformance/program-${referenceVersion}/`, import.meta.url),
);

/** The native program itself, not npm's launcher, which costs it a second process. Throws an Error that says why not. */
export async function installCodex(): Promise<{ program: string; version: string }> {
  if (!existsSync(path.join(folder, 'node_modules'))) await install();
  const vendor = path.join(folder, 'node_modules', '@openai', `codex-${process.platform}-${process.arch}`, 'vendor');
  const [triple] = existsSync(vendor) ? readdirSync(vendor) : [];
  const program = path.join(vendor, triple ?? '', 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex');
  if (!existsSync(program)) throw new Error(`codex ${referenceVersion} has no program for this platform`);
  return { program, version: referenceVersion };
}

async function install(): Promise<void> {
  mkdirSync(path.dirname(folder.replace(/[/\\]$/, '')), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(folder.replace(/[/\\]$/, '')), 'install-'));
  try {
    writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const isWindows = process.platform === 'win32';
    const args = ['install', '--no-audit', '--no-fund', `@openai/codex@${referenceVersion}`];
    await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', args, { cwd: work, shell: isWindows });
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(
      `npm could not install codex ${referenceVersion}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
