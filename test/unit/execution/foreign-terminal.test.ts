import assert from 'node:assert/strict';
import { loadOpenTerminal } from '../../../agent-core/execution/foreign-terminal.ts';
import { AgentError } from '../../../agent-core/protocol/index.ts';

describe('a terminal where the sandbox has none to give', () => {
  const refused = (load: () => unknown): AgentError => {
    try {
      loadOpenTerminal(load);
    } catch (error) {
      if (error instanceof AgentError) return error;
      throw error;
    }
    throw new assert.AssertionError({ message: 'it was not refused' });
  };

  for (const [name, load] of [
    ['is not installed', () => assert.fail('Cannot find module')],
    ['is something else', () => ({ spawn: 'no' })],
  ] as const) {
    it(`is refused with what to do when node-pty ${name}`, () => {
      const { code, message } = refused(load);
      assert.equal(code, 'notSupported');
      assert.match(
        message,
        /@lydell\/node-pty is not installed beside Gantry\. Run the command without one \("tty": false\)\.$/,
      );
    });
  }

  it('opens with bytes, and with the size and environment that were asked for', () => {
    const asked: unknown[] = [];
    const open = loadOpenTerminal(() => ({ spawn: (...args: unknown[]) => asked.push(args) }));
    const env = { TERM: 'xterm', A: '1' };
    open('prog', ['a'], { cwd: '/w', env, size: { columns: 10, rows: 5 } });
    assert.deepEqual(asked, [['prog', ['a'], { name: 'xterm', cols: 10, rows: 5, cwd: '/w', env, encoding: null }]]);
  });
});
