import assert from 'node:assert/strict';
import type { ModelInfo, ToolFamily } from '../../../agent-core/models/model-client.ts';
import { familyOf, findTool, noSuchTool, toolSpecs } from '../../../agent-core/tools/index.ts';

const info = (model: string, over: Partial<ModelInfo> = {}) =>
  ({ provider: 'mine', model, supportsFreeformTools: true, ...over }) as ModelInfo;

describe('the families of models', () => {
  for (const [family, models] of Object.entries({
    gpt: [
      'gpt-5.5',
      'gpt-4.1',
      'openai/gpt-oss-120b',
      'o3',
      'o4-mini',
      'codex-mini-latest',
      'gpt-5-codex',
      'ft:gpt-4.1:me',
      'chatgpt-4o-latest',
    ],
    claude: ['claude-sonnet-4-5', 'anthropic/claude-opus-4.5', 'us.anthropic.claude-haiku-4-5-v1:0'],
    plain: ['gemini-3-pro', 'qwen3-coder', 'llama3.3:70b', 'deepseek-v4', 'unheard-of-1', 'olmo-3', 'gptx'],
  })) {
    it(`knows ${family} by name`, () => {
      for (const model of models) assert.equal(familyOf(info(model)), family, model);
    });
  }

  it('takes the provider where the name says nothing, and what the user says before all', () => {
    assert.equal(familyOf(info('opus', { provider: 'anthropic' })), 'claude');
    assert.equal(familyOf(info('demo', { provider: 'demo' })), 'gpt');
    for (const toolFamily of ['gpt', 'claude', 'plain'] satisfies ToolFamily[])
      assert.equal(familyOf(info('gpt-5.5', { toolFamily })), toolFamily);
  });

  it('offer each its own tools', () => {
    const offered = (model: string, over: Partial<ModelInfo> = {}) =>
      toolSpecs(info(model, over)).map(({ kind, name }) => `${kind} ${name}`);
    assert.deepEqual(offered('gpt-5.5'), [
      'function exec_command',
      'function write_stdin',
      'freeform apply_patch',
      'function update_plan',
    ]);
    assert.equal(offered('gpt-4.1', { supportsFreeformTools: false })[2], 'function apply_patch');
    assert.deepEqual(offered('claude-sonnet-4-5'), [
      'function bash',
      'function write_stdin',
      'function str_replace_based_edit_tool',
      'function update_plan',
    ]);
    assert.deepEqual(offered('qwen3-coder'), [
      'function read_file',
      'function edit_file',
      'function write_file',
      'function list_files',
      'function search_text',
      'function run_command',
      'function write_stdin',
      'function update_plan',
    ]);
  });

  it('find a tool by its name whichever set was offered, and by names from other agents', () => {
    for (const [name, own] of [
      ['apply_patch', 'apply_patch'],
      ['bash', 'bash'],
      ['Bash', 'bash'],
      ['Read', 'read_file'],
      ['replace', 'edit_file'],
      ['run_shell_command', 'run_command'],
      ['str_replace_editor', 'str_replace_based_edit_tool'],
      ['Grep', 'search_text'],
    ] as const)
      assert.equal(findTool(name)?.name, own);
    assert.equal(findTool('frobnicate'), undefined);
  });

  it('name the nearest when there is none', () => {
    assert.equal(
      noSuchTool('write_files'),
      'There is no tool "write_files". The nearest names are: write_file, edit_file, list_files. Nothing was done; call one of the tools that you were offered.',
    );
    assert.match(noSuchTool('view_imag', ['view_image']), /nearest names are: view_image/);
    assert.match(noSuchTool('zzzzzzzzzzzzzzzzzzzzzz'), /^There is no tool "z+"\. Nothing was done/);
  });
});
