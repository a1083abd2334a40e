/** Plan mode, questions to the user, tools of the client, pictures. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planPieces } from '../../../agent-core/loop/plan-answers.ts';
import type { ToolSpec } from '../../../agent-core/models/model-client.ts';
import type { AnyThreadItem } from '../../../agent-core/protocol/index.ts';
import { answer, calls, callsOnly, createWorld, type World } from './fake-ports.ts';

const plan = { mode: { kind: 'plan' as const, instructions: null } };
const names = (tools: readonly ToolSpec[] | undefined) => (tools ?? []).map(({ name }) => name);
const completed = (world: World): AnyThreadItem[] =>
  world.events.flatMap((event) => (event.method === 'item/completed' ? [event.params.item] : []));
const result = (world: World, callId: string) =>
  world.requests.at(-1)?.items.find((item) => item.type === 'toolResult' && item.callId === callId);
const deltas = (world: World, method: 'item/plan/delta' | 'item/agentMessage/delta') =>
  world.events.flatMap((event) => (event.method === method ? [event.params.delta] : [])).join('');

describe('plan mode', () => {
  it('shows the proposed plan as an item, streamed, and the rest as the answer', async () => {
    const world = createWorld({
      script: [
        answer('m', 'Here.\n<prop', 'osed_plan>\n# Do', ' it\n</proposed', '_plan>\nWell?'),
        answer('m2', 'on it'),
      ],
    });
    await world.run('how?', plan);
    const [, item, said] = completed(world);
    assert.equal(item?.type === 'plan' && item.text, '# Do it');
    assert.equal(said?.type === 'agentMessage' && said.text, 'Here.\n\nWell?');
    assert.equal(deltas(world, 'item/plan/delta'), '\n# Do it\n');
    assert.equal(deltas(world, 'item/agentMessage/delta'), 'Here.\n\nWell?');
    assert.match(JSON.stringify(world.requests[0]?.items), /Plan mode: you look/);
    assert.ok(names(world.requests[0]?.tools).includes('request_user_input'));

    await world.run('do it');
    assert.match(JSON.stringify(world.requests[1]?.items), /Plan mode is over/);
    assert.ok(!names(world.requests[1]?.tools).includes('request_user_input'));
    assert.deepEqual(world.requests[1]?.items.slice(0, 3), world.requests[0]?.items.slice(0, 3));
  });

  it('writes nothing, whatever the model calls', async () => {
    const patch = '*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch';
    const world = createWorld({
      script: [
        callsOnly(calls('p', 'apply_patch', patch, 'freeform'), calls('c', 'exec_command', { cmd: 'touch a' })),
        answer('m', 'ok'),
      ],
      command: (command) => command.exit(0),
    });
    await world.run('go', plan);
    assert.deepEqual([[...world.files], world.fileApprovals], [[], []]);
    assert.deepEqual(
      world.commands.map(({ spec }) => spec.settings.sandboxPolicy),
      [{ type: 'readOnly', networkAccess: false }],
    );
  });

  it('finds the block however the text is cut', () => {
    const text = 'a<proposed_plan>b</proposed_plan>c';
    for (let at = 0; at <= text.length; at++) {
      const said = planPieces(text.slice(0, at), false)
        .map(({ text: part }) => part)
        .join('');
      assert.ok('abc'.startsWith(said), said);
    }
    assert.deepEqual(planPieces('x <prop', true), [{ isPlan: false, text: 'x <prop' }]);
  });
});

describe('request_user_input', () => {
  const args = {
    questions: [{ id: 'db', header: 'DB', question: 'Which?', options: [{ label: 'SQLite', description: 'small' }] }],
  };

  it('asks, tells that the user is waited for, and gives the model the answer', async () => {
    const world = createWorld({
      script: [callsOnly(calls('q', 'request_user_input', args)), answer('m', 'ok')],
      answerQuestions: ({ questions }) => ({ [questions[0]?.id ?? '']: ['SQLite'] }),
    });
    await world.run('go', plan);
    assert.deepEqual(result(world, 'q'), {
      type: 'toolResult',
      callId: 'q',
      kind: 'function',
      output: [{ type: 'text', text: '{"answers":{"db":["SQLite"]}}' }],
      success: true,
    });
    const flags = world.events.flatMap((event) =>
      event.method === 'thread/status/changed' && event.params.status.type === 'active'
        ? [event.params.status.activeFlags]
        : [],
    );
    assert.deepEqual(flags, [[], ['waitingOnUserInput'], []]);
    assert.ok(world.lines.some((line) => line.type === 'decision' && /"Which\?", answered: SQLite/.test(line.text)));
  });

  it('says when nobody can be asked', async () => {
    const world = createWorld({ script: [callsOnly(calls('q', 'request_user_input', args)), answer('m', 'ok')] });
    await world.run('go');
    assert.match(JSON.stringify(result(world, 'q')), /Nobody could be asked/);
  });
});

describe("the client's own tools", () => {
  const tools = [
    { type: 'function', name: 'lookup', description: 'Looks up.', inputSchema: { type: 'object' } },
    {
      type: 'namespace',
      name: 'app',
      description: 'x',
      tools: [{ type: 'function', name: 'open', description: 'Opens.', inputSchema: null }],
    },
    { type: 'nonsense' },
  ];

  it('are offered, run by the client, and shown', async () => {
    const world = createWorld({
      script: [callsOnly(calls('a', 'lookup', { id: 1 }), calls('b', 'app__open', {})), answer('m', 'ok')],
      seed: { dynamicTools: tools },
      runClientTool: ({ tool }) =>
        tool === 'lookup'
          ? {
              content: [
                { type: 'inputText', text: 'found' },
                { type: 'inputImage', imageUrl: 'data:image/png;base64,AAAA' },
              ],
              success: true,
            }
          : null,
    });
    await world.run('go');
    assert.deepEqual(
      names(world.requests[0]?.tools).filter((name) => name === 'lookup' || name.startsWith('app__')),
      ['lookup', 'app__open'],
    );
    assert.deepEqual(
      completed(world).flatMap((item) =>
        item.type === 'dynamicToolCall' ? [[item.namespace, item.tool, item.arguments, item.status, item.success]] : [],
      ),
      [
        [null, 'lookup', { id: 1 }, 'completed', true],
        ['app', 'open', {}, 'failed', false],
      ],
    );
    assert.deepEqual(result(world, 'a'), {
      type: 'toolResult',
      callId: 'a',
      kind: 'function',
      output: [
        { type: 'text', text: 'found' },
        { type: 'image', url: 'data:image/png;base64,AAAA' },
      ],
      success: true,
    });
    assert.match(JSON.stringify(result(world, 'b')), /The client did not run app__open/);
  });
});

describe('view_image', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gantry-image-'));
    writeFileSync(path.join(folder, 'a.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
    writeFileSync(path.join(folder, 'secret.png'), 'PASSWORD=1');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('gives the model a picture, and nothing that is none', async () => {
    const world = createWorld({
      script: [
        callsOnly(
          calls('a', 'view_image', { path: 'a.png' }),
          calls('b', 'view_image', { path: 'secret.png' }),
          calls('c', 'view_image', { path: 'gone.png' }),
        ),
        answer('m', 'ok'),
      ],
    });
    await world.run('go', { cwd: folder });
    const shown = completed(world).flatMap((item) => (item.type === 'imageView' ? [item.path] : []));
    assert.deepEqual(shown, [path.join(folder, 'a.png')]);
    assert.match(JSON.stringify(result(world, 'a')), /data:image\/png;base64,iVBORw0KGgo=/);
    assert.match(JSON.stringify(result(world, 'b')), /not an image/);
    assert.match(JSON.stringify(result(world, 'c')), /could not be read/);
  });
});
