/** One conversation on every wire, and one that changes its provider: what the core sends means the same. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import type { RecordedRequest, Reply, Step } from '../support/model-server/index.ts';
import { type NeutralRequest, neutralOf, thoughtsIn } from '../support/model-server/neutral.ts';
import { World } from './world.ts';

const WIRES = ['responses', 'chat', 'anthropic', 'gemini'] as const;
type Wire = (typeof WIRES)[number];
const TURNS = 40;
const RESUMED_AT = 20;
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
      world.model.push(...rounds(turn));
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

  it('say the same in a conversation of 40 turns with tools, pictures, thoughts and a resume', async () => {
    const reference = await conversation('responses');
    assert.deepEqual(problems, []);
    assert.equal(reference.requests.length, 80);
    assert.equal(reference.thoughts, 32);
    for (const wire of WIRES.slice(1)) {
      const { requests, thoughts } = await conversation(wire);
      assert.deepEqual(problems, [], wire);
      for (const [index, request] of requests.entries()) {
        assert.deepEqual(request, reference.requests[index], `${wire}, request ${index}`);
      }
      assert.equal(requests.length, reference.requests.length);
      // Gemini signs the first call of a round and the text after a thought; the others keep each thought.
      assert.equal(thoughts, wire === 'gemini' ? 64 : reference.thoughts, wire);
    }
  });
});
