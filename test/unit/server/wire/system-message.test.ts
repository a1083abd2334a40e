import assert from 'node:assert/strict';
import { systemMessage } from '../../../../agent-core/server/wire/system-message.ts';
import { exitStatus } from '../../../../agent-core/tools/exit-status.ts';

const failure = (code: string, errno: number, message: string) => Object.assign(new Error(message), { code, errno });

describe('systemMessage', () => {
  it("begins with the system's words and number, and tells what was refused", () => {
    const absent = failure('ENOENT', -2, "ENOENT: no such file or directory, open '/a, b'");
    assert.equal(systemMessage(absent), "No such file or directory (os error 2): open '/a, b'");
    const folder = failure('EISDIR', -21, 'EISDIR: illegal operation on a directory, read');
    assert.equal(systemMessage(folder), 'Is a directory (os error 21): read');
  });

  it('leaves what is not of the system as it is', () => {
    assert.equal(systemMessage(new Error('a path must not hold a null')), 'a path must not hold a null');
  });
});

describe('exitStatus', () => {
  it('is what a shell would say', () => {
    const ends = [
      { code: 3, signal: null },
      { code: null, signal: 'SIGKILL' },
      { code: null, signal: 'SIGTERM' },
    ];
    assert.deepEqual(ends.map(exitStatus), [3, 137, 143]);
  });
});
