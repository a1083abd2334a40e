import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  AnyThreadItem,
  allClientNotifications,
  allClientRequests,
  allServerNotifications,
  allServerRequests,
  ItemStartedNotification,
  isKnownItem,
  type NotificationTable,
  type RequestTable,
  TurnError,
} from '../../../agent-core/protocol/index.ts';

type Sample = {
  from: 'client' | 'server';
  answers?: string;
  message: { id?: unknown; method?: string; params?: unknown; result?: unknown };
};

const samples: Sample[] = readFileSync(new URL('../../fixtures/protocol-samples.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

/** Notifications that we do not know. */
const notOurs = ['remoteControl/status/changed', 'account/rateLimits/updated'];

function rowOf({ from, answers, message }: Sample) {
  const requests: RequestTable =
    (from === 'client') === (answers === undefined) ? allClientRequests : allServerRequests;
  const notifications: NotificationTable = from === 'client' ? allClientNotifications : allServerNotifications;
  if (answers !== undefined) return requests[answers]?.result;
  return message.id === undefined
    ? notifications[message.method ?? '']?.params
    : requests[message.method ?? '']?.params;
}

function lost(before: unknown, after: unknown, path: string): string[] {
  if (typeof before !== 'object' || before === null) return Object.is(before, after) ? [] : [path];
  return Object.entries(before).flatMap(([key, value]) =>
    lost(value, (after as Record<string, unknown> | undefined)?.[key], `${path}.${key}`),
  );
}

describe('recorded messages', () => {
  it('parse, and nothing in them is lost', () => {
    const problems: string[] = [];
    const unknown = new Set<string>();
    for (const sample of samples) {
      const name = sample.answers ?? sample.message.method ?? '';
      const row = rowOf(sample);
      const value = sample.answers === undefined ? sample.message.params : sample.message.result;
      if (row === undefined) {
        unknown.add(name);
        continue;
      }
      const parsed = row.safeParse(value);
      if (parsed.success) problems.push(...lost(value, parsed.data, name));
      else problems.push(`${name}: ${JSON.stringify(parsed.error.issues)}`);
    }
    assert.deepEqual({ problems, unknown: [...unknown] }, { problems: [], unknown: notOurs });
  });
});

describe('forward compatibility', () => {
  it('keeps an item of a type that is not known', () => {
    const item = { type: 'holographicEdit', id: 'i1', layers: [1, 2] };
    const parsed = ItemStartedNotification.parse({ threadId: 't', turnId: 'u', startedAtMs: 1, item });
    assert.deepEqual(parsed.item, item);
    assert.equal(isKnownItem(parsed.item), false);
  });

  it('does not pass a broken known item off as an unknown one', () => {
    assert.equal(AnyThreadItem.safeParse({ type: 'fileChange', id: 'i1' }).success, false);
  });

  it('narrows a known item by its type', () => {
    const item = AnyThreadItem.parse({ type: 'plan', id: 'i1', text: 'first' });
    assert.equal(item.type === 'plan' ? item.text : undefined, 'first');
  });

  it('drops fields that are not known', () => {
    const parsed = AnyThreadItem.parse({ type: 'plan', id: 'i1', text: '', mood: 'good' });
    assert.deepEqual(parsed, { type: 'plan', id: 'i1', text: '' });
  });

  it('reads an error of a kind that is not known as other', () => {
    assert.deepEqual(TurnError.parse({ message: 'no', codexErrorInfo: { moonPhase: 3 } }), {
      message: 'no',
      codexErrorInfo: 'other',
    });
  });
});
