import assert from 'node:assert/strict';
import { textPrinter } from '../../../agent-core/surfaces/exec/printer.ts';

describe('what exec prints for people', () => {
  it('holds nothing that a terminal would obey', () => {
    let out = '';
    let err = '';
    const print = textPrinter(
      (text) => (out += text),
      (text) => (err += text),
    );
    const hostile = (name: string) =>
      `${name}\u001b[2K\u001b[1A\u001b]52;c;ZXZpbA==\u0007\u001b]8;;https://evil.test\u001b\\link\u001bP+q\u001b\\\u009b31m\u0007\b\r\nend\u001b]0;title`;
    const command = {
      id: 'item_0',
      type: 'command_execution',
      command: hostile('cmd'),
      aggregated_output: hostile('output\n'),
    };
    const events = [
      { type: 'item.started', item: { ...command, status: 'in_progress', exit_code: null } },
      { type: 'item.completed', item: { ...command, status: 'completed', exit_code: 0 } },
      { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: hostile('said ä\t漢') } },
      { type: 'turn.completed', usage: {} },
    ];
    for (const event of events) print(event as never);
    assert.deepEqual(
      [out, err],
      ['said ä\t漢link31m\nend0;title\n', '$ cmdlink31m\nend0;title\noutput\nlink31m\nend0;title(exit code 0)\n'],
    );
  });
});
