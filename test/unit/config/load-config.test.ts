import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Config,
  type ConfigOverride,
  findHome,
  loadConfig,
  projectTrust,
} from '../../../agent-core/config/index.ts';

describe('config.toml', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'gantry-config-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const load = (text: string | null, overrides: ConfigOverride[] = []): { config: Config; problems: string[] } => {
    if (text !== null) writeFileSync(path.join(home, 'config.toml'), text);
    const { config, problems } = loadConfig({ env: { GANTRY_HOME: home }, cwd: home, overrides });
    return {
      config,
      problems: problems.map((problem) => `${problem.severity} ${problem.line}:${problem.column} ${problem.message}`),
    };
  };

  it('reads what Codex reads', () => {
    const text = `
model = "gpt-5.5"
model_provider = "own"
model_reasoning_effort = "high"
approval_policy = "untrusted"
sandbox_mode = "workspace-write"
project_doc_fallback_filenames = ["CLAUDE.md"]
[sandbox_workspace_write]
writable_roots = ["/tmp/x"]
network_access = true
[model_providers.own]
name = "Own"
base_url = "http://127.0.0.1:1/v1"
env_key = "OWN_KEY"
wire_api = "chat"
http_headers = { "x-a" = "1" }
stream_idle_timeout_ms = 5
[projects."/home/me/a.b"]
trust_level = "trusted"
[mcp_servers.files]
command = "npx"
args = ["x"]
[tui]
theme = "x"
[features]
any_thing = true
`;
    assert.deepEqual(load(text), {
      problems: [],
      config: {
        model: 'gpt-5.5',
        model_provider: 'own',
        model_reasoning_effort: 'high',
        approval_policy: 'untrusted',
        sandbox_mode: 'workspace-write',
        project_doc_fallback_filenames: ['CLAUDE.md'],
        sandbox_workspace_write: { writable_roots: ['/tmp/x'], network_access: true },
        model_providers: {
          own: {
            name: 'Own',
            base_url: 'http://127.0.0.1:1/v1',
            env_key: 'OWN_KEY',
            wire_api: 'chat',
            http_headers: { 'x-a': '1' },
            stream_idle_timeout_ms: 5,
          },
        },
        projects: { '/home/me/a.b': { trust_level: 'trusted' } },
        mcp_servers: { files: { command: 'npx', args: ['x'] } },
        features: { any_thing: true },
      },
    });
  });

  const wrong: [string, string, Config, RegExp[]][] = [
    [
      'a broken line',
      'model = "x"\napproval_policy = nope\nsandbox_mode = "read-only"\n',
      { model: 'x', sandbox_mode: 'read-only' },
      [/^error 2:\d+ config\.toml line 2, column \d+: .* correct it\.$/],
    ],
    ['an unclosed text', 'model = "x\nsandbox_mode = "read-only"', { sandbox_mode: 'read-only' }, [/^error 1:/]],
    [
      'a broken table, with all in it',
      'model = "x"\n[projects."/a"\ntrust_level = "trusted"\n[projects."/b"]\ntrust_level = "trusted"',
      { model: 'x', projects: { '/b': { trust_level: 'trusted' } } },
      [/^error 2:/],
    ],
    [
      'an open long text, with all after it',
      'model = "x"\ninstructions = """\nhello\nsandbox_mode = "danger-full-access"\n',
      { model: 'x' },
      [/^error 2:/],
    ],
    ['a key twice', 'model = "x"\nmodel = "y"', { model: 'x' }, [/^error 2:/]],
    [
      'a wrong type',
      'model = 3\nsandbox_mode = "read-only"',
      { sandbox_mode: 'read-only' },
      [/^error 1:1 config\.toml line 1: model must be a text in quotes, but is 3\. Its default is used\.$/],
    ],
    [
      'a wrong word',
      '\nsandbox_mode = "write"',
      {},
      [
        /^error 2:1 .*sandbox_mode must be one of "read-only", "workspace-write", "danger-full-access", but is the text "write"/,
      ],
    ],
    [
      'a wrong type deep down',
      '[model_providers.a]\nname = "A"\n  base_url = true',
      { model_providers: { a: { name: 'A' } } },
      [/^error 3:3 .*model_providers\.a\.base_url must be a URL in quotes, but is true/],
    ],
    ['a wrong table', 'sandbox_workspace_write = 1', {}, [/^error 1:1 .*sandbox_workspace_write must be a table/]],
    [
      'a wrong entry of a list',
      '[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = ["a", 3]',
      { sandbox_workspace_write: { network_access: true } },
      [/^error 3:1 .*must be a list whose every entry is a text in quotes, but has 3/],
    ],
    [
      'a key in place of its name',
      '[model_providers.a]\nenv_key = "sk-abc"',
      { model_providers: { a: {} } },
      [/not the key itself/],
    ],
    ['a wrong policy', 'approval_policy = "always"', {}, [/approval_policy must be one of "untrusted"/]],
    [
      'a policy that is no more',
      'approval_policy = "on-failure"',
      { approval_policy: 'on-request' },
      [/^warning 1:1 .*no more/],
    ],
    [
      'an unknown key',
      'modle = "x"',
      {},
      [/^warning 1:1 config\.toml line 1: modle is not a known key\. Did you mean model\?$/],
    ],
    [
      'an unknown key deep down',
      '[model_providers.a]\nbaseurl = "http://x"',
      { model_providers: { a: {} } },
      [/^warning 2:1 .*Did you mean model_providers\.a\.base_url\?$/],
    ],
    [
      'an unknown key like no other',
      'zzzzzzzz = 1',
      {},
      [/^warning 1:1 config\.toml line 1: zzzzzzzz is not a known key\.$/],
    ],
    [
      'a secret',
      '[model_providers.a]\nexperimental_bearer_token = "sk-x"',
      { model_providers: { a: {} } },
      [/^warning 2:1 .*keys are not read from this file\. Name an environment variable with env_key/],
    ],
    ['a profile that is not there', 'profile = "p"', { profile: 'p' }, [/there is no table \[profiles\.p\]/]],
    ['bytes that are no TOML', '\u0000\u0001<xml/>', {}, [/^error 1:/]],
    ['an empty file', '', {}, []],
    ['a BOM', '\uFEFFmodel = "x"', { model: 'x' }, []],
    ['Windows line ends', 'model = "x"\r\nmodle = 1\r\n', { model: 'x' }, [/^warning 2:1/]],
  ];
  for (const [name, text, config, says] of wrong) {
    it(`bears ${name}`, () => {
      const loaded = load(text);
      assert.deepEqual(loaded.config, config);
      assert.equal(loaded.problems.length, says.length, loaded.problems.join('\n'));
      for (const [i, pattern] of says.entries()) assert.match(loaded.problems[i] ?? '', pattern);
    });
  }

  it('needs no file, and says when it cannot read one', () => {
    assert.deepEqual(load(null), { config: {}, problems: [] });
    mkdirSync(path.join(home, 'config.toml'));
    const { config, problems } = load(null);
    assert.deepEqual(config, {});
    assert.match(
      problems.join(),
      /^error null:null config\.toml cannot be read \(no plain file\)\..*Defaults are used\.$/,
    );
    chmodSync(home, 0o700);
  });

  const overrides: [string, ConfigOverride[], Config][] = [
    [
      'TOML values',
      ['model="m"', 'project_doc_max_bytes = 3', 'project_doc_fallback_filenames=["a"]'],
      { model: 'm', project_doc_max_bytes: 3, project_doc_fallback_filenames: ['a'] },
    ],
    [
      'bare texts',
      ['model=m', 'model_providers.x.base_url=http://a/v1'],
      { model: 'm', model_providers: { x: { base_url: 'http://a/v1' } } },
    ],
    [
      'dotted keys with quotes',
      ['projects."/a.b".trust_level="trusted"'],
      { model: 'file', projects: { '/a.b': { trust_level: 'trusted' } } },
    ],
    [
      'tables of a thread',
      [
        {
          model: 't',
          'sandbox_workspace_write.network_access': true,
          projects: { '/x.y': { trust_level: 'untrusted' } },
          instructions: null,
        },
      ],
      {
        model: 't',
        sandbox_workspace_write: { network_access: true },
        projects: { '/x.y': { trust_level: 'untrusted' } },
      },
    ],
    ['the later over the earlier', ['model=a', { model: 'b' }, 'model=c'], { model: 'c' }],
    ['profiles', ['profile=fast'], { model: 'small', profile: 'fast', sandbox_mode: 'read-only' }],
    [
      'what is given over the profile',
      ['profile=fast', 'model=c'],
      { model: 'c', profile: 'fast', sandbox_mode: 'read-only' },
    ],
  ];
  for (const [name, given, config] of overrides) {
    it(`takes overrides: ${name}`, () => {
      const loaded = load('model = "file"\n[profiles.fast]\nmodel = "small"\nsandbox_mode = "read-only"', given);
      assert.deepEqual(loaded, { config, problems: [] });
    });
  }

  it('says what an override should be', () => {
    assert.match(load('', ['nonsense']).problems.join(), /"nonsense" is not key=value/);
    assert.match(load('', ['model=3']).problems.join(), /model must be a text in quotes/);
    assert.deepEqual(load('', ['__proto__.x=1']).config, {});
    assert.equal(({} as { x?: unknown }).x, undefined);
    const hidden = JSON.parse('{"sandbox_workspace_write":{"__proto__":{"x":1},"network_access":true}}');
    const loaded = load('[sandbox_workspace_write]\nexclude_slash_tmp = true', [hidden]);
    assert.equal(({} as { x?: unknown }).x, undefined);
    assert.deepEqual(loaded.config.sandbox_workspace_write, { exclude_slash_tmp: true, network_access: true });
    load('profile = "p"\n[profiles.p.__proto__]\nx = 1');
    assert.equal(({} as { x?: unknown }).x, undefined);
  });
});

describe('home', () => {
  const cwd = path.resolve('/work');
  const table: [string, Record<string, string>, string, string][] = [
    ['GANTRY_HOME', { GANTRY_HOME: '/g', CODEX_HOME: '/c', HOME: '/h' }, '/g', '/g'],
    ['CODEX_HOME, written below gantry only', { CODEX_HOME: '/c', HOME: '/h' }, '/c/gantry', '/c'],
    ['the default', { HOME: '/h', GANTRY_HOME: '' }, '/h/.gantry', '/h/.gantry'],
    ['a relative one', { GANTRY_HOME: 'g' }, '/work/g', '/work/g'],
  ];
  for (const [name, env, home, readHome] of table) {
    it(name, () => {
      assert.deepEqual(findHome(env, cwd), { home: path.resolve(home), readHome: path.resolve(readHome) });
    });
  }

  it('takes the trust of the folder, then of its repository, and of no other', () => {
    const config: Config = {
      projects: { '/r/a': { trust_level: 'untrusted' }, '/r': { trust_level: 'trusted' }, '/': {} },
    };
    assert.deepEqual(
      [['/r/a', '/r'], ['/r/b', '/r'], ['/q'], ['/']].map((folders) => projectTrust(config, folders)),
      ['untrusted', 'trusted', null, null],
    );
  });
});
