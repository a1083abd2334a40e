/** Taking over what was set up for other agents, with a real core and real folders. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

type Item = ClientRequestResult<'externalAgentConfig/detect'>['items'][number];
const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const LATER =
  'They run in the sandbox, as the commands of the agent do; those of a project once you trust each of them.';

describe('what other agents have', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const inHome = (at: string, content: unknown): string => {
    const file = path.join(world.home, at);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const begin = async (config = ''): Promise<void> => {
    world = await World.create({ config });
    core = await world.core();
  };
  const detect = async (migrationSource: string | null, cwds: string[] | null = null): Promise<Item[]> =>
    (await core.request('externalAgentConfig/detect', { includeHome: cwds === null, cwds, migrationSource })).items;
  const take = async (migrationItems: Item[]) => {
    core.mark();
    const { importId } = await core.request('externalAgentConfig/import', { migrationItems });
    const { itemTypeResults } = await core.waitFor(
      'externalAgentConfig/import/completed',
      (done) => done.importId === importId,
    );
    return itemTypeResults;
  };
  const brief = (results: Awaited<ReturnType<typeof take>>) =>
    results.map(({ itemType, successes, failures }) => ({
      itemType,
      taken: successes.map(({ title }) => title),
      failed: failures.map(({ failureStage, message }) => `${failureStage}: ${message}`),
    }));
  const tomlOf = (file: string) => JSON.parse(JSON.stringify(parse(readFileSync(file, 'utf8'))));
  const config = () => tomlOf(path.join(world.home, 'config.toml'));
  const everything = () =>
    ['config.toml', 'AGENTS.md', 'external-agent-imports.json']
      .map((name) => path.join(world.home, name))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('of Claude Code at home is shown whole, and taken over as chosen, never over what is there, and without secrets', async () => {
    await begin('[mcp_servers.kept]\ncommand = "mine"');
    const instructions = inHome('.claude/CLAUDE.md', 'Be brief.\n');
    const settings = inHome('.claude/settings.json', {
      model: 'claude-sonnet-4-5',
      env: { EDITOR: 'vi', ANTHROPIC_MODEL: 'x', GITHUB_TOKEN: SECRET },
      permissions: { defaultMode: 'bypassPermissions' },
      hooks: {
        PreToolUse: [
          {
            matcher: 'Bash',
            hooks: [
              { type: 'command', command: 'check.sh', timeout: 5 },
              { type: 'prompt', prompt: 'x' },
            ],
          },
        ],
        Notification: [{ hooks: [{ type: 'command', command: 'beep' }] }],
      },
    });
    const servers = inHome('.claude.json', {
      mcpServers: {
        github: {
          command: 'npx',
          args: ['-y', 'server'],
          env: { GITHUB_TOKEN: SECRET, LEVEL: 'info', HOST: `\${HOST}` },
        },
        remote: {
          type: 'http',
          url: 'https://mcp.example.org',
          headers: { Authorization: `Bearer ${SECRET}`, 'X-Team': 'a' },
        },
        kept: { command: 'theirs' },
        loud: { command: 'x', args: ['--api-key', SECRET] },
        old: { type: 'sse', url: 'https://sse.example.org' },
      },
    });
    inHome('.claude/skills/tidy/SKILL.md', '---\nname: tidy\ndescription: Tidies\n---\n');
    inHome('.claude/skills/tidy/scripts/run.sh', 'true\n');
    symlinkSync(path.join(world.home, '.claude.json'), path.join(world.home, '.claude/skills/tidy/leak'));
    const toml = path.join(world.home, 'config.toml');

    const items = await detect('claude');
    const none = { commands: [], hooks: [], mcpServers: [], plugins: [], sessions: [], skills: [], subagents: [] };
    const skills = path.join(world.home, '.claude/skills/tidy');
    assert.deepEqual(items, [
      {
        itemType: 'AGENTS_MD',
        cwd: null,
        description: `Claude Code: instructions from ${instructions} to ${path.join(world.home, 'AGENTS.md')}.`,
        details: null,
      },
      {
        itemType: 'CONFIG',
        cwd: null,
        description: `Claude Code: settings shell_environment_policy.set.EDITOR from ${settings} to ${toml}. Not taken over: model is kept as you have it; GITHUB_TOKEN looks like a key: keep it in the environment.`,
        details: null,
      },
      {
        itemType: 'SKILLS',
        cwd: null,
        description: `Claude Code: skills tidy from ${skills}.`,
        details: { ...none, skills: [{ name: 'tidy' }] },
      },
      {
        itemType: 'MCP_SERVER_CONFIG',
        cwd: null,
        description: `Claude Code: MCP servers github, remote from ${servers} to ${toml}. github: the value of GITHUB_TOKEN was not copied: set it in the environment. remote: the value of Authorization was not copied: set REMOTE_TOKEN in the environment. Not taken over: kept is kept as you have it; loud has a key on its command line; hand it over in a variable; old speaks the old SSE transport, which has no place in config.toml.`,
        details: { ...none, mcpServers: [{ name: 'github' }, { name: 'remote' }] },
      },
      {
        itemType: 'HOOKS',
        cwd: null,
        description: `Claude Code: hooks PreToolUse from ${settings} to ${toml}. PreToolUse: 1 of its hooks are no plain commands and were left out. ${LATER} Not taken over: Notification is an event that hooks here do not have.`,
        details: { ...none, hooks: [{ name: 'PreToolUse' }] },
      },
    ]);

    const chosen = items.map((item) =>
      item.itemType === 'MCP_SERVER_CONFIG'
        ? { ...item, details: { ...none, mcpServers: [{ name: 'github' }, { name: 'kept' }] } }
        : item,
    );
    const results = await take(chosen);
    assert.deepEqual(brief(results), [
      { itemType: 'AGENTS_MD', taken: ['CLAUDE.md'], failed: [] },
      {
        itemType: 'CONFIG',
        taken: ['shell_environment_policy.set.EDITOR'],
        failed: ['conflict: model is kept as you have it.'],
      },
      { itemType: 'SKILLS', taken: ['tidy'], failed: [] },
      { itemType: 'MCP_SERVER_CONFIG', taken: ['github'], failed: ['conflict: kept is kept as you have it.'] },
      { itemType: 'HOOKS', taken: ['PreToolUse'], failed: [] },
    ]);
    const { mcp_servers, hooks, shell_environment_policy, model } = config();
    assert.deepEqual(
      { mcp_servers, hooks, shell_environment_policy, model },
      {
        mcp_servers: {
          kept: { command: 'mine' },
          github: {
            command: 'npx',
            args: ['-y', 'server'],
            env_vars: ['GITHUB_TOKEN', 'HOST'],
            env: { LEVEL: 'info' },
          },
        },
        hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'check.sh', timeout: 5 }] }] },
        shell_environment_policy: { set: { EDITOR: 'vi' } },
        model: 'gpt-5.5',
      },
    );
    assert.equal(readFileSync(path.join(world.home, 'AGENTS.md'), 'utf8'), 'Be brief.\n');
    assert.equal(readFileSync(path.join(world.home, 'skills/tidy/scripts/run.sh'), 'utf8'), 'true\n');
    assert.equal(existsSync(path.join(world.home, 'skills/tidy/leak')), false);
    assert.doesNotMatch(everything(), new RegExp(SECRET));

    const again = await take(items.filter(({ itemType }) => itemType === 'AGENTS_MD'));
    const target = path.join(world.home, 'AGENTS.md');
    assert.deepEqual(brief(again), [
      { itemType: 'AGENTS_MD', taken: [], failed: [`conflict: CLAUDE.md is kept as you have it in ${target}.`] },
    ]);
    const { data } = await core.request('externalAgentConfig/import/readHistories', undefined);
    assert.deepEqual(
      data.map(({ successes, failures }) => [successes.length, failures.length]),
      [
        [0, 1],
        [5, 2],
      ],
    );
  });

  it('of a project goes into the project, from each agent', async () => {
    await begin();
    world.write('.git/HEAD', 'ref: refs/heads/main\n');
    world.write('.mcp.json', JSON.stringify({ mcpServers: { a: { command: 'a' } } }));
    world.write(
      '.cursor/mcp.json',
      `{ "mcpServers": { "b": { "url": "https://b.test", "headers": { "X-Key": "\${env:B_KEY}" } }, } } // end`,
    );
    world.write(
      '.cursor/rules/style.mdc',
      '---\ndescription: Style\nglobs: *.ts\nalwaysApply: false\n---\nUse tabs.\n',
    );
    world.write('.cursorrules', 'Be kind.');
    world.write(
      'opencode.jsonc',
      '{ /* mine */ "mcp": { "c": { "type": "local", "command": ["c", "-v"], "environment": { "P": "1" }, "enabled": false } } }',
    );
    world.write('src/x.ts', '');
    const items = await detect(null, [world.at('src')]);
    assert.deepEqual(
      items.map(({ itemType, cwd, description }) => [itemType, cwd, description.split(':')[0]]),
      [
        ['MCP_SERVER_CONFIG', world.workspace, 'Claude Code'],
        ['AGENTS_MD', world.workspace, 'Cursor'],
        ['MCP_SERVER_CONFIG', world.workspace, 'Cursor'],
        ['MCP_SERVER_CONFIG', world.workspace, 'OpenCode'],
      ],
    );
    const results = await take(items);
    assert.deepEqual(
      brief(results).flatMap(({ failed }) => failed),
      [],
    );
    assert.deepEqual(tomlOf(world.at('.gantry/config.toml')), {
      mcp_servers: {
        a: { command: 'a' },
        b: { url: 'https://b.test', env_http_headers: { 'X-Key': 'B_KEY' } },
        c: { command: 'c', args: ['-v'], env: { P: '1' }, enabled: false },
      },
    });
    assert.equal(
      readFileSync(world.at('AGENTS.md'), 'utf8'),
      'Be kind.\n\n## style: Style\n(for files *.ts)\n\nUse tabs.\n',
    );
    assert.deepEqual(await detect(null, [world.workspace]), []);
  });

  it('of Codex and OpenCode at home comes with providers and without what says who may do what', async () => {
    world = await World.create({ withoutModel: true });
    core = await world.core();
    inHome(
      '.codex/config.toml',
      [
        'model = "qwen3"',
        'approval_policy = "never"',
        'sandbox_mode = "danger-full-access"',
        '[model_providers.mine]',
        'name = "Mine"',
        'base_url = "https://x.test/v1"',
        'env_key = "MINE_KEY"',
        `experimental_bearer_token = "${SECRET}"`,
        '[profiles.wild]',
        'model = "qwen3-max"',
        'approval_policy = "never"',
        '[mcp_servers.docs]',
        'command = "docs"',
        `env = { DOCS_TOKEN = "${SECRET}", MODE = "fast" }`,
      ].join('\n'),
    );
    inHome('.config/opencode/opencode.json', {
      model: 'local/llama',
      provider: { local: { name: 'Local', options: { baseURL: 'http://127.0.0.1:8080/v1', apiKey: SECRET } } },
    });
    const items = await detect(null);
    assert.deepEqual(
      items.map(({ itemType, description }) => [itemType, description.split(' ')[0]]),
      [
        ['CONFIG', 'Codex:'],
        ['MCP_SERVER_CONFIG', 'Codex:'],
        ['CONFIG', 'OpenCode:'],
      ],
    );
    assert.deepEqual(brief(await take(items)), [
      { itemType: 'CONFIG', taken: ['model', 'model_providers.mine', 'profiles.wild'], failed: [] },
      { itemType: 'MCP_SERVER_CONFIG', taken: ['docs'], failed: [] },
      {
        itemType: 'CONFIG',
        taken: ['model_providers.local'],
        failed: ['conflict: model is kept as you have it.'],
      },
    ]);
    assert.deepEqual(config(), {
      model: 'qwen3',
      model_providers: {
        mine: { name: 'Mine', base_url: 'https://x.test/v1', env_key: 'MINE_KEY' },
        local: { name: 'Local', base_url: 'http://127.0.0.1:8080/v1', wire_api: 'chat', env_key: 'LOCAL_API_KEY' },
      },
      profiles: { wild: { model: 'qwen3-max' } },
      mcp_servers: { docs: { command: 'docs', env: { MODE: 'fast' }, env_vars: ['DOCS_TOKEN'] } },
    });
  });

  it('is asked for by a known name, and an import made elsewhere can be noted', async () => {
    await begin();
    const wrong = await core.refusal('externalAgentConfig/detect', { migrationSource: 'clippy' });
    assert.deepEqual(wrong, {
      code: -32602,
      message: 'migrationSource "clippy" is not known: use one of claude, codex, cursor, opencode.',
    });
    const success = { itemType: 'SKILLS', title: 'x' } as const;
    const { importId } = await core.request('externalAgentConfig/import/recordHistory', {
      providerId: 'elsewhere',
      itemTypeResults: [{ itemType: 'SKILLS', successes: [success], failures: [] }],
    });
    const { data, connectors } = await core.request('externalAgentConfig/import/readHistories', undefined);
    assert.deepEqual(
      { data: data.map(({ completedAtMs: _, ...rest }) => rest), connectors },
      {
        data: [{ importId, providerId: 'elsewhere', successes: [success], failures: [] }],
        connectors: [],
      },
    );
  });
});
