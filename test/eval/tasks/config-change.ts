import { SHORT, type Task } from '../task.ts';

const BEFORE = `// Settings of the service. Comments are kept on purpose: see the wiki.
{
  "base": {
    "port": 8080, // behind the proxy
    "log": "info"
  },
  /* Only on a developer's machine. */
  "development": {
    "port": 8080,
    "log": "info", // "debug" is too much
    "features": ["search"]
  },
  "production": {
    "port": 8080,
    "log": "info",
    "features": ["search"]
  }
}
`;
const [HEAD = '', DEV = ''] = BEFORE.split(/(?="development")/);
const AFTER = `${HEAD}${DEV.replace('8080', '3000').replace('["search"]', '["search", "preview"]')}`;

export const configChange: Task = {
  name: 'config-change',
  measures: 'changes two values in one of three alike sections and keeps comments and layout',
  prompt:
    'In service.jsonc, for development only: set the port to 3000 and add the feature "preview" after "search". Keep the comments and the layout.',
  files: { 'service.jsonc': BEFORE },
  limits: SHORT,
  mayChange: [/^service\.jsonc$/],
  check: async (work) => work.hasText('service.jsonc', AFTER),
  proof: {
    solution: { write: { 'service.jsonc': AFTER } },
    misses: {
      'the first port': { write: { 'service.jsonc': BEFORE.replace('8080', '3000') } },
      'comments lost': { write: { 'service.jsonc': AFTER.replace(/ ?\/\/.*|\/\*.*\*\//g, '') } },
    },
  },
};
