import assert from 'node:assert/strict';
import { createPromptSource, type PromptOptions } from '../../../agent-core/context/prompt-source.ts';
import type { HistoryItem, ModelInfo } from '../../../agent-core/models/model-client.ts';
import type { Skill } from '../../../agent-core/skills/skill.ts';
import { toolSpecs } from '../../../agent-core/tools/index.ts';
import { settingsWith } from '../loop/fake-ports.ts';

const info = { provider: 'openai', model: 'gpt-4.1', supportsTools: true, supportsFreeformTools: false } as ModelInfo;
const textOf = (item: HistoryItem | undefined) =>
  item?.type === 'message' ? item.content.map((part) => (part.type === 'text' ? part.text : '')).join('') : '';
const roles = (items: HistoryItem[]) => items.map((item) => (item.type === 'message' ? item.role : item.type));

function sourceOf(files: Record<string, string>, projectDocMaxBytes?: number, more: Partial<PromptOptions> = {}) {
  return createPromptSource({
    home: '/home/.gantry',
    config: () => ({ projectDocMaxBytes, useProject: true }),
    readText: async (path) => files[path] ?? null,
    surroundings: () => ({
      platform: 'linux',
      release: '6.1',
      shell: '/bin/bash',
      now: new Date('2026-03-01T12:00:00Z'),
      timeZone: 'UTC',
    }),
    ...more,
  });
}

const skill = (name: string): Skill => ({
  name,
  description: `What ${name} does`,
  shortDescription: null,
  path: `/skills/${name}/SKILL.md`,
  scope: 'user',
  enabled: true,
  implicit: true,
  interface: null,
  dependencies: null,
});

const git = { '/work/.git/HEAD': 'ref: refs/heads/topic/x\n' };

describe('the prompt', () => {
  it('holds no instructions that lead to secrets, but for those of the home', async () => {
    const files = { '/home/.gantry/AGENTS.md': 'from home', '/work/project/AGENTS.md': 'KEY' };
    const isSecret = (path: string) => path.endsWith('AGENTS.md');
    const readText = async (path: string) => files[path as keyof typeof files] ?? null;
    const items = await createPromptSource({ home: '/home/.gantry', readText, isSecret }).initial(settingsWith(), info);
    assert.match(textOf(items[2]), /from home/);
    assert.doesNotMatch(textOf(items[2]), /KEY/);
  });

  it('comes in its order: base, developer, project and environment', async () => {
    const files = {
      ...git,
      '/home/.gantry/AGENTS.md': 'from home',
      '/work/AGENTS.md': 'not this',
      '/work/AGENTS.override.md': 'from the root',
      '/work/project/AGENTS.md': 'from the folder',
      '/AGENTS.md': 'above the repository',
    };
    const items = await sourceOf(files).initial(settingsWith({ developerInstructions: 'Client says.' }), info);
    assert.deepEqual(roles(items), ['developer', 'developer', 'user']);
    assert.match(
      textOf(items[1]),
      /^Client says\.\n\n<permissions>\nSandbox: commands can read files and write only below \/work\/project/,
    );
    assert.equal(
      textOf(items[2]),
      [
        '# AGENTS.md instructions for /work/project',
        'from home',
        'from the root',
        'from the folder',
        '<environment_context>\ncwd: /work/project\nos: linux 6.1\nshell: /bin/bash\ndate: 2026-03-01, Sunday (UTC)\ngit branch: topic/x\n</environment_context>',
      ].join('\n\n'),
    );
  });

  for (const model of ['gpt-5.5', 'claude-sonnet-4-5', 'gemini-3-pro']) {
    it(`stays small: with all tools of ${model} at most 8 KB`, async () => {
      const items = await sourceOf(git).initial(settingsWith({ editApproval: 'askFirst' }), { ...info, model });
      const bytes = Buffer.byteLength(JSON.stringify({ items, tools: toolSpecs({ ...info, model }) }));
      assert.ok(bytes <= 8 * 1024, `${bytes} bytes`);
    });
  }

  it('tells each family of its own tools, and another family once the thread goes over to it', async () => {
    const claude = { ...info, provider: 'anthropic', model: 'claude-sonnet-4-5' };
    const history = await sourceOf({}).initial(settingsWith(), info);
    assert.match(textOf(history[0]), /exec_command[\s\S]*apply_patch/);
    const source = sourceOf({});
    assert.deepEqual(await source.changes(settingsWith(), settingsWith(), history, info), []);
    const changed = await source.changes(settingsWith(), settingsWith(), history, claude);
    const [text] = changed.map(textOf);
    assert.equal(changed.length, 1);
    assert.match(text ?? '', /^You have other tools now[\s\S]*# Tools\n- bash [\s\S]*str_replace_based_edit_tool/);
    assert.doesNotMatch(text ?? '', /apply_patch|# Work/);
    assert.deepEqual(await source.changes(settingsWith(), settingsWith(), [...history, ...changed], claude), []);
    const back = await source.changes(settingsWith(), settingsWith(), [...history, ...changed], info);
    assert.match(textOf(back[0]), /apply_patch/);
  });

  it('cuts AGENTS.md at the limit and says so', async () => {
    const items = await sourceOf(
      { '/home/.gantry/AGENTS.md': 'ü'.repeat(20), '/work/project/AGENTS.md': 'rest' },
      11,
    ).initial(settingsWith(), info);
    assert.match(
      textOf(items[0 + 2]),
      /üüüüü\n\(\/home\/\.gantry\/AGENTS\.md is cut here: the instructions exceed 11 bytes\)/,
    );
    assert.match(textOf(items[2]), /\(\/work\/project\/AGENTS\.md is left out: the instructions exceed 11 bytes\)/);
  });

  it('asks for no more of a file than it may tell, and one byte', async () => {
    const asked: string[] = [];
    const readText = async (path: string, maxBytes: number) => {
      asked.push(`${path} ${maxBytes}`);
      return path.endsWith('/AGENTS.md') ? 'x'.repeat(maxBytes) : null;
    };
    const config = () => ({ projectDocMaxBytes: 11, fallbackNames: [], useProject: true });
    const source = createPromptSource({ home: '/home/.gantry', config, readText });
    const items = await source.initial(settingsWith(), info);
    assert.match(textOf(items[2]), /\n\nx{11}\n\(\/home\/\.gantry\/AGENTS\.md is cut here/);
    assert.deepEqual(
      asked.filter((line) => line.includes('AGENTS.md')),
      ['/home/.gantry/AGENTS.md 12', '/work/project/AGENTS.md 12'],
    );
  });

  it('appends what changed, and nothing when nothing did', async () => {
    const files: Record<string, string> = { ...git };
    const source = sourceOf(files);
    const before = settingsWith();
    const history = await source.initial(before, info);
    assert.deepEqual(await source.changes(before, settingsWith(), history, info), []);
    const next = settingsWith({ approvalPolicy: 'never', developerInstructions: 'New.' });
    files['/work/AGENTS.md'] = 'be kind';
    const items = await source.changes(before, next, history, info);
    history.push(...items);
    assert.deepEqual(roles(items), ['developer', 'user']);
    assert.match(textOf(items[0]), /^New\.\n\nFrom now on:\n<permissions>[\s\S]*Approvals: never/);
    assert.equal(textOf(items[1]), '# AGENTS.md instructions for /work/project\n\nbe kind');
    delete files['/work/AGENTS.md'];
    files['/work/.git/HEAD'] = 'ref: refs/heads/main\n';
    assert.match(textOf((await source.changes(next, next, history, info))[0]), /no longer hold[\s\S]*git branch: main/);
  });

  it('takes CLAUDE.md where a folder has no AGENTS.md, other names by config, and no name that leads elsewhere', async () => {
    const files = {
      ...git,
      '/work/CLAUDE.md': 'for claude',
      '/work/project/TEAM.md': 'for the team',
      '/TEAM.md': 'up',
    };
    const usual = textOf((await sourceOf(files).initial(settingsWith(), info))[2]);
    assert.match(usual, /^# AGENTS\.md instructions for \/work\/project\n\nfor claude\n\n<environment/);
    const config = () => ({ fallbackNames: ['../../TEAM.md', 'TEAM.md'], useProject: true });
    const named = textOf((await sourceOf(files, undefined, { config }).initial(settingsWith(), info))[2]);
    assert.match(named, /^# AGENTS\.md instructions for \/work\/project\n\nfor the team\n\n<environment/);
  });

  it('reads nothing of a project that is not trusted', async () => {
    const files = { ...git, '/work/AGENTS.md': 'of the project', '/home/.gantry/AGENTS.md': 'from home' };
    const items = await sourceOf(files, undefined, {
      config: () => ({ useProject: false }),
      lookAround: async () => '<workspace>\nfiles\n</workspace>',
    }).initial(settingsWith(), info);
    assert.match(
      textOf(items[2]),
      /^# AGENTS\.md instructions for \/work\/project\n\nfrom home\n\n<environment_context>/,
    );
    assert.doesNotMatch(textOf(items[2]), /of the project|<workspace>/);
  });

  it('begins with the instructions of the client where it has its own, and says when they change', async () => {
    const own = settingsWith({ baseInstructions: 'Be a poet.' });
    const items = await sourceOf({}).initial(own, info);
    assert.equal(textOf(items[0]), 'Be a poet.');
    const changed = await sourceOf({}).changes(own, settingsWith({ baseInstructions: 'Be a cook.' }), items, info);
    assert.deepEqual(changed.map(textOf), [
      'These instructions take the place of those at the very beginning:\nBe a cook.',
    ]);
  });

  it('knows after a resume what was told, and tells what changed while nobody ran', async () => {
    const files: Record<string, string> = { ...git, '/work/AGENTS.md': 'be kind' };
    const skills = [skill('one')];
    const more = {
      skills: { list: async () => skills, body: async () => 'Do it.' },
      lookAround: async () => '<workspace>\nfiles:\na.ts\n</workspace>',
    };
    const settings = settingsWith();
    const history = await sourceOf(files, undefined, more).initial(settings, info);
    const changes = () => sourceOf(files, undefined, more).changes(settings, settings, history, info);
    assert.deepEqual(await changes(), []);
    files['/work/AGENTS.md'] = 'be quick';
    skills.push(skill('two'));
    const changed = await changes();
    assert.deepEqual(roles(changed), ['developer', 'user']);
    assert.match(textOf(changed[0]), /^The skills are now these, and no others:\n<skills>[\s\S]*- one: [\s\S]*- two: /);
    assert.equal(textOf(changed[1]), '# AGENTS.md instructions for /work/project\n\nbe quick');
    history.push(...changed);
    assert.deepEqual(await changes(), []);
    skills.length = 0;
    delete files['/work/AGENTS.md'];
    const gone = await changes();
    assert.match(textOf(gone[0]), /There are none any more/);
    assert.match(textOf(gone[1]), /no longer hold\)$/);
    history.push(...gone);
    assert.deepEqual(await changes(), []);
    files['/work/.git/HEAD'] = 'ref: refs/heads/other\n';
    assert.match(textOf((await changes())[0]), /git branch: other\n[\s\S]*<workspace>/);
  });

  it('puts the skills that the user names behind the message, and says which are not there', async () => {
    const skills = [skill('one'), { ...skill('off'), enabled: false }];
    const source = sourceOf({}, undefined, { skills: { list: async () => skills, body: async () => 'Do it.\n' } });
    const named = await source.named(
      [
        { type: 'text', text: 'Use $one, not $HOME.', text_elements: [] },
        { type: 'skill', name: 'off', path: '/skills/off/SKILL.md' },
      ],
      settingsWith(),
    );
    const text = '<skill>\n<name>one</name>\n<path>/skills/one/SKILL.md</path>\nDo it.\n</skill>';
    assert.deepEqual(named, {
      items: [{ type: 'message', role: 'user', content: [{ type: 'text', text }] }],
      problems: ['The skill off (/skills/off/SKILL.md) is switched off.'],
    });
  });

  it('reads the branch of a linked work tree', async () => {
    const files = {
      '/work/project/.git': 'gitdir: ../main/.git/worktrees/p\n',
      '/work/main/.git/worktrees/p/HEAD': 'ref: refs/heads/w\n',
    };
    assert.match(textOf((await sourceOf(files).initial(settingsWith(), info))[2]), /git branch: w/);
  });
});
