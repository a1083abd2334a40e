import assert from 'node:assert/strict';
import type { HistoryItem, ModelClient, ModelEvent, ModelRequest } from '../../../agent-core/models/model-client.ts';
import { withTextTools } from '../../../agent-core/models/text-tools.ts';
import { collect, requestOf, say, withPlainIds } from './call.ts';

/** Answers with the text in pieces of `size` letters. */
function scripted(text: string, size: number, asked: ModelRequest[] = []): ModelClient {
  return {
    async *stream(request): AsyncGenerator<ModelEvent> {
      asked.push(request);
      yield { type: 'textStart', itemId: 'm' };
      for (let at = 0; at < text.length; at += size) {
        yield { type: 'textDelta', itemId: 'm', delta: text.slice(at, at + size) };
      }
      yield {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text }], id: 'm' },
      };
      yield { type: 'done', stopReason: 'stop', usage: null };
    },
  };
}

async function read(text: string, size: number): Promise<unknown[]> {
  const events = await collect(withTextTools(scripted(text, size)), requestOf([say('user', 'hi')]));
  return events.flatMap((event): unknown[] => {
    if (event.type === 'textDone') return [event.item.content.map((part) => (part.type === 'text' ? part.text : part))];
    if (event.type === 'toolCallDone') return [[event.item.name, event.item.kind, event.item.input]];
    return event.type === 'done' ? [event.stopReason] : [];
  });
}

const call = (json: string): string => `\`\`\`tool_call\n${json}\n\`\`\``;
const LS = '{"name": "exec_command", "arguments": {"cmd": "ls"}}';
const RAN = ['exec_command', 'function', '{"cmd":"ls"}'];

describe('tools in text', () => {
  const cases: [string, string, unknown[]][] = [
    ['an answer', 'Just `text`.\n```ts\ncode\n```\n', [['Just `text`.\n```ts\ncode\n```\n'], 'stop']],
    ['a call', call(LS), [RAN, 'toolCalls']],
    [
      'text, calls, and results of its own making',
      `I look.\n${call(LS)}\n${call(LS)}\nResult: 3 files`,
      [['I look.'], RAN, RAN, 'toolCalls'],
    ],
    [
      'a freeform tool',
      call('{"name": "apply_patch", "arguments": {"input": "*** Begin\\n"}}'),
      [['apply_patch', 'freeform', '*** Begin\n'], 'toolCalls'],
    ],
    [
      'no JSON',
      call('{"name": "exec_command", oops}'),
      [['exec_command', 'function', '{"name": "exec_command", oops}'], 'toolCalls'],
    ],
    ['no name', call('[1]'), [['tool_call', 'function', '[1]'], 'toolCalls']],
    [
      'arguments that are none',
      call('{"name":"x","arguments":3}'),
      [['x', 'function', '{"name":"x","arguments":3}'], 'toolCalls'],
    ],
    [
      'a fence in the middle of a line',
      `see \`\`\`tool_call\n${LS}\n\`\`\``,
      [[`see \`\`\`tool_call\n${LS}\n\`\`\``], 'stop'],
    ],
    ['a block that does not end', `a\n\`\`\`tool_call\n${LS.slice(0, 20)}`, [['a'], 'length']],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}, however it is cut`, async () => {
      for (const size of [1, 3, 7, 1000]) assert.deepEqual(await read(text, size), expected, `pieces of ${size}`);
    });
  }

  it('tells the tools first, and calls and results as text', async () => {
    const asked: ModelRequest[] = [];
    const items: HistoryItem[] = [
      say('user', 'hi'),
      say('assistant', 'I look.'),
      { type: 'toolCall', callId: 'c', name: 'exec_command', kind: 'function', input: '{"cmd":"ls"}' },
      { type: 'toolResult', callId: 'c', kind: 'function', output: [{ type: 'text', text: 'a.ts' }], success: false },
    ];
    await collect(withTextTools(scripted('ok', 9, asked)), requestOf(items));
    const [manual, ...rest] = asked[0]?.items ?? [];
    assert.deepEqual(asked[0]?.tools, []);
    assert.match(
      JSON.stringify(manual),
      /"role":"developer".*exec_command: Runs a command.*apply_patch: Changes files/,
    );
    const block = '```tool_call\n{"name": "exec_command", "arguments": {"cmd":"ls"}}\n```';
    assert.deepEqual(withPlainIds(rest as never), [
      say('user', 'hi'),
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'text', text: block },
        ],
      },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'text', text: 'Result of exec_command (it failed):' },
          { type: 'text', text: 'a.ts' },
        ],
      },
    ]);
  });
});
