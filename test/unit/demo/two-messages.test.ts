/** A second message that comes while the demo model still answers the first: both are answered. */
import assert from 'node:assert/strict';
import { demoStep } from '../../../agent-core/models/demo/index.ts';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';

const tools = [{ kind: 'function' as const, name: 'exec_command', description: '', parameters: {} }];
const user = (text: string): HistoryItem => ({ type: 'message', role: 'user', content: [{ type: 'text', text }] });
const said = (text: string, id?: string): HistoryItem => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text }],
  ...(id === undefined ? {} : { id }),
});
const ran = (callId: string, cmd: string): HistoryItem[] => [
  { type: 'toolCall', callId, name: 'exec_command', kind: 'function', input: JSON.stringify({ cmd }) },
  {
    type: 'toolResult',
    callId,
    kind: 'function',
    success: true,
    output: [{ type: 'text', text: `Process exited with code 0\nOutput:\nout of ${cmd}` }],
  },
];
const step = (...items: HistoryItem[]) => demoStep({ items, tools });
const commands = ({ calls }: ReturnType<typeof step>) =>
  calls.map((call) => (call.name === 'exec_command' ? call.cmd : ''));

describe('demo model: two quick messages', () => {
  const first = user('run: one');
  const second = user('run: two');

  it('runs the first, then the second, and tells both results', () => {
    assert.deepEqual(commands(step(first, said('Run'), second)), ['one']);
    const between = step(first, said('Run'), second, ...ran('a', 'one'));
    assert.deepEqual(commands(between), ['two']);
    assert.match(between.text, /out of one/);
    const last = step(first, said('Run'), second, ...ran('a', 'one'), said(between.text), ...ran('b', 'two'));
    assert.deepEqual(last.calls, []);
    assert.match(last.text, /out of two/);
    assert.doesNotMatch(last.text, /out of one/);
  });

  it('goes on where the first had come to when the second came', () => {
    const next = step(first, ...ran('a', 'one'), said('The com'), second);
    assert.deepEqual(commands(next), ['two']);
    assert.match(next.text, /out of one/);
  });

  it('says the same thing once', () => {
    assert.equal(step(user('hi'), said('I a'), user('hello')).text, step(user('hello')).text);
  });

  it('leaves alone what was answered, and what the person stopped', () => {
    assert.deepEqual(commands(step(first, ...ran('a', 'one'), said('done', 'm1'), second)), ['two']);
    assert.deepEqual(commands(step(first, said('Run'), user('<turn_aborted>\nx\n</turn_aborted>'), second)), ['two']);
  });
});
