// What runs as another user runs from a copy: that user cannot be expected to reach this checkout.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NOBODY = 65534;
const repository = fileURLToPath(new URL('../..', import.meta.url));

export type Who = 'this user' | 'an ordinary user';

/** Only root can be somebody else. */
export const users: Who[] = process.getuid?.() === 0 ? ['this user', 'an ordinary user'] : ['this user'];

export type OwnCopy = {
  /** Runs a script of this folder as `who`; resolves to the JSON that it prints. */
  run<T>(who: Who, script: string, argument: string): Promise<T>;
};

/** A copy of the sandbox, of these tests and of Node, there while the suite runs. */
export function ownCopy(): OwnCopy {
  let copy = '';
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'sandbox-copy-'));
    for (const part of ['sandbox', 'test/sandbox'])
      cpSync(join(repository, part), join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
    mkdirSync(join(copy, 'bin'));
    copyFileSync(process.execPath, join(copy, 'bin/node'));
    execFileSync('chmod', ['-R', 'a+rX', copy]);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  return {
    async run<T>(who: Who, script: string, argument: string): Promise<T> {
      // What a careless caller leaves open. Node closes low descriptors on exec by itself.
      const open = openSync(join(copy, 'left-open'), 'a');
      const child = spawn(join(copy, 'bin/node'), [join(copy, 'test/sandbox', script), argument], {
        ...(who === 'this user' ? {} : { uid: NOBODY, gid: NOBODY }),
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit', ...Array<'ignore'>(37).fill('ignore'), open],
      });
      closeSync(open);
      const parts: Buffer[] = [];
      child.stdout?.on('data', (part: Buffer) => parts.push(part));
      await once(child, 'close');
      return JSON.parse(Buffer.concat(parts).toString('utf8')) as T;
    },
  };
}
