import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

describe('configuration', () => {
  let world: World;
  let core: CoreProcess;
  afterEach(async () => assert.deepEqual(await world.close(), []));

  const file = (): string => path.join(world.home, 'config.toml');
  const text = (name = file()): string => readFileSync(name, 'utf8');
  const write = (
    keyPath: string,
    value: unknown,
    more: { expectedVersion?: string; filePath?: string; mergeStrategy?: 'replace' | 'upsert' } = {},
  ): Promise<ClientRequestResult<'config/value/write'>> =>
    core.request('config/value/write', { keyPath, value, mergeStrategy: 'replace', ...more });
  const refusal = async (params: Record<string, unknown>): Promise<unknown> => {
    const { code, message, data } = await core.refusal('config/value/write', { mergeStrategy: 'replace', ...params });
    return [code, data, message];
  };

  it('is layered: user, trusted project, profile, command line, thread', async () => {
    world = await World.create({
      config:
        'profile = "p"\nreview_model = "user"\nmodel_verbosity = "low"\ncompact_prompt = "user"\n[profiles.p]\ncompact_prompt = "profile"\n',
      files: {
        '.codex/config.toml': 'review_model = "codex"\nmodel_verbosity = "medium"\ncompact_prompt = "project"\n',
        '.gantry/config.toml':
          'review_model = "gantry"\nmodel_provider = "evil"\nsandbox_mode = "danger-full-access"\n',
      },
    });
    const cwd = world.workspace;
    core = await world.core();
    const untrusted = await core.request('config/read', { cwd, includeLayers: true });
    assert.deepEqual([untrusted.config.review_model, untrusted.config.compact_prompt], ['user', 'profile']);
    assert.deepEqual(
      untrusted.layers?.map(({ name, disabledReason }) => [name.type, disabledReason ?? null]),
      [
        ['user', null],
        ['project', `${cwd} is not trusted`],
        ['project', `${cwd} is not trusted`],
        ['user', null],
      ],
    );

    await write(`projects.${JSON.stringify(cwd)}.trust_level`, 'trusted');
    const { config, origins, layers } = await core.request('config/read', { cwd, includeLayers: true });
    assert.deepEqual(
      [config.review_model, config.model_verbosity, config.compact_prompt, config.model_provider, config.sandbox_mode],
      ['gantry', 'medium', 'profile', 'scripted', undefined],
    );
    assert.deepEqual(
      ['review_model', 'model_verbosity', 'compact_prompt', 'model'].map((key) => origins[key]?.name),
      [
        { type: 'project', dotCodexFolder: path.join(cwd, '.gantry') },
        { type: 'project', dotCodexFolder: path.join(cwd, '.codex') },
        { type: 'user', file: file(), profile: 'p' },
        { type: 'user', file: file(), profile: null },
      ],
    );
    assert.deepEqual(layers?.[1]?.config, { review_model: 'gantry' });
    const warnings = await core.waitFor('configWarning', ({ path: at }) => at?.includes('.gantry') ?? false);
    assert.match(warnings.summary, /line 2: model_provider is for your own config\.toml: a project may not set it/);
    const withoutFolder = await core.request('config/read', {});
    assert.equal(withoutFolder.config.review_model, 'user');
  });

  it('writes one key and leaves every other byte', async () => {
    world = await World.create({ config: '# mine\napproval_policy = "untrusted" # so be it\n' });
    core = await world.core();
    const before = text();
    const { layers } = await core.request('config/read', { includeLayers: true });
    const expectedVersion = layers?.[0]?.version ?? '';
    const written = await write('model', 'other', { expectedVersion });
    assert.deepEqual(written, { filePath: file(), status: 'ok', version: written.version, overriddenMetadata: null });
    assert.equal(text(), before.replace('"gpt-5.5"', '"other"'));
    assert.deepEqual(await refusal({ keyPath: 'model', value: 'x', expectedVersion }), [
      -32600,
      { config_write_error_code: 'configVersionConflict' },
      'Configuration was modified since last read. Fetch latest version and retry.',
    ]);
    const batch = await core.request('config/batchWrite', {
      expectedVersion: written.version,
      edits: [
        { keyPath: 'model', value: 'third', mergeStrategy: 'replace' },
        { keyPath: 'sandbox_workspace_write', value: { network_access: true }, mergeStrategy: 'upsert' },
        { keyPath: 'approval_policy', value: null, mergeStrategy: 'replace' },
      ],
    });
    const after = before.replace('"gpt-5.5"', '"third"').replace('approval_policy = "untrusted" # so be it\n', '');
    assert.equal(text(), `${after}\n\n[sandbox_workspace_write]\nnetwork_access = true\n`);
    const read = await core.request('config/read', { includeLayers: true });
    assert.equal(read.layers?.[0]?.version, batch.version);
    assert.deepEqual(read.origins['sandbox_workspace_write.network_access']?.name.type, 'user');
  });

  it('refuses with the codes of the reference, and then writes nothing', async () => {
    world = await World.create();
    core = await world.core();
    const before = text();
    const table: [Record<string, unknown>, string, RegExp][] = [
      [
        { keyPath: 'model', value: 'x', filePath: '/elsewhere/config.toml' },
        'configLayerReadonly',
        /Only writes to the user config/,
      ],
      [{ keyPath: 'model', value: 3 }, 'configValidationError', /model must be a text in quotes, but is 3\.$/],
      [{ keyPath: 'a..b', value: 3 }, 'configValidationError', /is no key/],
      [
        { keyPath: 'model_providers.x.experimental_bearer_token', value: 'abc' },
        'configValidationError',
        /keys never stand/,
      ],
      [
        { keyPath: 'model_providers.x.http_headers.a', value: `sk-${'a'.repeat(30)}` },
        'configValidationError',
        /keys never stand/,
      ],
    ];
    for (const [params, code, says] of table) {
      const [, data, message] = (await refusal(params)) as [number, unknown, string];
      assert.deepEqual(data, { config_write_error_code: code });
      assert.match(message, says);
    }
    const edits = [
      { keyPath: 'model', value: 'x', mergeStrategy: 'replace' },
      { keyPath: 'sandbox_mode', value: 'wide', mergeStrategy: 'replace' },
    ];
    await core.refusal('config/batchWrite', { edits });
    assert.equal(text(), before);
  });

  it('says which layer hides what was written', async () => {
    world = await World.create();
    core = await world.core();
    await write('profiles.p.model', 'm');
    await write('profile', 'p');
    const written = await write('model', 'hidden');
    assert.deepEqual(
      [written.status, written.overriddenMetadata?.effectiveValue, written.overriddenMetadata?.message],
      ['okOverridden', 'm', 'Overridden by the profile p'],
    );
  });

  it('never writes to the home of Codex, but below it', async () => {
    world = await World.create();
    const before = text();
    core = await world.core({}, { GANTRY_HOME: '', CODEX_HOME: world.home });
    const own = path.join(world.home, 'gantry', 'config.toml');
    const written = await write('model', 'mine');
    assert.deepEqual(
      [written.filePath, text(), text(own)],
      [own, before, '#:schema ./config.schema.json\n\nmodel = "mine"\n'],
    );
    assert.equal(statSync(own).mode & 0o777, 0o600);
    assert.match(text(path.join(path.dirname(own), 'config.schema.json')), /"config.toml of Gantry"/);
    const { config, origins } = await core.request('config/read', {});
    assert.deepEqual(
      [config.model, config.model_provider, origins.model?.name],
      ['mine', 'scripted', { type: 'user', file: own, profile: null }],
    );
    const [, data, message] = (await refusal({ keyPath: 'model', value: 'x', filePath: file() })) as unknown[];
    assert.deepEqual(data, { config_write_error_code: 'configLayerReadonly' });
    assert.match(String(message), /belongs to Codex, and is read only/);
  });

  it('writes through a link', async () => {
    world = await World.create({ withoutModel: true });
    const real = path.join(world.root, 'dotfiles.toml');
    writeFileSync(real, '# linked\n');
    rmSync(file());
    symlinkSync(real, file());
    core = await world.core();
    await write('model', 'm');
    assert.equal(text(real), '# linked\nmodel = "m"\n');
  });

  it('is watched: models, status and threads follow without a restart', async () => {
    world = await World.create({ config: `[projects.${JSON.stringify('/nowhere')}]\ntrust_level = "trusted"\n` });
    core = await world.core({ gantry: {} });
    const { thread, approvalPolicy, sandbox } = await core.request('thread/start', { cwd: world.workspace });
    const chosen = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' });
    assert.deepEqual([approvalPolicy, sandbox.type], ['on-request', 'readOnly']);
    await core.request('gantry/model/list', {});
    core.mark();
    const trust = `[projects.${JSON.stringify(world.workspace)}]\ntrust_level = "trusted"\n`;
    writeFileSync(file(), `approval_policy = "untrusted"\nmodle = "x"\n${text()}\n${trust}`);
    const status = await core.waitFor('gantry/status/changed');
    assert.match(
      status.config.problems.map(({ message }) => message).join(),
      /modle is not a known key\. Did you mean model\?/,
    );
    await core.waitFor('gantry/model/changed');
    const updated = await core.waitFor('thread/settings/updated', ({ threadId }) => threadId === thread.id);
    const { threadSettings: settings } = updated;
    assert.deepEqual([settings.approvalPolicy, settings.sandboxPolicy.type], ['untrusted', 'workspaceWrite']);
    const other = await core.waitFor('thread/settings/updated', ({ threadId }) => threadId === chosen.thread.id);
    assert.deepEqual(
      [other.threadSettings.approvalPolicy, other.threadSettings.sandboxPolicy.type],
      ['never', 'workspaceWrite'],
    );
  });

  it('holds threads to requirements.toml', async () => {
    world = await World.create({ config: 'sandbox_mode = "danger-full-access"\n' });
    const required =
      'allowed_sandbox_modes = ["read-only", "workspace-write"]\nallowed_approval_policies = ["on-request"]\n';
    writeFileSync(path.join(world.home, 'requirements.toml'), required);
    core = await world.core();
    const warning = await core.waitFor('configWarning');
    assert.match(warning.summary, /sandbox_mode is not allowed to be so by requirements\.toml; "read-only" is used/);
    assert.deepEqual(await core.request('configRequirements/read', {}), {
      requirements: {
        allowedApprovalPolicies: ['on-request'],
        allowedSandboxModes: ['read-only', 'workspace-write'],
        allowedPermissionProfiles: null,
        featureRequirements: null,
        feedback: null,
      },
    });
    const cwd = world.workspace;
    const { thread, sandbox } = await core.request('thread/start', { cwd });
    assert.equal(sandbox.type, 'readOnly');
    assert.match(
      (await core.refusal('thread/start', { cwd, sandbox: 'danger-full-access' })).message,
      /"danger-full-access" is not allowed by requirements\.toml: use one of "read-only", "workspace-write"/,
    );
    const input = [{ type: 'text', text: 'go' }];
    const turn = { threadId: thread.id, input };
    assert.match(
      (await core.refusal('turn/start', { ...turn, approvalPolicy: 'never' })).message,
      /policy "never" is not/,
    );
    const full = { ...turn, sandboxPolicy: { type: 'dangerFullAccess' } };
    assert.match((await core.refusal('turn/start', full)).message, /mode "danger-full-access" is not/);
    const exec = { command: ['true'], sandboxPolicy: { type: 'dangerFullAccess' } };
    assert.match((await core.refusal('command/exec', exec)).message, /mode "danger-full-access" is not/);
    const [, data] = (await refusal({ keyPath: 'approval_policy', value: 'never' })) as unknown[];
    assert.deepEqual(data, { config_write_error_code: 'configValidationError' });
    const profiles = await core.request('permissionProfile/list', {});
    assert.deepEqual(
      profiles.data.map(({ id, allowed }) => [id, allowed]),
      [
        [':read-only', true],
        [':workspace', true],
        [':danger-full-access', false],
      ],
    );
  });

  it('lists features, and turns them on and off until it ends', async () => {
    world = await World.create({ files: { '.gantry/config.toml': 'review_model = "project"\n' } });
    const cwd = world.workspace;
    core = await world.core();
    await write(`projects.${JSON.stringify(cwd)}.trust_level`, 'trusted');
    const reviewer = async () => (await core.request('config/read', { cwd })).config.review_model ?? null;
    assert.equal(await reviewer(), 'project');
    const enablement = { project_config: false };
    assert.deepEqual(await core.request('experimentalFeature/enablement/set', { enablement }), { enablement });
    assert.equal(await reviewer(), null);
    const { data } = await core.request('experimentalFeature/list', {});
    assert.deepEqual(
      data.map(({ name, stage, enabled, defaultEnabled }) => [name, stage, enabled, defaultEnabled]),
      [
        ['project_config', 'stable', false, true],
        ['config_watch', 'stable', true, true],
        ['request_permissions_tool', 'beta', false, false],
      ],
    );
    await write('features.project_config', true);
    assert.equal(await reviewer(), 'project');
    const unknown = { enablement: { nope: true } };
    assert.deepEqual(await core.request('experimentalFeature/enablement/set', unknown), { enablement: {} });
  });

  it('lists providers and writes one of the user', async () => {
    world = await World.create();
    core = await world.core();
    const { data, defaultProviderId, canChangeDefault } = await core.request('modelProvider/list', {});
    assert.deepEqual([defaultProviderId, canChangeDefault], ['scripted', true]);
    assert.deepEqual(
      data
        .filter(({ id }) => id === 'scripted' || id === 'openai')
        .map(({ id, canEdit, settings }) => [id, canEdit, settings]),
      [
        ['scripted', true, { type: 'customGateway', auth: { mode: 'environmentVariable', envKey: 'SCRIPTED_KEY' } }],
        ['openai', false, { type: 'openai' }],
      ],
    );
    const settings = {
      type: 'customGateway',
      name: 'My Gateway',
      baseUrl: 'https://g.example/v1',
      envKey: 'G_KEY',
    } as const;
    const written = await core.request('modelProvider/config/write', { settings });
    assert.deepEqual(written.provider, {
      id: 'my-gateway',
      name: 'My Gateway',
      baseUrl: 'https://g.example/v1',
      canEdit: true,
      settings: { type: 'customGateway', auth: { mode: 'environmentVariable', envKey: 'G_KEY' } },
    });
    assert.match(
      text(),
      /\[model_providers\.my-gateway\]\nname = "My Gateway"\nbase_url = "https:\/\/g\.example\/v1"\nenv_key = "G_KEY"\n$/,
    );
    const builtIn = { settings: { ...settings, providerId: 'openai' } };
    assert.match((await core.refusal('modelProvider/config/write', builtIn)).message, /openai is built in/);
  });

  it('saves feedback to a file, without a secret in it', async () => {
    world = await World.create();
    const secret = `sk-${'q'.repeat(30)}`;
    core = await world.core({}, { MY_TOKEN: 'correct-horse-battery' });
    const log = path.join(world.root, 'extra.log');
    writeFileSync(log, `token correct-horse-battery and ${secret}\n`);
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    const savePath = path.join(world.root, 'report.json');
    const params = {
      threadId: thread.id,
      classification: 'bug',
      reason: `it said ${secret}`,
      savePath,
      includeLogs: true,
      extraLogFiles: [log],
    };
    assert.deepEqual(await core.request('feedback/save', params), {
      threadId: thread.id,
      savedPath: savePath,
      promptHash: null,
    });
    const report = JSON.parse(text(savePath));
    assert.deepEqual(
      [report.reason, report.files, report.thread.threadId],
      ['it said (secret)', [{ path: log, text: 'token (secret) and (secret)\n' }], thread.id],
    );
    assert.match((await core.refusal('feedback/save', params)).message, /cannot be saved.*does not exist/);
    assert.match((await core.refusal('feedback/save', { ...params, savePath: 'x' })).message, /must be absolute/);
  });

  it('takes a profile from the command line, and -c over it', async () => {
    const table = 'model = "small"\nsandbox_mode = "workspace-write"\napproval_policy = "untrusted"';
    world = await World.create({ config: `[profiles.fast]\n${table}\n` });
    const options = { home: world.home, cwd: world.workspace, env: { SCRIPTED_KEY: 'scripted-key' } };
    core = new CoreProcess({ ...options, args: ['--profile', 'fast', '-c', 'approval_policy="never"'] });
    try {
      await core.initialize();
      const { model, approvalPolicy, sandbox } = await core.request('thread/start', { cwd: world.workspace });
      assert.deepEqual([model, approvalPolicy, sandbox.type], ['small', 'never', 'workspaceWrite']);
      const { origins } = await core.request('config/read', {});
      assert.deepEqual(origins.approval_policy?.name, { type: 'sessionFlags' });
      const own = { cwd: world.workspace, config: { profile: 'none', model: 'thread' } };
      assert.equal((await core.request('thread/start', own)).model, 'thread');
    } finally {
      await core.kill();
    }
    assert.deepEqual(core.problems, []);
  });

  it("tells what is wrong with a thread's own configuration", async () => {
    world = await World.create();
    core = await world.core();
    await core.request('thread/start', { cwd: world.workspace, config: { review_model: 3, modle: 'x' } });
    await core.waitFor('configWarning', ({ summary }) =>
      /review_model must be a text in quotes, but is 3/.test(summary),
    );
    await core.waitFor('configWarning', ({ summary }) =>
      /^modle is not a known key\. Did you mean model\?/.test(summary),
    );
    assert.equal(core.notifications('configWarning').length, 2);
  });

  it('reads the files of a folder inside of the project too, the nearer with the last word', async () => {
    world = await World.create({
      files: {
        '.gantry/config.toml': 'review_model = "root"\ncompact_prompt = "root"\n',
        'a/.gantry/config.toml': 'review_model = "a"\n',
      },
    });
    mkdirSync(world.at('.git'));
    core = await world.core();
    await write(`projects.${JSON.stringify(world.workspace)}.trust_level`, 'trusted');
    const { config } = await core.request('config/read', { cwd: world.at('a') });
    assert.deepEqual([config.review_model, config.compact_prompt], ['a', 'root']);
  });
});
