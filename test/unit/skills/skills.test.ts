import assert from 'node:assert/strict';
import type { UserInput } from '../../../agent-core/protocol/index.ts';
import { namedSkills } from '../../../agent-core/skills/named-skills.ts';
import { parseExtras, parseSkill } from '../../../agent-core/skills/parse-skill.ts';
import type { Skill } from '../../../agent-core/skills/skill.ts';
import { projectRoots, userRoots } from '../../../agent-core/skills/skill-roots.ts';
import { applyRules } from '../../../agent-core/skills/skill-rules.ts';
import { skillListText } from '../../../agent-core/skills/skill-text.ts';

const skillOf = (name: string, more: Partial<Skill> = {}): Skill => ({
  name,
  description: `What ${name} does`,
  shortDescription: null,
  path: `/skills/${name}/SKILL.md`,
  scope: 'user',
  enabled: true,
  implicit: true,
  interface: null,
  dependencies: null,
  ...more,
});
const text = (words: string): UserInput => ({ type: 'text', text: words, text_elements: [] });

describe('SKILL.md', () => {
  const parse = (content: string) => parseSkill(content, '/skills/folder/SKILL.md');

  it('gives its name and description in one line each', async () => {
    const content =
      '\uFEFF---\r\nname: deploy\r\ndescription: >\r\n  Ships it\r\n  safely.\r\nmetadata:\r\n  short-description: Ships\r\nlicense: MIT\r\n---\r\n# Body';
    assert.deepEqual(await parse(content), {
      ok: true,
      value: { name: 'deploy', description: 'Ships it safely.', shortDescription: 'Ships', implicit: true },
    });
  });

  it('is called like its folder without a name, and is used only when named if it says so', async () => {
    assert.deepEqual(await parse('---\ndescription: x\ndisable-model-invocation: true\n---\n'), {
      ok: true,
      value: { name: 'folder', description: 'x', shortDescription: null, implicit: false },
    });
  });

  it('says with its line what is wrong', async () => {
    const cases: [string, RegExp][] = [
      ['# No front matter', /^line 1: the front matter is missing/],
      ['---\nname: a\n', /^line 1: the front matter is missing/],
      ['---\nname: a\ndescription: "open\n---\n', /^line [34]: /],
      ['---\nname: a\n---\n', /^line 1: description must be a text that says when the skill is useful$/],
      ['---\nname: a\ndescription: [1]\n---\n', /^line 3: description must be a text/],
      [`---\ndescription: x\nname: ${'n'.repeat(65)}\n---\n`, /^line 3: name has more than 64 characters$/],
      [`---\ndescription: ${'n'.repeat(1025)}\n---\n`, /^line 2: description has more than 1024 characters$/],
      ['---\ndescription: ""\n---\n', /^line 2: description is empty$/],
      ['---\n- a\n---\n', /^line 1: the front matter must be a table$/],
    ];
    for (const [content, expected] of cases) {
      const parsed = await parse(content);
      assert.match(parsed.ok ? 'read' : parsed.message, expected, content);
    }
  });

  it('takes what is shown from agents/openai.yaml, with icons of its own folder only', async () => {
    const content = [
      'interface:',
      '  display_name: Deploy',
      '  icon_small: assets/a.png',
      '  icon_large: ../../b.png',
      'policy:',
      '  allow_implicit_invocation: false',
    ].join('\n');
    assert.deepEqual(await parseExtras(content, '/skills/deploy'), {
      ok: true,
      value: {
        interface: {
          displayName: 'Deploy',
          shortDescription: null,
          iconSmall: '/skills/deploy/assets/a.png',
          iconLarge: null,
          brandColor: null,
          defaultPrompt: null,
        },
        dependencies: null,
        implicit: false,
      },
    });
  });
});

describe('skills', () => {
  it('are looked for at home, in other agents’ homes, and from the working folder up to the git root', () => {
    const places = { user: '/u', home: '/c/gantry', readHome: '/c', extra: ['/x'] };
    assert.deepEqual(
      userRoots(places, true).map(({ path, isForeign }) => `${path}${isForeign ? ' foreign' : ''}`),
      [
        '/x',
        '/c/gantry/skills',
        '/c/skills',
        '/u/.agents/skills',
        '/u/.codex/skills foreign',
        '/u/.claude/skills foreign',
      ],
    );
    assert.equal(
      userRoots(places, false).some(({ isForeign }) => isForeign),
      false,
    );
    assert.deepEqual(
      projectRoots('/w/a', '/w').map(({ path }) => path),
      ['/w/a', '/w'].flatMap((at) => ['.gantry', '.agents', '.codex', '.claude'].map((name) => `${at}/${name}/skills`)),
    );
    assert.equal(projectRoots('/w/a', null).length, 4);
  });

  it('are on unless a later rule, by path or name, says otherwise', () => {
    const skills = [skillOf('a'), skillOf('b'), skillOf('b', { path: '/other/b/SKILL.md' })];
    const rules = [
      { name: 'b', enabled: false },
      { path: '/other/b', enabled: true },
      { path: '~/a/SKILL.md', enabled: false },
    ];
    assert.deepEqual(
      applyRules(skills, rules, '/skills', (file) => file).map(({ path, enabled }) => `${path} ${enabled}`),
      ['/skills/a/SKILL.md false', '/skills/b/SKILL.md false', '/other/b/SKILL.md true'],
    );
  });

  it('are listed for the model within a budget, and what is left out is counted', () => {
    assert.equal(skillListText([]), null);
    assert.equal(skillListText([skillOf('a', { enabled: false }), skillOf('b', { implicit: false })]), null);
    assert.match(skillListText([skillOf('a')]) ?? '', /\n- a: What a does \(\/skills\/a\/SKILL\.md\)\n<\/skills>$/);
    const many = Array.from({ length: 300 }, (_, i) => skillOf(`s${i}`, { description: 'ü'.repeat(500) }));
    for (const count of [5, 30, 300]) {
      const told = skillListText(many.slice(0, count)) ?? '';
      assert.ok(Buffer.byteLength(told) <= 6 * 1024, `${count}: ${Buffer.byteLength(told)}`);
      const lines = told.split('\n').filter((line) => line.startsWith('- ')).length;
      const left = Number(/\((\d+) more are left out/.exec(told)?.[1] ?? 0);
      assert.equal(lines + left, count);
    }
  });

  it('are named by choice, by link, or by a name that is theirs alone', () => {
    const skills = [
      skillOf('a'),
      skillOf('b'),
      skillOf('c'),
      skillOf('twin'),
      skillOf('twin', { path: '/t/SKILL.md' }),
    ];
    const off = skillOf('off', { enabled: false });
    const found = namedSkills(
      [
        text('$c and [$b](skill:///skills/b/SKILL.md), $twin, $HOME, $nothing, cost $5'),
        { type: 'skill', name: 'a', path: '/skills/a/SKILL.md' },
        { type: 'skill', name: 'off', path: off.path },
        { type: 'mention', name: 'gone', path: '/gone/SKILL.md' },
        { type: 'mention', name: 'file', path: '/work/a.ts' },
      ],
      [...skills, off],
    );
    assert.deepEqual(found, {
      skills: [skills[0], skills[2], skills[1]],
      missing: [
        'The skill off (/skills/off/SKILL.md) is switched off.',
        'The skill gone (/gone/SKILL.md) was not found.',
      ],
    });
  });
});
