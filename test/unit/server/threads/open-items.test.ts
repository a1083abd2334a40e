import assert from 'node:assert/strict';
import type { ServerNotification, Turn } from '../../../../agent-core/protocol/index.ts';
import { createOpenItems, withOpenItems } from '../../../../agent-core/server/threads/open-items.ts';

const at = { threadId: 't', turnId: 'turn' };
const started = (item: object, turnId = 'turn') =>
  ({ method: 'item/started', params: { ...at, turnId, item, startedAtMs: 1 } }) as ServerNotification;
const completed = (item: object) =>
  ({ method: 'item/completed', params: { ...at, item, completedAtMs: 2 } }) as ServerNotification;
const told = (method: string, itemId: string, more: object) =>
  ({ method, params: { ...at, itemId, ...more } }) as ServerNotification;

const message = { type: 'agentMessage', id: 'm', text: '' };
const thought = { type: 'reasoning', id: 'r', summary: [], content: [] };
const command = { type: 'commandExecution', id: 'c', aggregatedOutput: null };

describe('OpenItems', () => {
  it('shows each item as whoever followed it from the start does', () => {
    const open = createOpenItems();
    for (const notification of [
      started(message),
      started(thought),
      started(command),
      started({ ...message, id: 'other' }, 'elsewhere'),
      told('item/agentMessage/delta', 'm', { delta: 'Hel' }),
      told('item/reasoning/summaryPartAdded', 'r', { summaryIndex: 0 }),
      told('item/reasoning/summaryTextDelta', 'r', { summaryIndex: 0, delta: 'Hm' }),
      told('item/reasoning/summaryTextDelta', 'r', { summaryIndex: 1, delta: 'So' }),
      told('item/reasoning/textDelta', 'r', { contentIndex: 0, delta: 'raw' }),
      told('item/commandExecution/outputDelta', 'c', { delta: 'out' }),
      told('item/agentMessage/delta', 'm', { delta: 'lo' }),
      told('item/agentMessage/delta', 'unknown', { delta: 'lost' }),
    ])
      open.hear(notification);
    assert.deepEqual(open.of('turn'), [
      { ...message, text: 'Hello' },
      { ...thought, summary: ['Hm', 'So'], content: ['raw'] },
      { ...command, aggregatedOutput: 'out' },
    ]);
    assert.deepEqual(open.of('none'), []);
  });

  it('forgets what has ended', () => {
    const open = createOpenItems();
    open.hear(started(message));
    open.hear(started(command));
    open.hear(completed({ ...message, text: 'done' }));
    assert.deepEqual(open.of('turn'), [command]);
    open.hear({ method: 'turn/completed', params: { threadId: 't', turn: { id: 'turn' } } } as ServerNotification);
    assert.deepEqual(open.of('turn'), []);
  });

  it('adds to the turn that runs what its file does not have yet', () => {
    const open = createOpenItems();
    open.hear(started(message));
    open.hear(started(command));
    const turn = (id: string, items: object[]) => ({ id, items }) as Turn;
    const ended = { ...command, aggregatedOutput: 'all' };
    const turns = withOpenItems([turn('before', []), turn('turn', [ended])], open);
    assert.deepEqual(turns, [turn('before', []), turn('turn', [ended, message])]);
  });
});
