import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Ajv from 'ajv';
import { parse } from 'smol-toml';
import { effectiveConfig } from '../../../agent-core/config/check-config.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../../agent-core/config/index.ts';
import { configJsonSchema } from '../../../agent-core/config/json-schema.ts';
import { KEY_DOCS } from '../../../agent-core/config/key-docs.ts';
import { looksLikeSecret, scrubSecrets } from '../../../agent-core/config/known-keys.ts';
import { createConfigReader, versionOf } from '../../../agent-core/config/layers.ts';
import { projectKeys } from '../../../agent-core/config/project-keys.ts';
import { fileSchema } from '../../../agent-core/config/schema.ts';
import { keyPathOf } from '../../../agent-core/config/write-config.ts';
import { followConfig } from '../../../agent-core/server/config/config-follow.ts';
import { newSettings, type ThreadConfig } from '../../../agent-core/server/turns/turn-settings.ts';

describe('layers of configuration', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gantry-layers-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const at = (...parts: string[]): string => path.join(root, ...parts);
  const put = (name: string, text: string): void => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const load = (more: Partial<LoadOptions> = {}): LoadedConfig =>
    loadConfig({ env: { GANTRY_HOME: at('home'), HOME: at('user') }, cwd: at('work'), ...more });
  const trust = (folder = at('work')): string => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"\n`;

  it("leaves out a user's own folders, wherever the work is", () => {
    put('user/.codex/config.toml', 'model = "of codex"\n');
    put('user/.git/HEAD', '');
    put('home/config.toml', trust(at('user')));
    assert.deepEqual(load({ cwd: at('user') }).config.model, undefined);
  });

  it('keeps a wrong value of one layer from hiding the right one below', () => {
    put('home/config.toml', `model = "mine"\n${trust()}`);
    put('work/.gantry/config.toml', 'model = 3\n');
    const { config, problems } = load();
    assert.deepEqual([config.model, problems.length], ['mine', 1]);
    assert.match(problems[0]?.message ?? '', /line 1: model must be a text in quotes, but is 3/);
    assert.equal(problems[0]?.file, at('work/.gantry/config.toml'));
  });

  it('reads a profile from a file of its own', () => {
    put('home/config.toml', 'profile = "fast"\nmodel = "a"\n[profiles.fast]\nmodel = "b"\nreview_model = "r"\n');
    put('home/fast.config.toml', 'model = "c"\n');
    const { config, problems } = load();
    assert.deepEqual([config.model, config.review_model, problems], ['c', 'r', []]);
  });

  it('understands a file anew only when its text is another', () => {
    const reader = createConfigReader();
    put('home/config.toml', 'model = "a"\n');
    const first = reader(at('home/config.toml'));
    assert.equal(reader(at('home/config.toml')), first);
    put('home/config.toml', 'model = "b"\n');
    assert.equal(reader(at('home/config.toml')).raw.model, 'b');
    rmSync(at('home/config.toml'));
    assert.deepEqual(reader(at('home/config.toml')).raw, {});
  });

  it('has a version that is of the values alone', () => {
    const [a, b] = [parse('a = 1 # x\n[t]\nc = 2\nd = 3\n'), parse('t.d = 3\nt.c = 2\na = 1\n')];
    assert.equal(versionOf(a), versionOf(b));
    assert.notEqual(versionOf(a), versionOf(parse('a = 2')));
  });

  it("has the reference's version", () => {
    // As codex 0.169.0 gave it for this text.
    const text = `# top
model = "gpt-5.5" # best
model_provider = "mine"
notify = ["a"]
[model_providers.mine]
name = "Mine"
base_url = "http://127.0.0.1:9/v1"
env_key = "MINE"
[sandbox_workspace_write]
writable_roots = ["/a", "/b"]
[tui]
theme = "x"
`;
    const given = 'sha256:f1ac945bd59d3257c13611bf8cf0c8a344c331eec3984816ca7480f9795ec5aa';
    assert.equal(versionOf(parse(text)), given);
  });

  const own = 'default_permissions = "mine"\n[permissions.mine.filesystem]\n';
  const permissions: [string, string, string | undefined, RegExp | null][] = [
    ['a built-in profile', 'default_permissions = ":workspace"', 'workspace-write', null],
    ['sandbox_mode over it', 'default_permissions = ":workspace"\nsandbox_mode = "read-only"', 'read-only', null],
    ['an own profile that writes', `${own}"~/x" = "write"`, 'workspace-write', null],
    ['an own profile that only reads', `${own}"~/x" = "none"`, 'read-only', null],
    ['an own profile that is wrong', `${own}"~/x" = "execute"`, 'read-only', /filesystem.* must be .*read-only until/],
    ['a pattern', `${own}"**/*.env" = "none"`, 'read-only', /is a pattern: name the path itself/],
    [
      'a name that stands for nothing',
      `${own}":workspace_root" = "write"`,
      'read-only',
      /stands for nothing: there are :workspace_roots, :root/,
    ],
    [
      'a key that nobody knows',
      'default_permissions = "mine"\n[permissions.mine]\nextnds = ":workspace"',
      'read-only',
      /permissions\.mine\.extnds is not a known key: there are description, extends, filesystem, network, git, protect_ci, limits\./,
    ],
    [
      'a key of its network that nobody knows',
      '[permissions.mine.network]\nhosts = ["example.com"]',
      undefined,
      /permissions\.mine\.network\.hosts is not a known key: there are enabled, domains\./,
    ],
    [
      'a host that is none',
      '[permissions.mine.network.domains]\n"http://x" = "allow"',
      undefined,
      /"http:\/\/x" is no host/,
    ],
    [
      'a network that is wrong, by the key that is',
      '[permissions.mine.network]\nenabled = "yes"',
      undefined,
      /permissions\.mine\.network\.enabled must be true or false\./,
    ],
    [
      'a base that is not there',
      '[permissions.mine]\nextends = ":workspac"\n[permissions.other]',
      undefined,
      /permissions\.mine\.extends cannot be used: there is no profile ":workspac"; there are ":read-only", ":workspace", "other"\./,
    ],
    [
      'a base without limits',
      '[permissions.mine]\nextends = ":danger-full-access"',
      undefined,
      /:danger-full-access has no limits that could be extended/,
    ],
    ['a variable of a shell', `${own}"$HOME/x" = "write"`, 'read-only', /write ~\/ for your home, or the whole path/],
    ['a home of another', `${own}"~bob/x" = "read"`, 'read-only', /write ~\/ for your home/],
    [
      'the whole disk',
      `${own}":root" = "write"`,
      'read-only',
      /cannot be "write": name the folders, or choose :danger-full/,
    ],
    ['a profile that is not there', 'default_permissions = "mine"', 'read-only', /must be one of ":read-only"/],
  ];
  for (const [name, text, mode, says] of permissions) {
    it(`takes permissions: ${name}`, () => {
      put('home/config.toml', text);
      const { config, problems } = load();
      assert.equal(config.sandbox_mode, mode);
      assert.match(problems.map(({ message }) => message).join(), says ?? /^$/);
    });
  }

  it('holds to the strictest what it cannot understand of requirements.toml', () => {
    put('home/config.toml', `approval_policy = "never"\n${trust()}`);
    put('home/requirements.toml', 'allowed_sandbox_modes = "read-only"\nnonsense = 1\n');
    const { config, requirements, problems } = load();
    assert.deepEqual([config.sandbox_mode, config.approval_policy], ['read-only', 'untrusted']);
    assert.deepEqual(requirements, {
      allowed_approval_policies: ['untrusted', 'on-request'],
      allowed_sandbox_modes: ['read-only'],
    });
    assert.deepEqual(
      problems.map(({ severity, line, message }) => [severity, line, message.replace(/^.*?: /, '').split(/[.:;]/)[0]]),
      [
        ['error', 1, 'allowed_sandbox_modes is not understood'],
        ['warning', 2, 'nonsense is not enforced by Gantry'],
        ['warning', 1, 'approval_policy is not allowed to be so by requirements'],
      ],
    );
  });

  it('asks for one of two ways to a key', () => {
    put(
      'home/config.toml',
      '[model_providers.a]\nenv_key = "K"\nauth = { command = "x" }\n[model_providers.b]\nauth = { args = [] }\n',
    );
    const { config, problems } = load();
    assert.deepEqual(config.model_providers, { a: { env_key: 'K' }, b: {} });
    assert.deepEqual(problems.map(({ line }) => line).sort(), [3, 5]);
  });
});

describe("a project's keys", () => {
  const folder = path.resolve('/p');
  const table: [string, string, string, string[]][] = [
    ['less is allowed', '', 'sandbox_mode = "read-only"\napproval_policy = "untrusted"', []],
    ['the same is allowed', 'sandbox_mode = "danger-full-access"', 'sandbox_mode = "danger-full-access"', []],
    ['more is not', 'sandbox_mode = "read-only"', 'sandbox_mode = "workspace-write"', ['sandbox_mode']],
    ['fewer questions are not', '', 'approval_policy = "never"', ['approval_policy']],
    [
      'a granular policy is not',
      '',
      'approval_policy = { granular = { mcp_elicitations = true, rules = true, sandbox_approval = true } }',
      ['approval_policy'],
    ],
    [
      'its own folders are, others are not',
      '',
      '[sandbox_workspace_write]\nwritable_roots = ["sub", "/p/x"]\nnetwork_access = true',
      ['sandbox_workspace_write.network_access'],
    ],
    [
      'a folder outside is not',
      '',
      'sandbox_workspace_write.writable_roots = ["../x"]',
      ['sandbox_workspace_write.writable_roots'],
    ],
    [
      'what the user gave is',
      'sandbox_workspace_write = { network_access = true, writable_roots = ["/x"] }',
      'sandbox_workspace_write = { network_access = true, writable_roots = ["/x"] }',
      [],
    ],
    [
      'the environment may be narrowed only',
      '',
      'shell_environment_policy = { exclude = ["A"], inherit = "all", set = { LD_PRELOAD = "x" } }',
      ['shell_environment_policy.inherit', 'shell_environment_policy.set.LD_PRELOAD'],
    ],
    [
      "providers, trust and programs are the user's",
      '',
      'notify = ["x"]\nopenai_base_url = "https://x"\n[model_providers.a]\n[projects."/"]\ntrust_level = "trusted"',
      ['notify', 'openai_base_url', 'model_providers', 'projects'],
    ],
    ['servers and instructions are allowed', '', 'developer_instructions = "x"\n[mcp_servers.a]\ncommand = "x"', []],
  ];
  for (const [name, user, project, refused] of table) {
    it(name, () => {
      const { problems, raw } = projectKeys(parse(project), parse(user), folder);
      assert.deepEqual(
        problems.map((problem) => problem.path.join('.')),
        refused,
      );
      if (refused.length === 0) assert.deepEqual(raw, parse(project));
    });
  }
});

describe('what looks like a secret', () => {
  const secrets = [
    `sk-${'a1'.repeat(20)}`,
    `ghp_${'A'.repeat(36)}`,
    'AKIAIOSFODNN7EXAMPLE',
    'Bearer abcdefgh12',
    `xoxb-${'1'.repeat(12)}`,
  ];
  const others = [
    'sk-proj',
    'OPENAI_API_KEY',
    'https://host/v1',
    'gpt-5.5-codex-max-2026-01-01',
    'Bearer',
    '/home/me/sk-files',
    'a long sentence of words',
  ];
  it('is told from what does not', () => {
    assert.deepEqual(
      secrets.map(looksLikeSecret),
      secrets.map(() => true),
    );
    assert.deepEqual(
      others.map(looksLikeSecret),
      others.map(() => false),
    );
  });

  it('is taken out of a text', () => {
    const text = `a ${secrets[0]} b ${secrets[2]} hunter2hunter2`;
    assert.equal(scrubSecrets(text, ['hunter2hunter2', 'a']), 'a (secret) b (secret) (secret)');
  });
});

describe('keys as clients write them', () => {
  const table: [string, string[] | null][] = [
    ['model', ['model']],
    ['a.b.c', ['a', 'b', 'c']],
    ['projects."/a.b".trust_level', ['projects', '/a.b', 'trust_level']],
    ['plugins.sample@catalog', ['plugins', 'sample@catalog']],
    ['"a\\"b"', ['a"b']],
    ['"a\\nb\\u00fc"', ['a\nbü']],
    ['', null],
    ['a.', null],
    ['.a', null],
    ['a..b', null],
    ['"a', null],
  ];
  for (const [text, parts] of table) it(text || '(nothing)', () => assert.deepEqual(keyPathOf(text), parts));
});

describe('the JSON Schema of config.toml', () => {
  const schema = configJsonSchema();
  const isValid = new Ajv({ strict: false }).compile(schema);

  it('takes what Gantry takes, and keys that only others know', () => {
    const text = `
model = "m"
tui = { theme = "x" }
approval_policy = { granular = { mcp_elicitations = true, rules = true, sandbox_approval = true } }
[model_providers.a]
base_url = "https://x/v1"
aws = { region = "x" }
auth = { command = "token" }
[profiles.p]
sandbox_mode = "read-only"
[features]
project_config = false
`;
    assert.equal(isValid(parse(text)), true, JSON.stringify(isValid.errors));
    assert.equal(fileSchema.safeParse(parse(text)).success, true);
  });

  it('refuses a wrong value', () => {
    assert.equal(isValid({ model: 3 }), false);
    assert.equal(isValid({ profiles: { p: { sandbox_mode: 'wide' } } }), false);
    assert.deepEqual(effectiveConfig({ model: 3 }), {});
  });

  it('describes keys that there are, and every key at the top', () => {
    const text = JSON.stringify(schema);
    for (const sentence of Object.values(KEY_DOCS)) assert.ok(text.includes(JSON.stringify(sentence)), sentence);
    const properties = Object.entries(schema.properties as Record<string, { description?: string }>);
    assert.deepEqual(
      properties.filter(([, { description }]) => !description),
      [],
    );
  });
});

describe('a change of the configuration', () => {
  const config: ThreadConfig = {
    model: { provider: 'p', model: 'm' },
    effort: null,
    approvalPolicy: null,
    sandboxMode: null,
    workspaceWrite: { writableRoots: [], networkAccess: false, excludeTmpdirEnvVar: false, excludeSlashTmp: false },
    developerInstructions: null,
    editApproval: null,
    isTrusted: true,
  };
  const settings = newSettings('/w', config, {}, undefined);

  it('reaches what a thread had from it, and nothing that was chosen', () => {
    const after: ThreadConfig = { ...config, approvalPolicy: 'untrusted', sandboxMode: 'read-only', effort: 'high' };
    const followed = newSettings('/w', after, {}, undefined);
    const { approvalPolicy, sandboxPolicy, effort, permissionProfile } = followed;
    const sandbox = { sandboxPolicy, permissionProfile };
    assert.deepEqual(followConfig(settings, config, after), { ...settings, approvalPolicy, ...sandbox, effort });
    const chosen = { ...settings, approvalPolicy: 'never' as const };
    assert.deepEqual(followConfig(chosen, config, after), { ...chosen, ...sandbox, effort });
    assert.equal(followConfig(settings, config, { ...config }), settings);
  });
});
