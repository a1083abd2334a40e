import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSharedTemp } from '../../../agent-core/execution/shared-temp.ts';

// No process has a number above the kernel's limit.
const NOBODY = 2 ** 22 + 1;

describe('shared temp directory', () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'gantry-shared-temp-'));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('is one until it is removed, with all that is in it', () => {
    const temp = createSharedTemp(parent);
    const folder = temp.folder();
    writeFileSync(join(folder, 'note'), 'x');
    assert.equal(temp.folder(), folder);
    temp.remove();
    assert.deepEqual(readdirSync(parent), []);
  });

  it('is made again when somebody cleaned up', () => {
    const temp = createSharedTemp(parent);
    rmSync(temp.folder(), { recursive: true });
    assert.ok(existsSync(temp.folder()));
  });

  it('takes away what killed cores left a day ago, and nothing else', () => {
    const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    const names = [
      `gantry-tmp-${NOBODY}-old`,
      `gantry-tmp-${NOBODY}-new`,
      `gantry-tmp-${process.pid}-old`,
      'other-old',
    ];
    for (const name of names) {
      mkdirSync(join(parent, name));
      if (name.endsWith('old')) utimesSync(join(parent, name), longAgo, longAgo);
    }
    const temp = createSharedTemp(parent);
    temp.folder();
    temp.remove();
    assert.deepEqual(readdirSync(parent).sort(), names.slice(1).sort());
  });
});
