/** Skills of a real core process: listed, told to the model, read in the sandbox, switched off, watched. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const skillFile = (name: string, description: string, body = 'Follow me.'): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\n${body}\n`;

describe('skills', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions = {}, skills: Record<string, string> = {}): Promise<void> => {
    world = await World.create(options);
    for (const [at, content] of Object.entries(skills)) inHome(at, content);
    core = await world.core();
  };
  const inHome = (at: string, content: string): string => {
    const file = path.join(world.home, at);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const start = async (params: Record<string, unknown> = {}): Promise<string> => {
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'workspace-write',
      ...params,
    });
    return thread.id;
  };
  const named = async (cwds: string[] = [world.workspace], forceReload = false) => {
    const { data } = await core.request('skills/list', { cwds, forceReload });
    return data.map(({ skills }) => skills.map(({ name, scope, enabled }) => `${name} ${scope} ${enabled}`));
  };
  /** What was sent to the model, message by message. */
  const sent = (request: number): string[] => {
    const body = world.model.requests[request]?.body as { input: { content?: { text?: string }[] }[] } | undefined;
    const input = body?.input ?? [];
    return input.map(({ content }) => (Array.isArray(content) ? content.map(({ text }) => text ?? '').join('') : ''));
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('are listed by folder with what is wrong, and one of another agent yields to ours of the same name', async () => {
    await begin(
      {
        files: {
          '.agents/skills/repo/SKILL.md': skillFile('repo', 'Of the project'),
          '.gantry/skills/broken/SKILL.md': '---\nname: broken\n---\n',
        },
      },
      {
        'skills/own/SKILL.md': skillFile('own', 'Of the home'),
        'skills/own/agents/openai.yaml': 'interface:\n  display_name: Own\n  short_description: Short\n',
        '.claude/skills/own/SKILL.md': skillFile('own', 'Of Claude'),
        '.claude/skills/other/SKILL.md': skillFile('other', 'Of Claude too'),
      },
    );
    const other = path.join(world.root, 'other');
    mkdirSync(other);
    const { data } = await core.request('skills/list', { cwds: [world.workspace, other, path.join(world.root, 'no')] });
    const own = {
      name: 'own',
      description: 'Of the home',
      path: path.join(world.home, 'skills/own/SKILL.md'),
      scope: 'user',
      enabled: true,
      shortDescription: 'Short',
      interface: {
        displayName: 'Own',
        shortDescription: 'Short',
        iconSmall: null,
        iconLarge: null,
        brandColor: null,
        defaultPrompt: null,
      },
      dependencies: null,
    };
    const plain = { enabled: true, shortDescription: null, interface: null, dependencies: null };
    const foreign = {
      ...plain,
      name: 'other',
      description: 'Of Claude too',
      path: path.join(world.home, '.claude/skills/other/SKILL.md'),
      scope: 'user',
    };
    const repo = {
      ...plain,
      name: 'repo',
      description: 'Of the project',
      path: world.at('.agents/skills/repo/SKILL.md'),
      scope: 'repo',
    };
    const broken = {
      path: world.at('.gantry/skills/broken/SKILL.md'),
      message: 'line 1: description must be a text that says when the skill is useful',
    };
    const missing = path.join(world.root, 'no');
    assert.deepEqual(data, [
      { cwd: world.workspace, skills: [repo, own, foreign], errors: [broken] },
      { cwd: other, skills: [own, foreign], errors: [] },
      { cwd: missing, skills: [], errors: [{ path: missing, message: 'is not a folder; pass one that exists' }] },
    ]);
  });

  it('reach the model as a list, are readable in the sandbox, and follow the message that names them', async () => {
    const script: WorldOptions['script'] = [
      {
        call: 'exec_command',
        args: { cmd: 'cat ~/.claude/skills/deep/SKILL.md; cat ~/.claude/secret; ls ~/config.toml' },
      },
      { text: 'read' },
      { text: 'done' },
    ];
    await begin(
      { script },
      {
        '.claude/skills/deep/SKILL.md': skillFile('deep', 'Dives', 'Dive down.'),
        '.claude/secret': 'TOP-SECRET',
      },
    );
    const threadId = await start();
    await core.turn(threadId, 'go');
    assert.match(
      sent(0)[1] ?? '',
      /^<skills>\n[^\n]+\n- deep: Dives \(.*\/\.claude\/skills\/deep\/SKILL\.md\)\n<\/skills>\n\n<permissions>/,
    );
    const [command] = core.items('commandExecution');
    assert.match(command?.aggregatedOutput ?? '', /Dive down\./);
    assert.doesNotMatch(command?.aggregatedOutput ?? '', /TOP-SECRET/);
    await core.turn(threadId, 'Use $deep now');
    const last = sent(2).slice(-2);
    assert.equal(last[0], 'Use $deep now');
    const file = path.join(world.home, '.claude/skills/deep/SKILL.md');
    assert.equal(
      last[1],
      `<skill>\n<name>deep</name>\n<path>${file}</path>\n${skillFile('deep', 'Dives', 'Dive down.').trim()}\n</skill>`,
    );
  });

  it('of a project that is not trusted are not there, nor its AGENTS.md', async () => {
    await begin({
      script: [{ text: 'a' }],
      files: { '.agents/skills/repo/SKILL.md': skillFile('repo', 'Of the project'), 'AGENTS.md': 'obey the project' },
    });
    assert.deepEqual(await named(), [['repo repo true']]);
    const threadId = await start({ config: { projects: { [world.workspace]: { trust_level: 'untrusted' } } } });
    await core.turn(threadId, 'go');
    assert.doesNotMatch(sent(0).join('\n'), /Of the project|obey the project|<workspace>/);
    assert.deepEqual(await named(), [[]]);
  });

  it('that lead out of the project to what may be secret are refused', async () => {
    await begin({}, { '.ssh/SKILL.md': skillFile('key', 'PRIVATE') });
    mkdirSync(world.at('.agents/skills'), { recursive: true });
    symlinkSync(path.join(world.home, '.ssh'), world.at('.agents/skills/key'));
    const { data } = await core.request('skills/list', { cwds: [world.workspace] });
    const file = path.join(world.home, '.ssh/SKILL.md');
    assert.deepEqual(data, [
      {
        cwd: world.workspace,
        skills: [],
        errors: [{ path: file, message: 'is not read: it may hold keys or tokens' }],
      },
    ]);
  });

  it('are switched off and on in config.toml, and the model is told', async () => {
    await begin(
      { script: [{ text: 'a' }, { text: 'b' }], config: '# mine' },
      { 'skills/own/SKILL.md': skillFile('own', 'Of the home') },
    );
    const threadId = await start();
    await core.turn(threadId, 'go');
    const file = path.join(world.home, 'skills/own/SKILL.md');
    assert.deepEqual(await core.request('skills/config/write', { path: file, enabled: false }), {
      effectiveEnabled: false,
    });
    await core.waitFor('skills/changed');
    assert.deepEqual(await named(), [['own user false']]);
    const config = () => readFileSync(path.join(world.home, 'config.toml'), 'utf8');
    assert.match(config(), /# mine/);
    assert.match(config(), /enabled = false/);
    await core.turn(threadId, 'again');
    assert.match(
      sent(1).at(-2) ?? '',
      /^The skills are now these, and no others:\n<skills>\nThere are none any more\./,
    );
    assert.deepEqual(await core.request('skills/config/write', { name: 'own', enabled: true }), {
      effectiveEnabled: true,
    });
    assert.deepEqual(await named(), [['own user true']]);
    assert.deepEqual(await core.request('skills/config/write', { path: file, enabled: true }), {
      effectiveEnabled: true,
    });
    const both = await core.refusal('skills/config/write', { path: file, name: 'own', enabled: true });
    assert.deepEqual(both, { code: -32602, message: 'skills/config/write takes either a path or a name of a skill.' });
  });

  it('may lie in more folders, and a change of any is told once somebody asked', async () => {
    await begin();
    const extra = path.join(world.root, 'extra');
    assert.deepEqual(await named(), [[]]);
    assert.deepEqual(await core.request('skills/extraRoots/set', { extraRoots: [extra] }), {});
    await core.waitFor('skills/changed');
    for (const folder of [extra, path.join(world.home, 'skills'), world.at('.agents/skills')]) {
      core.mark();
      mkdirSync(path.join(folder, 'new'), { recursive: true });
      writeFileSync(path.join(folder, 'new/SKILL.md'), skillFile(path.basename(path.dirname(folder)), 'New'));
      await core.waitFor('skills/changed');
    }
    assert.equal((await named())[0]?.length, 3);
    core.mark();
    rmSync(path.join(extra, 'new/SKILL.md'));
    await core.waitFor('skills/changed');
    assert.equal((await named())[0]?.length, 2);
    const wrong = await core.refusal('skills/extraRoots/set', { extraRoots: ['skills'] });
    assert.equal(wrong.message, 'extraRoots takes absolute paths, and "skills" is none.');
  });
});
