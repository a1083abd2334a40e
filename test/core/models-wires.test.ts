/** One conversation on every wire, and one that changes its provider: what the core sends means the same. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { TEST_CERTIFICATE } from '../support/model-server/certificate.ts';
import type { RecordedRequest, Reply, Step } from '../support/model-server/index.ts';
import { startProxy, startTls } from '../support/model-server/network.ts';
import { type NeutralRequest, neutralOf, thoughtsIn } from '../support/model-server/neutral.ts';
import { World } from './world.ts';

const WIRES = ['responses', 'chat', 'anthropic', 'gemini'] as const;
type Wire = (typeof WIRES)[number];
const TURNS = 40;
const RESUMED_AT = 20;
const COMPACTED_AT = 30;
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const CAMERA = {
  type: 'function' as const,
  name: 'camera',
  description: 'Takes a picture.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
};

/** The rounds of a turn: thoughts, text, calls one and several, a picture in a result, a file that is written. */
function rounds(turn: number): Reply[] {
  const end: Step = { text: [`Turn ${turn} `, 'is done.'] };
  const run = (cmd: string): Step => ({ call: 'exec_command', args: { cmd } });
  switch (turn % 5) {
    case 0:
      return [end];
    case 1:
      return [[{ reasoning: `Thought ${turn}.` }, run(`printf ${turn}`)], end];
    case 2:
      return [
        [
          { reasoning: `Thought ${turn}.` },
          { text: 'I look at two things.' },
          run(`printf a${turn}`),
          run(`printf b${turn}`),
        ],
        [{ call: 'camera', args: {} }],
        [{ reasoning: 'Another thought.' }, end],
      ];
    case 3: {
      const input = `*** Begin Patch\n*** Add File: f${turn}.txt\n+line ${turn}\n*** End Patch`;
      return [[{ text: 'I write.' }, { call: 'apply_patch', args: { input } }], end];
    }
    default:
      return [
        [run('false'), { call: 'no_such_tool', args: { a: 1 } }],
        [{ reasoning: `Thought ${turn}.` }, end],
      ];
  }
}

function providerTable(world: World, wire: Wire, id = 'scripted'): string[] {
  return [
    `[model_providers.${id}]`,
    `name = "Scripted ${wire}"`,
    `base_url = "${world.model.baseUrl}"`,
    `wire_api = "${wire}"`,
    'env_key = "SCRIPTED_KEY"',
    'request_max_retries = 0',
    'stream_max_retries = 0',
    `[model_providers.${id}.models."any-model"]`,
    'context_window = 1000000',
    'supports_images = true',
  ];
}

/** Without what differs from world to world and from run to run; an empty line may be how a wire joins two messages. */
function comparable(request: RecordedRequest, world: World): NeutralRequest {
  const text = JSON.stringify(neutralOf(request))
    .replaceAll(world.root, '/ROOT')
    .replace(/(\\n)+/g, '\\n')
    .replace(/\d+\.\d+ (s|seconds)\b/g, 'N $1');
  return JSON.parse(text);
}

function answerCamera(core: CoreProcess): void {
  core.onRequest = ({ method }) =>
    method === 'item/tool/call'
      ? {
          result: {
            contentItems: [
              { type: 'inputText', text: 'Click.' },
              { type: 'inputImage', imageUrl: PIXEL },
            ],
            success: true,
          },
        }
      : undefined;
}

describe('model wires', function () {
  this.timeout(120_000);
  let world: World;
  let problems: string[] = [];

  beforeEach(() => {
    problems = [];
  });

  async function conversation(wire: Wire): Promise<{ requests: NeutralRequest[]; thoughts: number }> {
    world = await World.create({ script: [], withoutModel: true });
    const config = ['model = "any-model"', 'model_provider = "scripted"', ...providerTable(world, wire)];
    writeFileSync(path.join(world.home, 'config.toml'), config.join('\n'));
    let core = await world.core({ experimentalApi: true });
    answerCamera(core);
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'danger-full-access',
      dynamicTools: [CAMERA],
    });
    for (let turn = 1; turn <= TURNS; turn++) {
      if (turn === RESUMED_AT) {
        await core.stop();
        core = await world.core({ experimentalApi: true });
        answerCamera(core);
        await core.request('thread/resume', { threadId: thread.id });
      }
      if (turn === COMPACTED_AT) {
        world.model.push([{ text: 'What came before.' }, { newPrefix: true }]);
        core.mark();
        await core.request('thread/compact/start', { threadId: thread.id });
        const { turn: compaction } = await core.waitFor('turn/completed');
        assert.equal(compaction.status, 'completed', JSON.stringify(compaction.error));
      }
      const [first, ...others] = rounds(turn);
      const fresh: Reply[] =
        turn === COMPACTED_AT ? [[{ newPrefix: true }, ...[first as Step].flat()]] : [first as Step];
      world.model.push(...fresh, ...others);
      const text = { type: 'text' as const, text: `Do turn ${turn}.` };
      const image = { type: 'image' as const, url: PIXEL };
      const done = await core.turn(thread.id, '', { input: turn % 7 === 0 ? [text, image] : [text] });
      assert.equal(done.status, 'completed', JSON.stringify(done.error));
    }
    const requests = world.model.requests.map((request) => comparable(request, world));
    const last = world.model.requests.at(-1);
    problems = await world.close();
    return { requests, thoughts: last ? thoughtsIn(last) : 0 };
  }

  it('say the same in a conversation of 40 turns with tools, pictures, thoughts, a resume and a compaction', async () => {
    const reference = await conversation('responses');
    assert.deepEqual(problems, []);
    assert.equal(reference.requests.length, 81);
    assert.equal(reference.thoughts, 8);
    for (const wire of WIRES.slice(1)) {
      const { requests, thoughts } = await conversation(wire);
      assert.deepEqual(problems, [], wire);
      for (const [index, request] of requests.entries()) {
        assert.deepEqual(request, reference.requests[index], `${wire}, request ${index}`);
      }
      assert.equal(requests.length, reference.requests.length);
      // Gemini signs the first call of a round and the text after a thought; the others keep each thought.
      assert.equal(thoughts, wire === 'gemini' ? 16 : reference.thoughts, wire);
    }
  });

  it('go on with a thread of another provider: its thoughts are left out, its ids made legal', async () => {
    world = await World.create({ script: [], withoutModel: true });
    const config = [
      'model = "any-model"',
      'model_provider = "responses"',
      ...WIRES.flatMap((wire) => providerTable(world, wire, wire)),
    ];
    // Mistral by its own name: it takes ids of nine letters only.
    config.push('[model_providers.mistral]', `base_url = "${world.model.baseUrl}"`, 'env_key = "SCRIPTED_KEY"');
    writeFileSync(path.join(world.home, 'config.toml'), config.join('\n'));
    let core = await world.core();
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'danger-full-access',
    });
    const order = [...WIRES, 'mistral', ...[...WIRES].reverse()];
    for (const [index, provider] of order.entries()) {
      if (index > 0) {
        await core.stop();
        core = await world.core();
        const resumed = await core.request('thread/resume', {
          threadId: thread.id,
          model: 'any-model',
          modelProvider: provider,
        });
        assert.equal(resumed.modelProvider, provider);
      }
      const callId = `${provider}|call.${index}:${'x'.repeat(50)}`;
      const run: Step = {
        call: 'exec_command',
        args: { cmd: `printf ${index}` },
        ...(index % 2 === 0 ? { callId } : {}),
      };
      world.model.push([{ newPrefix: true }, { reasoning: `Thought ${index}.` }, run], { text: `Done ${index}.` });
      const done = await core.turn(thread.id, `Do ${index}.`);
      assert.equal(done.status, 'completed', `${provider}: ${JSON.stringify(done.error)}`);
    }
    const { requests } = world.model;
    // Each first request of a provider holds all that was said before, in any provider's words.
    for (const [index, request] of requests.entries()) {
      if (index === 0) continue;
      const before = comparable(requests[index - 1] as RecordedRequest, world).pieces;
      const now = comparable(request, world).pieces;
      // What the person said last may have grown by what they said next.
      assert.deepEqual(now.slice(0, before.length - 1), before.slice(0, -1), `request ${index}`);
    }
    assert.deepEqual(
      requests.filter((_, index) => index % 2 === 1).map((request) => `${request.wire} ${thoughtsIn(request)}`),
      [
        'responses 1',
        'chat 1',
        'anthropic 1',
        'gemini 1',
        'chat 1',
        'gemini 2',
        'anthropic 2',
        'chat 2',
        'responses 2',
      ],
    );
    const ids = (requests[9]?.body.messages ?? []).flatMap(
      ({ tool_calls }) => (tool_calls as { id: string }[] | undefined) ?? [],
    );
    assert.equal(ids.length, 5);
    for (const { id } of ids) assert.match(id, /^[a-zA-Z0-9]{9}$/);
    assert.deepEqual(await world.close(), []);
  });

  it('tell a model without tools of them in text, and run what it writes', async () => {
    world = await World.create({ script: [], withoutModel: true });
    const table = providerTable(world, 'chat');
    const config = ['model = "any-model"', 'model_provider = "scripted"', ...table, 'supports_tools = false'];
    writeFileSync(path.join(world.home, 'config.toml'), config.join('\n'));
    world.model.push(
      {
        text: [
          'Let me look.\n``',
          '`tool_call\n{"name": "exec_command", "arguments": {"cmd": "printf 42"}}\n```\nIt says 7.',
        ],
      },
      { text: 'It is 42.' },
    );
    const core = await world.core();
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'danger-full-access',
    });
    assert.equal((await core.turn(thread.id, 'What is it?')).status, 'completed');
    assert.deepEqual(
      core.items('agentMessage').map(({ text }) => text),
      ['Let me look.', 'It is 42.'],
    );
    assert.equal(core.items('commandExecution')[0]?.aggregatedOutput, '42');
    const { body } = world.model.requests[1] as RecordedRequest;
    assert.equal(body.tools, undefined);
    assert.match(JSON.stringify(body.messages.at(-1)), /Result of exec_command:.*42/);
    assert.deepEqual(await world.close(), []);
  });

  it('reach a server with a certificate of the user, also through a proxy, by a key that a command prints', async () => {
    world = await World.create({
      script: [{ text: 'Hello.' }, { text: 'Hello.' }],
      withoutModel: true,
      apiKey: 'printed',
    });
    const tls = await startTls(world.model.port);
    const proxy = await startProxy(tls.port);
    const certificate = path.join(world.root, 'ca.pem');
    writeFileSync(certificate, TEST_CERTIFICATE);
    const configOf = (host: string): string[] => [
      'model = "any-model"',
      'model_provider = "scripted"',
      '[model_providers.scripted]',
      `base_url = "https://${host}/v1"`,
      'wire_api = "anthropic"',
      'request_max_retries = 0',
      '[model_providers.scripted.auth]',
      `command = ${JSON.stringify(process.execPath)}`,
      `args = ["-e", "console.log('printed')"]`,
    ];
    const turn = async (host: string, env: Record<string, string>): Promise<unknown> => {
      writeFileSync(path.join(world.home, 'config.toml'), configOf(host).join('\n'));
      const core = await world.core({}, env);
      const { thread } = await core.request('thread/start', { cwd: world.workspace });
      const { status, error } = await core.turn(thread.id, 'Hi.');
      await core.stop();
      return [status, error?.message.replace(/:\d+/, ':PORT')];
    };
    try {
      const advice = 'If your network has its own certificates, set NODE_EXTRA_CA_CERTS to their file and restart.';
      const here = `localhost:${tls.port}`;
      assert.deepEqual(await turn(here, {}), [
        'failed',
        `The certificate of https://localhost:PORT/v1 (scripted) is not trusted. ${advice}`,
      ]);
      const own = { NODE_EXTRA_CA_CERTS: certificate, HTTPS_PROXY: proxy.url };
      assert.deepEqual(await turn(here, own), ['completed', undefined]);
      assert.equal(proxy.asked.length, 0);
      assert.deepEqual(await turn('model.test', own), ['completed', undefined]);
      assert.deepEqual(
        proxy.asked.map((line) => line.split(' ').slice(0, 2).join(' ')),
        ['CONNECT model.test:443'],
      );
      assert.deepEqual(
        world.model.requests.map(({ headers }) => headers.authorization),
        ['Bearer printed', 'Bearer printed'],
      );
    } finally {
      await proxy.close();
      await tls.close();
    }
    assert.deepEqual(await world.close(), []);
  });

  for (const wire of WIRES) {
    it(`begin a cut answer anew on the ${wire} wire, and keep nothing half`, async () => {
      world = await World.create({ script: [], withoutModel: true });
      const table = providerTable(world, wire).map((line) =>
        line.replace('stream_max_retries = 0', 'stream_max_retries = 3'),
      );
      writeFileSync(
        path.join(world.home, 'config.toml'),
        ['model = "any-model"', 'model_provider = "scripted"', ...table].join('\n'),
      );
      const half: Step = { call: 'exec_command', pieces: ['{"cmd": "echo '], unfinished: true };
      world.model.push(
        [{ reasoning: 'Half a th', unfinished: true }, { cut: true }],
        [{ text: ['Half an an'], unfinished: true }, { cut: true }],
        [half, { cut: true }],
        [{ reasoning: 'A thought.' }, { text: 'Whole.' }, { call: 'exec_command', args: { cmd: 'printf whole' } }],
        { text: 'Done.' },
      );
      const core = await world.core();
      const { thread } = await core.request('thread/start', {
        cwd: world.workspace,
        approvalPolicy: 'never',
        sandbox: 'danger-full-access',
      });
      assert.equal((await core.turn(thread.id, 'Go.')).status, 'completed');
      assert.deepEqual(
        core.items('agentMessage').map(({ text }) => text),
        ['Whole.', 'Done.'],
      );
      assert.deepEqual(
        core.items('commandExecution').map(({ aggregatedOutput }) => aggregatedOutput),
        ['whole'],
      );
      const [first, second, third, fourth, last] = world.model.requests.map(
        (request) => comparable(request, world).pieces,
      );
      assert.deepEqual([second, third, fourth], [first, first, first]);
      assert.deepEqual(
        last?.slice(first?.length).map((piece) => Object.keys(piece)),
        [
          ['by', 'text'],
          ['call', 'name', 'args'],
          ['result', 'text'],
        ],
      );
      assert.deepEqual(await world.close(), []);
    });
  }
});
