/** Each family of models works with its own tools, on the same files, sandbox and questions. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

describe('tools by family', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const run = async (model: string, options: WorldOptions, params: Record<string, unknown> = {}): Promise<void> => {
    world = await World.create(options);
    core = await world.core();
    const usual = { cwd: world.workspace, model, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    const given = { ...usual, ...params };
    const { thread } = await core.request('thread/start', given);
    assert.equal((await core.turn(thread.id, 'go')).status, 'completed');
  };
  type Body = { tools: { name?: string }[]; input: { type?: string; call_id?: string; output?: unknown }[] };
  const bodyOf = (index: number) => world.model.requests.at(index)?.body as unknown as Body;
  /** What the model was told of its calls, in order. */
  const results = (): string[] =>
    bodyOf(-1)
      .input.filter(({ type }) => type === 'function_call_output')
      .map(({ output }) => (typeof output === 'string' ? output : JSON.stringify(output)));
  const offered = (): (string | undefined)[] => bodyOf(0).tools.map(({ name }) => name);
  const content = (name: string) => readFileSync(world.at(name), 'utf8');

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('Claude: a shell and the editor it knows', async () => {
    const edit = (args: Record<string, unknown>) => ({ call: 'str_replace_based_edit_tool', args });
    await run('claude-sonnet-4-5', {
      files: { 'a.py': 'def f():\r\n    if x:\r\n        return 1\r\n', 'b.txt': 'one\ntwo' },
      script: [
        [edit({ command: 'view', path: 'a.py' }), edit({ command: 'view', path: 'b.txt', view_range: [2, -1] })],
        edit({
          command: 'str_replace',
          path: 'a.py',
          old_str: 'if x:\n    return 1',
          new_str: 'if y:\n    return 1\nreturn 2',
        }),
        edit({ command: 'insert', path: 'b.txt', insert_line: 1, insert_text: 'half\n' }),
        edit({ command: 'create', path: 'new/c.txt', file_text: 'made\n' }),
        { call: 'bash', args: { command: 'cat new/c.txt' } },
        { text: 'done' },
      ],
    });
    assert.deepEqual(offered().slice(0, 4), ['bash', 'write_stdin', 'str_replace_based_edit_tool', 'update_plan']);
    const [viewed, range] = results();
    assert.equal(viewed, '1\tdef f():\n2\t    if x:\n3\t        return 1');
    assert.equal(range, '2\ttwo');
    assert.equal(content('a.py'), 'def f():\r\n    if y:\r\n        return 1\r\n    return 2\r\n');
    assert.equal(content('b.txt'), 'one\nhalf\ntwo');
    assert.match(results()[5] ?? '', /Process exited with code 0\nOutput:\nmade/);
    assert.deepEqual(
      core
        .items('fileChange')
        .map(({ status, changes }) => [
          status,
          changes.map(({ path: file, kind }) => [path.relative(world.workspace, file), kind.type]),
        ]),
      [
        ['completed', [['a.py', 'update']]],
        ['completed', [['b.txt', 'update']]],
        ['completed', [['new/c.txt', 'add']]],
      ],
    );
    assert.deepEqual(
      core.items('dynamicToolCall').map(({ tool, status }) => [tool, status]),
      [
        ['str_replace_based_edit_tool', 'completed'],
        ['str_replace_based_edit_tool', 'completed'],
      ],
    );
  });

  it('others: small tools with JSON arguments, and other names for them', async () => {
    await run('qwen3-coder', {
      files: {
        'src/a.ts': 'const one = 1;\nconst two = 2;\n',
        'b.md': 'two\n',
        '.gitignore': 'out\n',
        'out/x.ts': 'two',
      },
      script: [
        [
          { call: 'list_files', args: { pattern: '*.ts' } },
          { call: 'search_text', args: { pattern: 'two' } },
          { call: 'read_file', args: { path: 'src/a.ts', start_line: '2' } },
        ],
        { call: 'replace', args: "{'file_path': 'src/a.ts', 'old_string': 'two = 2', 'new_string': 'two = 3',}" },
        { call: 'write_file', args: { path: 'c.txt', content: 'c\n' } },
        { call: 'run_shell_command', args: { command: 'cat c.txt' } },
        { call: 'apply_patch', args: { input: '*** Begin Patch\n*** Delete File: b.md\n*** End Patch' } },
        { text: 'done' },
      ],
    });
    assert.deepEqual(offered().slice(0, 8), [
      'read_file',
      'edit_file',
      'write_file',
      'list_files',
      'search_text',
      'run_command',
      'write_stdin',
      'update_plan',
    ]);
    const [list, found, read, , , said] = results();
    assert.deepEqual([list, found, read], ['src/a.ts', 'b.md:1:two\nsrc/a.ts:2:const two = 2;', '2\tconst two = 2;']);
    assert.match(said ?? '', /\nc$/m);
    assert.equal(content('src/a.ts'), 'const one = 1;\nconst two = 3;\n');
    assert.throws(() => content('b.md'));
  });

  it('refuses what is cut, binary, secret or beyond the workspace, and what no tool is called, with what to do', async () => {
    world = await World.create({
      files: { 'a.bin': Buffer.from([0, 1, 2]), 'i.png': Buffer.from('89504e470d0a1a0a00', 'hex') },
      script: [
        { call: 'write_file', args: '{"path":"a.txt","content":"half of' },
        { call: 'read_file', args: { path: 'a.bin' } },
        { call: 'read_file', args: { path: 'i.png' } },
        { call: 'read_file', args: { path: '../home/config.toml' } },
        { call: 'search_text', args: { pattern: 'key', path: 'out' } },
        { call: 'raed_file', args: { path: 'a' } },
        { text: 'done' },
      ],
    });
    mkdirSync(path.join(world.root, 'elsewhere'));
    symlinkSync(path.join(world.root, 'elsewhere'), world.at('out'));
    core = await world.core();
    const { thread } = await core.request('thread/start', { cwd: world.workspace, model: 'qwen3-coder' });
    assert.equal((await core.turn(thread.id, 'go')).status, 'completed');
    const told = [
      /arguments of write_file end in the middle, after 34 characters/,
      /a\.bin is not UTF-8 text/,
      /i\.png is an image: look at it with view_image/,
      /config\.toml/,
      /^out is not in the workspace/,
      /There is no tool "raed_file"\. The nearest names are: read_file/,
    ];
    for (const [index, result] of results().entries()) assert.match(result, told[index] as RegExp);
    assert.doesNotMatch(results().join('\n'), /base_url/);
    assert.throws(() => content('a.txt'));
    assert.deepEqual(
      core.items('dynamicToolCall').map(({ status }) => status),
      told.map(() => 'failed'),
    );
  });

  it('is what config.toml says of a model', async () => {
    await run('unheard-of-1', {
      config: '[model_providers.scripted.models."unheard-of-1"]\ntool_family = "claude"\n',
      script: [{ text: 'done' }],
    });
    assert.equal(offered()[0], 'bash');
  });
});
