import { type Files, SHORT, type Task } from '../task.ts';

const SLUG = `import { LIMIT } from './settings.mjs';

export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, LIMIT);
`;
const FILES: Files = {
  'src/slug.mjs': SLUG,
  'src/settings.mjs': 'export const LIMIT = 12;\n',
  'src/page.mjs': "import { slug } from './slug.mjs';\n\nexport const url = (title) => '/p/' + slug(title);\n",
  'src/admin/menu.mjs': "import { slug } from '../slug.mjs';\n\nexport const menu = (names) => names.map(slug);\n",
  'src/lazy.mjs': "export const later = async (text) => (await import('./slug.mjs')).slug(text);\n",
};
const moved = (file: string, to: string) => (FILES[file] ?? '').replace(/\.\.?\/slug\.mjs/, to);
const SOLUTION = {
  'src/slug.mjs': null,
  'src/text/slug.mjs': SLUG.replace('./settings', '../settings'),
  'src/page.mjs': moved('src/page.mjs', './text/slug.mjs'),
  'src/admin/menu.mjs': moved('src/admin/menu.mjs', '../text/slug.mjs'),
  'src/lazy.mjs': moved('src/lazy.mjs', './text/slug.mjs'),
};
const SCRIPT = `const { url } = await import('./src/page.mjs');
const { menu } = await import('./src/admin/menu.mjs');
const { later } = await import('./src/lazy.mjs');
const { slug } = await import('./src/text/slug.mjs');
report([url('A Tea!'), menu(['X Y']), await later('Long long long title'), slug('A')]);`;

export const moveModule: Task = {
  name: 'move-module',
  measures: 'moves a file and mends every import, from it and to it',
  prompt: 'Move src/slug.mjs to src/text/slug.mjs and update whatever refers to it. Leave nothing at the old place.',
  files: FILES,
  limits: SHORT,
  mayChange: [/^src\/(slug|text\/slug|page|lazy|admin\/menu)\.mjs$/],
  async check(work) {
    const left = work.text('src/slug.mjs') === null ? [] : ['src/slug.mjs is still there'];
    return [...left, ...(await work.probe('the modules', SCRIPT, ['/p/a-tea-', ['x-y'], 'long-long-lo', 'a']))];
  },
  proof: {
    solution: { write: SOLUTION },
    misses: {
      'the lazy import forgotten': { write: { ...SOLUTION, 'src/lazy.mjs': FILES['src/lazy.mjs'] ?? '' } },
      'its own import forgotten': { write: { ...SOLUTION, 'src/text/slug.mjs': SLUG } },
      'left at the old place too': { write: { ...SOLUTION, 'src/slug.mjs': "export * from './text/slug.mjs';\n" } },
    },
  },
};
