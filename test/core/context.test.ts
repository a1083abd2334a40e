/** What a real core process tells the model before the user's words. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const SAMPLE = path.join(import.meta.dirname, '../../media/sample-workspace');
/** One name of each family of models, with the wire that is scripted. */
const FAMILIES = ['gpt-5.5', 'claude-sonnet-4-5', 'gemini-3-pro', 'qwen3-coder', 'unheard-of-1'];

describe('the prompt of a core', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
    core = await world.core();
  };
  const start = async (params: Record<string, unknown> = {}): Promise<string> => {
    const { thread } = await core.request('thread/start', { cwd: world.workspace, ...params });
    return thread.id;
  };
  const sent = (request: number): string[] => {
    const body = world.model.requests[request]?.body as { input: { content?: { text?: string }[] }[] } | undefined;
    const input = body?.input ?? [];
    return input.map(({ content }) => (Array.isArray(content) ? content.map(({ text }) => text ?? '').join('') : ''));
  };
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd: world.workspace,
        stdio: 'ignore',
      },
    );

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  for (const wire of ['responses', 'chat'] as const) {
    it(`takes at most 15 KB with all tools in the sample workspace, for every family, on the wire ${wire}`, async () => {
      await begin({ script: FAMILIES.map(() => ({ text: 'Hello.' })) });
      cpSync(SAMPLE, world.workspace, { recursive: true });
      const config = path.join(world.home, 'config.toml');
      if (wire === 'chat')
        appendFileSync(
          config,
          `\n[model_providers.chatty]\nname = "Chatty"\nbase_url = "${world.model.baseUrl}"\nwire_api = "chat"\nenv_key = "SCRIPTED_KEY"\n`,
        );
      for (const model of FAMILIES) {
        const modelProvider = wire === 'chat' ? 'chatty' : 'scripted';
        await core.turn(await start({ model, modelProvider, sandbox: 'workspace-write' }), 'Fix the failing test');
      }
      const sizes = world.model.requests.map(({ body }) => Buffer.byteLength(JSON.stringify(body)));
      assert.equal(sizes.length, FAMILIES.length);
      for (const [index, size] of sizes.entries()) assert.ok(size <= 15 * 1024, `${FAMILIES[index]}: ${size} bytes`);
    });
  }

  it('comes in its order, with the state of git and the files', async () => {
    await begin({
      script: [{ text: 'a' }],
      files: { 'src/a.ts': '1', '.gitignore': 'out/\n', 'out/b.js': '2', 'AGENTS.md': 'be kind' },
    });
    git('init');
    git('add', '.');
    git('commit', '-m', 'The first one');
    writeFileSync(world.at('src/a.ts'), '2');
    writeFileSync(world.at('new.ts'), '3');
    await core.turn(await start({ developerInstructions: 'Client says.', sandbox: 'workspace-write' }), 'go');
    const [base, developer, project, user] = sent(0);
    assert.match(base ?? '', /^You are Gantry/);
    assert.match(developer ?? '', /^Client says\.\n\n<permissions>\n[\s\S]*<\/permissions>$/);
    assert.equal(user, 'go');
    const [agents, environment, workspace] = (project ?? '').split(/\n\n(?=<)/);
    assert.equal(agents, `# AGENTS.md instructions for ${world.workspace}\n\nbe kind`);
    assert.match(
      environment ?? '',
      new RegExp(
        `^<environment_context>\\ncwd: ${world.workspace}\\nos: .*\\nshell: .*\\ndate: .*\\ngit branch: main\\n</environment_context>$`,
      ),
    );
    const shown = (workspace ?? '').replace(/ [0-9a-f]{7,} /, ' HASH ');
    assert.equal(
      shown,
      '<workspace>\ngit: 2 uncommitted paths\nlast commits:\n HASH The first one\nfiles:\nsrc/\n a.ts\n.gitignore\nAGENTS.md\nnew.ts\n</workspace>',
    );
  });

  it('tells after a restart what changed meanwhile, behind all that was said, and nothing else', async () => {
    await begin({ script: [{ text: 'a' }, { text: 'b' }, { text: 'c' }], files: { 'AGENTS.md': 'be kind' } });
    const threadId = await start({ sandbox: 'workspace-write' });
    await core.turn(threadId, 'one');
    await core.stop();
    core = await world.core();
    await core.request('thread/resume', { threadId });
    await core.turn(threadId, 'two');
    const before = sent(0);
    assert.deepEqual(sent(1), [...before, 'a', 'two']);
    await core.stop();
    world.write('AGENTS.md', 'be quick');
    core = await world.core();
    await core.request('thread/resume', { threadId });
    await core.turn(threadId, 'three');
    const agents = `# AGENTS.md instructions for ${world.workspace}\n\nbe quick`;
    assert.deepEqual(sent(2), [...sent(1), 'b', agents, 'three']);
  });

  it('takes instructions of other names, and cuts them with a word', async () => {
    await begin({
      script: [{ text: 'a' }],
      files: { 'CLAUDE.md': 'x'.repeat(50) },
      config: 'project_doc_max_bytes = 40',
    });
    await core.turn(await start(), 'go');
    assert.match(
      sent(0)[2] ?? '',
      /\n\nx{40}\n\(.*\/CLAUDE\.md is cut here: the instructions exceed 40 bytes\)\n\n<environment/,
    );
  });

  it('takes no more text than the wire allows, counted in characters', async () => {
    await begin({ script: [{ text: 'a' }] });
    const threadId = await start();
    const most = 1_048_576;
    const input = [
      { type: 'text', text: 'x'.repeat(most) },
      { type: 'text', text: '🙂' },
    ];
    assert.deepEqual(await core.refusal('turn/start', { threadId, input }), {
      code: -32602,
      message: `Input exceeds the maximum length of ${most} characters.`,
      data: { input_error_code: 'input_too_large', max_chars: most, actual_chars: most + 1 },
    });
    await core.turn(threadId, '🙂'.repeat(600_000));
    assert.equal(sent(0).at(-1)?.length, 1_200_000);
  });

  it('says to the user what could not be sent', async () => {
    await begin({ script: [{ text: 'a' }] });
    const threadId = await start({ model: 'gpt-oss-20b' });
    core.mark();
    await core.request('turn/start', { threadId, input: [{ type: 'localImage', path: world.at('a.png') }] });
    const { message } = await core.waitFor('warning', ({ threadId: of }) => of === threadId);
    assert.match(message, /a\.png was not sent: .* cannot see images\. Choose a model that can\.$/);
    await core.waitFor('turn/completed');
    assert.equal(sent(0).at(-1), `(${message})`);
    assert.deepEqual(readdirSync(world.workspace), []);
  });
});
