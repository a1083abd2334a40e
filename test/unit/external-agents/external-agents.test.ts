import assert from 'node:assert/strict';
import { ruleText } from '../../../agent-core/external-agents/cursor.ts';
import { agentOf, type Place } from '../../../agent-core/external-agents/finding.ts';
import { mcpServer } from '../../../agent-core/external-agents/mcp-servers.ts';
import { hookParts, serverParts } from '../../../agent-core/external-agents/parts.ts';

const SECRET = 'sk-proj-0123456789abcdefghijABCDEFGHIJ0123456789';
const place: Place = { cwd: null, user: '/u', instructions: '/u/.gantry/AGENTS.md', skills: '/s', config: '/c.toml' };

describe('MCP servers of other agents', () => {
  it('keep what is no secret, and name a variable for what is', () => {
    assert.deepEqual(
      mcpServer('my server', {
        url: 'https://x.test/mcp?team=a',
        headers: {
          Authorization: `Bearer \${TOKEN:-none}`,
          'X-Api-Key': SECRET,
          'X-Plain': 'plain',
          'X-Var': '{env:VAR}',
        },
      }),
      {
        ok: true,
        table: {
          url: 'https://x.test/mcp?team=a',
          bearer_token_env_var: 'TOKEN',
          http_headers: { 'X-Plain': 'plain' },
          env_http_headers: { 'X-Api-Key': 'MY_SERVER_X_API_KEY', 'X-Var': 'VAR' },
        },
        notes: ['the value of X-Api-Key was not copied: set MY_SERVER_X_API_KEY in the environment'],
      },
    );
  });

  it('are refused with the reason where config.toml cannot say what they say', () => {
    const cases: [unknown, RegExp][] = [
      ['x', /no table/],
      [{}, /neither a command nor an address/],
      [{ type: 'sse', url: 'https://x.test' }, /old SSE transport/],
      [{ command: `\${HOME}/x` }, /variables in its command line/],
      [{ command: 'x', args: ['--token', 'abc'] }, /key on its command line/],
      [{ command: 'x', args: ['--token=abc'] }, /key on its command line/],
      [{ command: 'x', args: [SECRET] }, /key on its command line/],
      [{ command: 'x', env: { A: `\${B}` } }, /takes A from another variable/],
      [{ url: 'https://me:pw@x.test' }, /key in its address/],
      [{ url: 'https://x.test?api_key=1' }, /key in its address/],
      [{ url: 'https://x.test', headers: { A: `a\${B}` } }, /variables inside of A/],
    ];
    for (const [given, reason] of cases) {
      const read = mcpServer('x', given);
      assert.match(read.ok ? 'taken' : read.reason, reason);
      assert.doesNotMatch(JSON.stringify(read), new RegExp(SECRET));
    }
  });

  it('come from the first source that has the name', () => {
    const sources = [
      { source: '/a', servers: JSON.parse('{"x":{"command":"one"},"__proto__":{"command":"evil"}}') },
      { source: '/b', servers: { x: { command: 'two' } } },
    ];
    assert.deepEqual(serverParts(sources, place), [
      {
        type: 'config',
        name: 'x',
        source: '/a',
        notes: [],
        target: '/c.toml',
        keys: [{ path: ['mcp_servers', 'x'], value: { command: 'one' } }],
      },
    ]);
  });
});

describe('hooks of other agents', () => {
  it('keep their events, matchers and plain commands', () => {
    const group = (hook: object, more: object = {}) => ({ matcher: 'Bash', hooks: [hook], ...more });
    const hooks = {
      Stop: [group({ command: ' done.sh ', timeoutSec: 3, statusMessage: 'Busy' })],
      PostToolUse: [group({ command: 'a', async: true }), group({ command: 'b' }, { if: 'x' })],
      Odd: [group({ command: 'x' })],
      PreCompact: 'nothing',
    };
    const shared = { source: '/s.json', notes: [] };
    assert.deepEqual(hookParts([{ source: '/s.json', hooks }], place), [
      {
        ...shared,
        type: 'config',
        name: 'Stop',
        target: '/c.toml',
        keys: [
          {
            path: ['hooks', 'Stop'],
            value: [{ hooks: [{ type: 'command', command: 'done.sh', timeout: 3, statusMessage: 'Busy' }] }],
          },
        ],
      },
      { ...shared, type: 'refused', name: 'PostToolUse', reason: 'has no hook that is a plain command' },
      { ...shared, type: 'refused', name: 'Odd', reason: 'is an event that hooks here do not have' },
    ]);
  });
});

describe('rules of Cursor', () => {
  it('say what they are for', () => {
    assert.equal(
      ruleText('a/b.mdc', '---\ndescription: B\nglobs: *.ts,*.tsx\n---\nText\n'),
      '## a/b: B\n(for files *.ts,*.tsx)\n\nText',
    );
    assert.equal(
      ruleText('b.mdc', '---\nglobs: ["a/*", "b"]\nalwaysApply: true\n---\nText'),
      '## b\n(for files a/*, b)\n\nText',
    );
    assert.equal(ruleText('c.md', 'Text'), '## c\n\nText');
    assert.equal(ruleText('d.mdc', '---\ndescription: [\n---\nText'), '## d\n\nText');
  });
});

describe('an agent', () => {
  it('is known by the names that clients use', () => {
    assert.deepEqual(
      ['claude', 'Claude Code', 'claude-code', 'CODEX', 'Cursor', 'opencode', 'constructor'].map(agentOf),
      ['claude', 'claude', 'claude', 'codex', 'cursor', 'opencode', null],
    );
  });
});
