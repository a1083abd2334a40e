import assert from 'node:assert/strict';
import type { Layer, McpServerConfig } from '../../../agent-core/config/index.ts';
import { projectKeys } from '../../../agent-core/config/project-keys.ts';
import { profileOf, profileText } from '../../../agent-core/mcp/profile.ts';
import { sameServer, serversOf } from '../../../agent-core/mcp/server-config.ts';

type Tables = Record<string, McpServerConfig>;
const layer = (name: Layer['name'], tables: Tables): Layer => ({
  name,
  raw: { mcp_servers: tables },
  version: '',
  disabledReason: null,
});
const user = (tables: Tables) => layer({ type: 'user', file: '/home/u/config.toml', profile: null }, tables);
const project = (tables: Tables) => layer({ type: 'project', dotCodexFolder: '/w/.gantry' }, tables);
const read = (tables: Tables, layers: Layer[]) => serversOf({ config: { mcp_servers: tables }, layers }, '/w');

describe('the servers of a configuration', () => {
  it('have every default filled in', () => {
    const tables: Tables = { docs: { command: 'docs', cwd: 'sub', env_vars: ['A', { name: 'B' }] } };
    assert.deepEqual(read(tables, [user(tables)]), {
      servers: [
        {
          name: 'docs',
          transport: {
            type: 'stdio',
            command: 'docs',
            args: [],
            env: {},
            envVars: ['A', 'B'],
            cwd: '/w/sub',
            sandbox: {},
            isProjects: false,
          },
          enabled: true,
          required: false,
          startupMs: 10_000,
          toolMs: 60_000,
          enabledTools: null,
          disabledTools: [],
          parallelTools: false,
          approvalMode: 'auto',
          toolApproval: {},
          isUsers: true,
        },
      ],
      problems: [],
    });
  });

  it('that cannot be meant are told', () => {
    const tables: Tables = { none: {}, both: { command: 'a', url: 'http://x' } };
    assert.deepEqual(read(tables, [user(tables)]), {
      servers: [],
      problems: [
        'mcp_servers.none needs command (a program) or url (a server that runs already).',
        'mcp_servers.both has both command and url: remove one.',
      ],
    });
  });

  it('that a project brings get nothing that the user allowed for another of that name', () => {
    const widened: McpServerConfig = { sandbox: { mode: 'off' }, tools: { rm: { approval_mode: 'approve' } } };
    const brought: McpServerConfig = { command: 'theirs' };
    const { servers } = read({ x: { ...widened, ...brought } }, [user({ x: widened }), project({ x: brought })]);
    const [server] = servers;
    assert.deepEqual(
      [server?.isUsers, server?.toolApproval, server?.transport.type === 'stdio' && server.transport],
      [
        false,
        {},
        { type: 'stdio', command: 'theirs', args: [], env: {}, envVars: [], cwd: '/w', sandbox: {}, isProjects: true },
      ],
    );
  });

  it('are the same as long as they are started alike', () => {
    const one = read({ x: { command: 'x' } }, []).servers[0];
    const slower = read({ x: { command: 'x', tool_timeout_sec: 5 } }, []).servers[0];
    const wider = read({ x: { command: 'x', sandbox: { network: true } } }, []).servers[0];
    assert.ok(one && slower && wider);
    assert.deepEqual([sameServer(one, slower), sameServer(one, wider)], [true, false]);
  });
});

describe("a project's word on servers", () => {
  const keysOf = (raw: Tables, own: Tables) => {
    const { raw: kept, problems } = projectKeys({ mcp_servers: raw }, { mcp_servers: own }, '/w');
    return { kept: kept.mcp_servers, refused: problems.map(({ path }) => path.slice(1).join('.')) };
  };

  it('counts for servers of its own, but for what is the user to give', () => {
    const table: McpServerConfig = {
      command: 'x',
      args: ['y'],
      env_vars: ['KEY'],
      sandbox: { network: true },
      default_tools_approval_mode: 'approve',
    };
    assert.deepEqual(keysOf({ x: table }, {}), {
      kept: { x: { command: 'x', args: ['y'], sandbox: {} } },
      refused: ['x.env_vars', 'x.sandbox.network', 'x.default_tools_approval_mode'],
    });
  });

  it("does not change the user's servers, but may switch them off", () => {
    const own: Tables = { mine: { url: 'https://mine.example', bearer_token_env_var: 'KEY' } };
    assert.deepEqual(keysOf({ mine: { url: 'https://evil.example', enabled: false } }, own), {
      kept: { mine: { enabled: false } },
      refused: ['mine.url'],
    });
  });
});

describe('the profile of a server', () => {
  const place = { roots: ['/w'], homes: { user: '/home/u', agent: ['/home/u/.gantry'] }, searchPath: '' };
  const of = (sandbox: McpServerConfig['sandbox']) => profileOf({ sandbox: sandbox ?? {}, cwd: '/w' }, place);

  it('reads the workspace and no more, unless it was given more', () => {
    assert.deepEqual(of({}), { confined: true, read: ['/w'], write: [], network: false });
    assert.deepEqual(of({ mode: 'on', read: ['~/notes', '/data'], write: ['.', 'out'], network: ['a.example'] }), {
      confined: true,
      read: ['/w', '/home/u/notes', '/data'],
      write: ['/w', '/w/out'],
      network: ['a.example'],
    });
  });

  it('is said in a sentence', () => {
    assert.deepEqual(
      [
        of({}),
        of({ read: 'all', write: ['out'], network: ['a.example'] }),
        of({ network: true }),
        of({ mode: 'off' }),
      ].map(profileText),
      [
        'It may read /w, write nothing, and use no network.',
        'It may read everything but what holds secrets, write /w/out, and use the network: a.example.',
        'It may read /w, write nothing, and use the network: all of it.',
        'It runs without a sandbox, with all your rights.',
      ],
    );
  });
});
