/** `gantry exec` as SDKs drive it: a child process that prints events and ends with an exit code. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ExecProcess, type ExecResult } from '../support/exec-process.ts';
import { gate, type RecordedRequest } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

const usage = (turns: number) => ({
  input_tokens: 100 * turns,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 20 * turns,
  reasoning_output_tokens: 0,
});
const message = (id: string, text: string) => ({ type: 'item.completed', item: { id, type: 'agent_message', text } });
const done = (calls: number) => ({ type: 'turn.completed', usage: usage(calls) });

/** The events but the first, which must be the start of a thread. */
function turnOf(result: ExecResult): unknown[] {
  const [first, ...rest] = result.events;
  assert.equal(first?.type, 'thread.started', result.stderr);
  return rest;
}

const threadIdOf = ({ events }: ExecResult): string => String(events[0]?.thread_id);
const lastContent = (request: RecordedRequest | undefined): unknown => request?.body.input.at(-1)?.content;

describe('exec', function () {
  this.timeout(30_000);
  let world: World;

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
  };
  const start = (args: readonly string[], stdin: string | null = '', env: Record<string, string> = {}) =>
    new ExecProcess({
      home: world.home,
      cwd: world.workspace,
      args,
      stdin,
      env: { SCRIPTED_KEY: 'scripted-key', ...env },
    });
  const exec = (args: readonly string[], stdin = ''): Promise<ExecResult> => start(args, stdin).ended;
  const json = (args: readonly string[], stdin = ''): Promise<ExecResult> =>
    exec(['--experimental-json', '--skip-git-repo-check', ...args], stdin);

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('says that a prompt was taken for an image', async () => {
    await begin({ script: [] });
    const { code, stderr } = await exec(['-i', world.at('a.png'), 'Describe it'], 'ignored');
    assert.deepEqual(
      [code, stderr],
      [
        2,
        'gantry: --image takes all that follows it, and "Describe it" is no file. If it is the prompt, put -- before it. See gantry exec --help.\n',
      ],
    );
  });

  it('tells a text turn, with the prompt on stdin', async () => {
    await begin({ script: [[{ reasoning: 'Hm.' }, { text: ['Hello', ' there'] }]] });
    const result = await json([], 'Say hello');
    assert.deepEqual(turnOf(result), [
      { type: 'turn.started' },
      { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'Hm.' } },
      message('item_1', 'Hello there'),
      done(1),
    ]);
    assert.deepEqual([result.code, result.stderr], [0, '']);
    assert.deepEqual(lastContent(world.model.requests[0]), [{ type: 'input_text', text: 'Say hello' }]);
  });

  it('adds what is piped in to a prompt that is an argument', async () => {
    await begin({ script: [{ text: 'ok' }] });
    await json(['explain'], 'line\n');
    assert.deepEqual(lastContent(world.model.requests[0]), [
      { type: 'input_text', text: 'explain\n\n<stdin>\nline\n</stdin>' },
    ]);
  });

  it('tells commands with their output and exit codes', async () => {
    await begin({
      script: [
        { call: 'exec_command', args: { cmd: 'echo hi' } },
        { call: 'exec_command', args: { cmd: 'echo oops >&2; exit 3' } },
        { text: 'done' },
      ],
    });
    const command = (id: string, cmd: string) => ({ id, type: 'command_execution', command: `/bin/bash -lc '${cmd}'` });
    const running = { aggregated_output: '', exit_code: null, status: 'in_progress' };
    const failing = 'echo oops >&2; exit 3';
    const result = await json(['--sandbox', 'workspace-write', 'go']);
    assert.deepEqual(turnOf(result), [
      { type: 'turn.started' },
      { type: 'item.started', item: { ...command('item_0', 'echo hi'), ...running } },
      {
        type: 'item.completed',
        item: { ...command('item_0', 'echo hi'), aggregated_output: 'hi\n', exit_code: 0, status: 'completed' },
      },
      { type: 'item.started', item: { ...command('item_1', failing), ...running } },
      {
        type: 'item.completed',
        item: { ...command('item_1', failing), aggregated_output: 'oops\n', exit_code: 3, status: 'failed' },
      },
      message('item_2', 'done'),
      done(3),
    ]);
    assert.equal(result.code, 0);
  });

  it('tells what was read by a tool of its own, and leaves what failed to the model', async () => {
    await begin({
      script: [
        { call: 'read_file', args: { path: 'a.txt' } },
        { call: 'read_file', args: { path: 'none.txt' } },
        { text: 'done' },
      ],
      files: { 'a.txt': 'one\n' },
    });
    const call = (id: string, path: string) => ({
      id,
      type: 'mcp_tool_call',
      server: 'gantry',
      tool: 'read_file',
      arguments: { path },
    });
    const read = { content: [{ type: 'text', text: '1\tone' }], structured_content: null };
    assert.deepEqual(turnOf(await json(['--model', 'qwen3-coder', 'go'])), [
      { type: 'turn.started' },
      { type: 'item.completed', item: { ...call('item_0', 'a.txt'), result: read, error: null, status: 'completed' } },
      message('item_1', 'done'),
      done(3),
    ]);
  });

  it('tells a patch, and writes it without asking', async () => {
    const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+TWO\n*** Add File: b.txt\n+new\n*** End Patch';
    await begin({
      script: [{ freeform: 'apply_patch', input: patch }, { text: 'done' }],
      files: { 'a.txt': 'one\ntwo\n' },
    });
    const result = await json(['--full-auto', 'go']);
    const item = {
      id: 'item_0',
      type: 'file_change',
      changes: [
        { path: world.at('a.txt'), kind: 'update' },
        { path: world.at('b.txt'), kind: 'add' },
      ],
    };
    assert.deepEqual(turnOf(result), [
      { type: 'turn.started' },
      { type: 'item.started', item: { ...item, status: 'in_progress' } },
      { type: 'item.completed', item: { ...item, status: 'completed' } },
      message('item_1', 'done'),
      done(2),
    ]);
    assert.deepEqual(
      [readFileSync(world.at('a.txt'), 'utf8'), readFileSync(world.at('b.txt'), 'utf8')],
      ['one\nTWO\n', 'new\n'],
    );
  });

  it('writes nothing under the default sandbox, and asks nobody', async () => {
    const patch = '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch';
    await begin({ script: [{ freeform: 'apply_patch', input: patch }, { text: 'sorry' }] });
    const result = await json(['go']);
    assert.deepEqual(
      [result.code, existsSync(world.at('b.txt')), result.events.at(-2)?.item?.text],
      [0, false, 'sorry'],
    );
  });

  it('tells the plan as one list that changes', async () => {
    const plan = (first: string) => ({ call: 'update_plan', args: { plan: [{ step: 'look', status: first }] } });
    await begin({ script: [plan('in_progress'), plan('completed'), { text: 'done' }] });
    const list = (completed: boolean) => ({ id: 'item_0', type: 'todo_list', items: [{ text: 'look', completed }] });
    assert.deepEqual(turnOf(await json(['go'])), [
      { type: 'turn.started' },
      { type: 'item.started', item: list(false) },
      { type: 'item.updated', item: list(true) },
      message('item_1', 'done'),
      { type: 'item.completed', item: list(true) },
      done(3),
    ]);
  });

  it('resumes a thread by its id, and the newest one of the folder', async () => {
    await begin({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    const first = await json(['first']);
    const second = await json(['resume', threadIdOf(first)], 'second');
    const third = await json(['resume', '--last', 'third']);
    assert.deepEqual([threadIdOf(second), threadIdOf(third)], [threadIdOf(first), threadIdOf(first)]);
    assert.deepEqual(turnOf(second), [{ type: 'turn.started' }, message('item_0', 'two'), done(2)]);
    const said = world.model.requests[2]?.body.input.filter(({ role }) => role === 'user').slice(-3);
    assert.deepEqual(
      said?.map(({ content }) => content),
      ['first', 'second', 'third'].map((text) => [{ type: 'input_text', text }]),
    );
  });

  it('says when there is no such thread', async () => {
    await begin({});
    const unknown = '00000000-0000-7000-8000-000000000000';
    const [byId, byName] = [await json(['resume', unknown, 'x']), await json(['resume', 'nobody', 'x'])];
    assert.deepEqual(
      [byId, byName].map(({ code, stdout, stderr }) => ({ code, stdout, stderr })),
      [
        { code: 1, stdout: '', stderr: `Error: no rollout found for thread id ${unknown}\n` },
        { code: 1, stdout: '', stderr: 'There is no thread with the id or the name "nobody".\n' },
      ],
    );
  });

  it('takes a schema for the last message, and writes it to a file', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'number' } },
      required: ['a'],
      additionalProperties: false,
    };
    await begin({ script: [{ text: '{"a":1}' }], files: { 'schema.json': JSON.stringify(schema) } });
    const result = await json(['--output-schema', 'schema.json', '--output-last-message', 'last.txt', 'go']);
    assert.equal(result.code, 0);
    assert.equal(readFileSync(world.at('last.txt'), 'utf8'), '{"a":1}');
    const asked = world.model.requests[0]?.body.text as { format: { type: string; schema: unknown } } | undefined;
    assert.deepEqual([asked?.format.type, asked?.format.schema], ['json_schema', schema]);
  });

  it('sends images before the prompt', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    await begin({ script: [{ text: 'ok' }], files: { 'a.png': png } });
    await json(['--image', 'a.png', '--', 'what is it?']);
    const content = lastContent(world.model.requests[0]) as { type: string; image_url?: string }[];
    assert.deepEqual(
      content.map(({ type, image_url }) => [type, image_url]),
      [
        ['input_image', `data:image/png;base64,${png.toString('base64')}`],
        ['input_text', undefined],
      ],
    );
  });

  it('writes in folders that were added, and runs in the folder that was named', async () => {
    await begin({
      script: [{ call: 'exec_command', args: { cmd: 'pwd > ../beside/where.txt' } }, { text: 'done' }],
      files: { 'inner/x': '', 'beside/y': '' },
    });
    const folders = ['--cd', world.at('inner'), '--add-dir', world.at('beside')];
    const result = await json(['--sandbox', 'workspace-write', ...folders, 'go']);
    assert.equal(result.events.find(({ type }) => type === 'item.completed')?.item?.exit_code, 0);
    assert.equal(readFileSync(world.at('beside/where.txt'), 'utf8'), `${world.at('inner')}\n`);
  });

  it('sets keys of the config for a new thread and for one that goes on', async () => {
    await begin({ script: [{ text: 'one' }, { text: 'two' }] });
    const first = await json(['-c', 'model_reasoning_effort="high"', '--model', 'other', 'go']);
    await json(['--config', 'model_reasoning_effort="low"', 'resume', threadIdOf(first)], 'more');
    assert.deepEqual(
      world.model.requests.map(({ body }) => [body.model, (body.reasoning as { effort: string }).effort]),
      [
        ['other', 'high'],
        ['other', 'low'],
      ],
    );
  });

  it('fails with the reason and exit code 1 when the model does', async () => {
    await begin({ script: () => ({ status: 401, body: { error: { message: 'bad key', code: 'invalid_api_key' } } }) });
    const result = await json(['go']);
    const [turn, error, failed, ...more] = turnOf(result) as {
      type: string;
      message: string;
      error: { message: string };
    }[];
    assert.deepEqual([turn, more, result.code], [{ type: 'turn.started' }, [], 1]);
    assert.deepEqual([error?.type, failed?.type, failed?.error.message], ['error', 'turn.failed', error?.message]);
    assert.match(error?.message ?? '', /bad key/);
  });

  it('ends what runs and exits with 130 when it is interrupted', async () => {
    await begin({ script: [{ call: 'exec_command', args: { cmd: 'sleep 100', yield_time_ms: 30_000 } }] });
    const running = start(['--json', '--skip-git-repo-check', 'go']);
    await running.event(({ type }) => type === 'item.started');
    running.kill('SIGINT');
    const result = await running.ended;
    const last = result.events.at(-1);
    assert.deepEqual(
      [result.code, last?.type, last?.item?.type, last?.item?.status],
      [130, 'item.completed', 'command_execution', 'failed'],
    );
  });

  it('ends what runs when nobody reads its events any more', async () => {
    const held = gate();
    const sleep = { call: 'exec_command', args: { cmd: 'sleep 100', yield_time_ms: 30_000 } };
    await begin({ script: [[{ hold: held }, sleep]] });
    const running = start(['--json', '--skip-git-repo-check', 'go']);
    await Promise.all([held.reached, running.event(({ type }) => type === 'turn.started')]);
    running.stopReading();
    held.open();
    assert.equal((await running.ended).code, 1);
  });

  it('tells the end of a command that was left running before the end of the turn', async () => {
    await begin({
      script: [{ call: 'exec_command', args: { cmd: 'sleep 100', yield_time_ms: 250 } }, { text: 'left it' }],
    });
    const result = await json(['go']);
    assert.deepEqual(
      result.events.slice(-2).map(({ type, item }) => [type, item?.type]),
      [
        ['item.completed', 'command_execution'],
        ['turn.completed', undefined],
      ],
    );
  });

  it('wants a git repository, unless told otherwise', async () => {
    await begin({ script: [{ text: 'ok' }] });
    const { code, stdout, stderr } = await exec(['--json', 'go']);
    const sentence = 'Not inside a trusted directory and --skip-git-repo-check was not specified.\n';
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: '', stderr: sentence });
    mkdirSync(world.at('.git'));
    assert.equal((await exec(['--json', 'go'])).stderr, sentence);
    world.write('.git/HEAD', 'ref: refs/heads/main\n');
    assert.equal((await exec(['--json', 'go'])).code, 0);
  });

  it('says how to set a model when there is none', async () => {
    await begin({ withoutModel: true });
    const { code, stdout, stderr } = await json(['go']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Error: No model is set up\. Set an API key in the environment/);
  });

  it("goes on with no thread of the editor's demo model", async () => {
    await begin({ withoutModel: true });
    const core = await world.core({ gantry: {} });
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    await core.turn(thread.id, 'hello');
    await core.stop();
    const { code, stdout, stderr } = await json(['resume', thread.id, 'go']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^This thread was held with the demo model, .* name a model with -c model_provider=… and --model\.\n$/,
    );
  });

  it('refuses wrong usage in one sentence', async () => {
    await begin({ files: { 'bad.json': '{', 'list.json': '[]' } });
    const cases: [string[], number, RegExp][] = [
      [['--bogus', 'go'], 2, /^gantry: exec does not know --bogus\. See gantry exec --help\.\n$/],
      [['--model'], 2, /^gantry: --model needs a value\./],
      [
        ['--sandbox', 'weird', 'go'],
        2,
        /^gantry: --sandbox weird is not known: use read-only, workspace-write, danger/,
      ],
      [['-c', 'nothing', 'go'], 2, /^gantry: --config nothing is not key=value/],
      [
        ['-c', 'sandbox_mode="weird"', 'go'],
        2,
        /^gantry: -c sandbox_mode must be one of .*, but is the text "weird"\. Nothing was run\. See gantry exec --help\.\n$/,
      ],
      [['-p', 'none', 'go'], 2, /^gantry: profile = "none": there is no table \[profiles\.none\]\. Nothing was run\./],
      [['one', 'two'], 2, /^gantry: there is more than one prompt \("two"\)/],
      [['resume'], 2, /^gantry: resume needs the id or the name of a thread, or --last\./],
      [['--last', 'go'], 2, /^gantry: --last goes with resume\./],
      [['--cd', 'nowhere', 'go'], 1, /nowhere is not a folder; pass one that exists as --cd\.\n$/],
      [['-'], 1, /^No prompt provided via stdin\.\n$/],
      [['--output-schema', 'none.json', 'go'], 1, /^Failed to read output schema file none\.json: /],
      [['--output-schema', 'bad.json', 'go'], 1, /^Output schema file bad\.json is not valid JSON: /],
      [
        ['--output-schema', 'list.json', 'go'],
        1,
        /^Output schema file list\.json does not hold a JSON Schema object\.\n$/,
      ],
    ];
    for (const [args, expected, says] of cases) {
      const { code, stdout, stderr } = await exec(['--json', '--skip-git-repo-check', ...args]);
      assert.deepEqual([args, code, stdout], [args, expected, '']);
      assert.match(stderr, says);
    }
  });

  it('tells what is wrong with the config, and goes on', async () => {
    await begin({ script: [{ text: 'ok' }] });
    const result = await json(['-c', 'nonsense_key=1', 'go']);
    assert.deepEqual(turnOf(result), [
      { type: 'item.completed', item: { id: 'item_0', type: 'error', message: 'nonsense_key is not a known key.' } },
      { type: 'turn.started' },
      message('item_1', 'ok'),
      done(1),
    ]);
  });

  it('says that an MCP server failed, and how its tools are allowed', async () => {
    await begin({
      script: [
        { call: 'mcp__thief__steal', args: { secrets: [], plant: [], url: 'http://127.0.0.1:9', dnsPort: 9 } },
        { text: 'ok' },
      ],
      config: [
        '[mcp_servers.broken]',
        'command = "no-such-program"',
        '[mcp_servers.thief]',
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ${JSON.stringify([path.join(import.meta.dirname, 'injection-thief.ts')])}`,
        'default_tools_approval_mode = "prompt"',
      ].join('\n'),
    });
    const items = (await json(['go'])).events.flatMap(({ item }) => (item ? [item as Record<string, unknown>] : []));
    const notice = items.find(({ type }) => type === 'error');
    assert.match(String(notice?.message), /^The MCP server broken failed: /);
    const call = items.findLast(({ type }) => type === 'mcp_tool_call');
    assert.match(JSON.stringify(call?.error), /default_tools_approval_mode = .*approve.* in \[mcp_servers\.thief\]/);
  });

  it('prints the last message for people, and its progress beside it', async () => {
    await begin({
      script: [[{ text: 'I look.' }, { call: 'exec_command', args: { cmd: 'echo hi' } }], { text: 'final' }],
    });
    const { code, stdout, stderr } = await exec(['--skip-git-repo-check', 'go']);
    assert.deepEqual([code, stdout], [0, 'final\n']);
    assert.match(stderr, /^thread [0-9a-f-]{36}\nI look\.\n\$ \/bin\/bash -lc 'echo hi'\nhi\n\(exit code 0\)\n$/);
  });
});
