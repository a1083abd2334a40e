/** The reference's own program, which npm installs when it is asked for. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadReferenceProgram, referenceVersion } from '../conformance/reference-schema.ts';
import { root } from '../conformance/root.ts';

/** The native program itself, not npm's launcher, which costs it a second process. Throws an Error that says why not. */
export async function installCodex(): Promise<{ program: string; version: string }> {
  const scope = path.resolve(path.dirname(await loadReferenceProgram(root)), '..', '..');
  const vendor = path.join(scope, `codex-${process.platform}-${process.arch}`, 'vendor');
  const [triple] = existsSync(vendor) ? readdirSync(vendor) : [];
  const program = path.join(vendor, triple ?? '', 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex');
  if (!existsSync(program)) throw new Error(`codex ${referenceVersion} has no program for this platform`);
  return { program, version: referenceVersion };
}
