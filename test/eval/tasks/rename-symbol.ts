import { type Files, LONG, type Task } from '../task.ts';

const FILES: Files = {
  'src/users.mjs': `/** getUsr finds a user by id. */
export function getUsr(id) {
  return { id, name: \`user \${id}\` };
}

export function getUsrCount() {
  return 3;
}
`,
  'src/routes.mjs': `import { getUsr, getUsrCount } from './users.mjs';

// The paths are what clients call; they stay.
export const routes = {
  '/api/getUsr': (id) => getUsr(id).name,
  '/api/count': () => getUsrCount(),
};
`,
  'src/report.mjs': `import * as users from './users.mjs';
import { getUsr as load } from './users.mjs';

export const report = (ids) => ids.map((id) => users.getUsr(id).name + load(id).id).join();
`,
  'docs/api.md': 'GET `/api/getUsr` returns a name. In code: `getUsr(id)`.\n',
};
const RENAMED: Record<string, string> = {
  'src/users.mjs': (FILES['src/users.mjs'] ?? '').replace(/getUsr\b/g, 'findUser'),
  'src/routes.mjs': (FILES['src/routes.mjs'] ?? '').replace(/(?<!\/)getUsr\b/g, 'findUser'),
  'src/report.mjs': (FILES['src/report.mjs'] ?? '').replace(/getUsr\b/g, 'findUser'),
  'docs/api.md': 'GET `/api/getUsr` returns a name. In code: `findUser(id)`.\n',
};

export const renameSymbol: Task = {
  name: 'rename-symbol',
  measures: 'renames a function everywhere, and nothing that only looks like it',
  prompt:
    'Rename the function getUsr to findUser everywhere, also in comments and docs. The HTTP path /api/getUsr is public and stays, and so does getUsrCount.',
  files: FILES,
  limits: LONG,
  mayChange: [/^src\//, /^docs\//],
  async check(work) {
    const script = `const users = await import('./src/users.mjs');
      const { routes } = await import('./src/routes.mjs');
      const { report: text } = await import('./src/report.mjs');
      report([Object.keys(users).sort(), Object.keys(routes), routes['/api/getUsr'](2), routes['/api/count'](), text([1, 2])]);`;
    const expected = [['findUser', 'getUsrCount'], ['/api/getUsr', '/api/count'], 'user 2', 3, 'user 11,user 22'];
    const texts = Object.keys(RENAMED).flatMap((file) => work.hasText(file, RENAMED[file] ?? ''));
    return [...texts, ...(await work.probe('the modules', script, expected))];
  },
  proof: {
    solution: { write: RENAMED },
    misses: {
      'all that looks like it': {
        write: Object.fromEntries(
          Object.entries(FILES).map(([file, text]) => [file, text.replaceAll('getUsr', 'findUser')]),
        ),
      },
      'the access through the namespace forgotten': {
        write: { ...RENAMED, 'src/report.mjs': (RENAMED['src/report.mjs'] ?? '').replace('users.find', 'users.get') },
      },
      'the docs forgotten': { write: { ...RENAMED, 'docs/api.md': FILES['docs/api.md'] ?? '' } },
    },
  },
};
