import assert from 'node:assert/strict';
import { answer, calls, callsOnly, createWorld } from './fake-ports.ts';

describe('a turn of 500 tool rounds', () => {
  it('runs to its end, each request beginning with the whole of the one before', async () => {
    const world = createWorld({
      script: [
        ...Array.from({ length: 500 }, (_, n) => callsOnly(calls(`c${n}`, 'exec_command', { cmd: `echo ${n}` }))),
        answer('m', 'done'),
      ],
      command: (command) => {
        command.print('x');
        command.exit(0);
      },
    });
    await world.run('go');
    assert.equal(world.requests.length, 501);
    for (const [index, request] of world.requests.entries()) {
      const before = world.requests[index - 1]?.items ?? [];
      assert.equal(request.items.length, before.length + 2);
      // The very same items: nothing is copied or made anew from round to round.
      assert.ok(before.every((item, at) => item === request.items[at]));
    }
    const end = world.events.at(-1);
    assert.equal(end?.method === 'turn/completed' && end.params.turn.status, 'completed');
  });
});
