import assert from 'node:assert/strict';
import type { McpServerStatus, ServerRequestParams } from '../../../../agent-core/protocol/index.ts';
import {
  Elicitations,
  elicitationView,
  toolApprovalAnswer,
  toolApprovalView,
} from '../../../../extension/session/elicitations.ts';
import type { McpStartup } from '../../../../extension/session/mcp-startups.ts';
import { mcpServerViews, parseHosts, widened, wishText } from '../../../../extension/session/mcp-view.ts';
import { type FieldView, readForm } from '../../../../webview/bridge/elicitation.ts';
import type { ItemView } from '../../../../webview/bridge/panel-state.ts';

type Params = ServerRequestParams<'mcpServer/elicitation/request'>;

const form = (properties: object, required: string[] = [], more: object = {}): Params =>
  ({
    mode: 'form',
    threadId: 't',
    turnId: 'u',
    serverName: 'docs',
    message: 'Which?',
    requestedSchema: { type: 'object', properties, required },
    ...more,
  }) as Params;

const fieldsOf = (params: Params): FieldView[] => {
  const view = elicitationView('e', params);
  assert.ok(view?.kind === 'form');
  return view.fields;
};

describe('forms of MCP servers', () => {
  const fields = fieldsOf(
    form(
      {
        name: { type: 'string', title: 'Name', minLength: 2, maxLength: 4 },
        mail: { type: 'string', format: 'email' },
        day: { type: 'string', format: 'date' },
        size: { type: 'integer', minimum: 1, maximum: 3, default: 2 },
        loud: { type: 'boolean', default: true },
        one: { type: 'string', enum: ['a', 'b'], enumNames: ['A', 'B'] },
        titled: { type: 'string', oneOf: [{ const: 'x', title: 'The X' }] },
        many: { type: 'array', items: { type: 'string', enum: ['p', 'q', 'r'] }, maxItems: 2 },
      },
      ['name', 'one'],
    ),
  );

  it('become fields with names, options and what stands in them first', () => {
    assert.deepEqual(
      fields.map(({ label, kind, required, initial }) => [label, kind, required, initial]),
      [
        ['Name', 'text', true, ''],
        ['mail', 'text', false, ''],
        ['day', 'text', false, ''],
        ['size', 'number', false, '2'],
        ['loud', 'boolean', false, true],
        ['one', 'choice', true, ''],
        ['titled', 'choice', false, ''],
        ['many', 'choices', false, []],
      ],
    );
    const one = fields.find(({ name }) => name === 'one');
    assert.deepEqual(one?.kind === 'choice' && one.options, [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ]);
  });

  it('are answered in the schema’s types, without what is empty', () => {
    assert.deepEqual(readForm(fields, { name: 'Ada', one: 'b', many: ['q', 'z', 'p'] }), {
      ok: true,
      content: { name: 'Ada', size: 2, loud: true, one: 'b', many: ['p', 'q'] },
    });
  });

  it('say what is wrong with each field', () => {
    const wrong = { name: 'A', mail: 'ada', day: '2026-02-30', size: '1.5', one: 'c', many: ['p', 'q', 'r'] };
    assert.deepEqual(readForm(fields, wrong), {
      ok: false,
      problems: {
        name: 'This must have at least 2 characters.',
        mail: 'This must be an email address.',
        day: 'This must be a date, as 2026-01-31.',
        size: 'This must be a whole number.',
        one: 'Choose one.',
        many: 'Choose at most 2.',
      },
    });
    assert.deepEqual(readForm(fields, { name: '', one: '', size: 'three' }), {
      ok: false,
      problems: { name: 'Fill this in.', one: 'Choose one.', size: 'This must be a number.' },
    });
  });

  it('reach the server only when they are right, and once', async () => {
    const elicitations = new Elicitations();
    const answer = elicitations.ask(form({ size: { type: 'integer' } }, ['size']), 7);
    const [view] = elicitations.ofThread('t');
    assert.equal(elicitations.submit(view?.id ?? '', { size: 'x' }), false);
    assert.equal(elicitations.size, 1);
    assert.equal(elicitations.submit(view?.id ?? '', { size: '4' }), true);
    assert.equal(elicitations.submit(view?.id ?? '', { size: '4' }), false);
    assert.deepEqual(await answer, { action: 'accept', content: { size: 4 } });
  });

  it('are cancelled when they are taken back, with their turn, and when they cannot be shown', async () => {
    const elicitations = new Elicitations();
    const [back, turn, other] = [
      elicitations.ask(form({}), 1),
      elicitations.ask(form({}), 2),
      elicitations.ask(form({}, [], { turnId: 'v' }), 3),
    ];
    elicitations.takeBack('t', 1);
    elicitations.endTurn('t', 'u');
    const cancelled = { action: 'cancel', content: null };
    assert.deepEqual([await back, await turn], [cancelled, cancelled]);
    assert.equal(elicitations.size, 1);
    elicitations.takeBackAll();
    assert.deepEqual(await other, cancelled);
    const strange = { ...form({}), mode: 'openai/form', requestedSchema: { type: 'tree' } } as Params;
    assert.deepEqual(await elicitations.ask(strange, 4), cancelled);
  });

  it('name the host of a page, and none for what is not of the web', () => {
    const page = (url: string) => {
      const view = elicitationView('e', { ...form({}), mode: 'url', url, elicitationId: 'x' } as Params);
      return view?.kind === 'url' ? view.host : undefined;
    };
    assert.deepEqual(
      ['https://a.example:8443/x', 'https://good.example@evil.example/', 'javascript:alert(1)', 'no'].map(page),
      ['a.example:8443', 'evil.example', null, null],
    );
  });
});

describe('approvals of MCP tool calls', () => {
  const call = (id: string, tool: string, args: unknown, done = false): ItemView => ({
    turnId: 'u',
    done,
    item: { type: 'mcpToolCall', id, server: 'docs', tool, status: 'inProgress', arguments: args },
  });
  const asks = (meta: object): Params =>
    form({}, [], {
      message: 'Allow the docs MCP server to run tool "write"?',
      _meta: { codex_approval_kind: 'mcp_tool_call', ...meta },
    });

  it('find the call that they are about, and offer what the request offers', () => {
    const params = asks({ persist: ['session', 'always'], tool_title: 'Write', tool_params: { b: 1, a: 2 } });
    const items = [
      call('i0', 'write', { a: 2, b: 1 }, true),
      call('i1', 'read', { a: 2, b: 1 }),
      call('i2', 'write', { a: 2, b: 1 }),
    ];
    assert.deepEqual(toolApprovalView('approval-1', params, items), {
      id: 'approval-1',
      itemId: 'i2',
      turnId: 'u',
      kind: 'mcpTool',
      reason: null,
      command: null,
      cwd: null,
      unsandboxed: false,
      files: [],
      decisions: ['accept', 'acceptForSession', 'acceptAlways', 'decline'],
      tool: {
        server: 'docs',
        name: 'write',
        title: 'Write',
        description: null,
        message: 'Allow the docs MCP server to run tool "write"?',
        arguments: { b: 1, a: 2 },
      },
    });
  });

  it('stand for themselves where the call is not known', () => {
    const view = toolApprovalView('approval-1', asks({ persist: 'session' }), []);
    assert.deepEqual(
      [view?.itemId, view?.tool?.name, view?.decisions],
      ['approval-1', null, ['accept', 'acceptForSession', 'decline']],
    );
  });

  it('are not taken for questions of a server, nor the other way round', () => {
    assert.equal(toolApprovalView('a', form({}), []), null);
    assert.equal(toolApprovalView('a', form({}, [], { _meta: { codex_approval_kind: 'other' } }), []), null);
  });

  it('are answered as the wire has it', () => {
    assert.deepEqual(
      (['accept', 'acceptForSession', 'acceptAlways', 'decline', 'cancel'] as const).map(toolApprovalAnswer),
      [
        { action: 'accept', content: {} },
        { action: 'accept', content: {}, _meta: { persist: 'session' } },
        { action: 'accept', content: {}, _meta: { persist: 'always' } },
        { action: 'decline', content: null },
        { action: 'cancel', content: null },
      ],
    );
  });
});

describe('the view of MCP servers', () => {
  const status = (name: string, more: Partial<McpServerStatus> = {}): McpServerStatus => ({
    name,
    authStatus: 'unsupported',
    runtimeStatus: 'connected',
    resources: [],
    resourceTemplates: [],
    tools: { one: { name: 'one', inputSchema: {} } },
    ...more,
  });
  const startups: Record<string, McpStartup> = {
    dead: { status: 'failed', error: 'it ended with 2' },
    old: { status: 'failed', failureReason: 'reauthenticationRequired' },
    slow: { status: 'starting' },
  };

  it('says how each is, with a reason', () => {
    const views = mcpServerViews({
      statuses: [
        status('fine'),
        status('slow', { runtimeStatus: null, tools: {} }),
        status('dead', { runtimeStatus: null, tools: {} }),
        status('broken', { runtimeStatus: 'failed', tools: {}, toolsError: 'no program' }),
        status('web', { runtimeStatus: 'authenticationRequired', authStatus: 'notLoggedIn', tools: {} }),
        status('old', { runtimeStatus: null, authStatus: 'oAuth', tools: {} }),
      ],
      permissions: [],
      config: { mcp_servers: { off: { command: 'x', enabled: false }, fine: { command: 'y' } } },
      startup: (name) => startups[name],
    });
    assert.deepEqual(
      views.map(({ name, state, words, canSignIn, sandbox }) => [name, state, words, canSignIn, sandbox]),
      [
        ['broken', 'failed', 'failed: no program', false, null],
        ['dead', 'failed', 'failed: it ended with 2', false, null],
        ['fine', 'ready', 'ready, 1 tool', false, null],
        ['off', 'disabled', 'disabled', false, null],
        ['old', 'signIn', 'needs you to sign in', true, null],
        ['slow', 'starting', 'starting', false, null],
        ['web', 'signIn', 'needs you to sign in', true, null],
      ],
    );
  });

  it('takes the profile from the configuration, where it can be changed', () => {
    const own = { transport: 'stdio' as const, confined: true, read: ['/w'], write: [], network: false };
    const [fixed, mine] = mcpServerViews({
      statuses: [status('mine'), status('fixed')],
      permissions: [
        { ...own, name: 'mine', summary: 'No network.', fixedBecause: null },
        { ...own, name: 'fixed', summary: 'No network.', fixedBecause: 'It is the project’s.' },
      ],
      config: { mcp_servers: { mine: { command: 'x', sandbox: { write: ['.'] } }, fixed: { command: 'x' } } },
      startup: () => undefined,
    });
    assert.deepEqual([mine?.profile, mine?.sandbox], ['No network.', { write: ['.'] }]);
    assert.deepEqual([fixed?.sandbox, fixed?.fixedBecause], [null, 'It is the project’s.']);
  });

  it('adds one wish to what was allowed, and takes nothing away', () => {
    assert.deepEqual(widened({ read: ['~/n'] }, { type: 'network' }), { read: ['~/n'], network: true });
    assert.deepEqual(widened({ network: ['a.io'] }, { type: 'hosts', hosts: ['b.io', 'a.io'] }), {
      network: ['a.io', 'b.io'],
    });
    assert.deepEqual(widened({ network: true }, { type: 'hosts', hosts: ['b.io'] }), { network: true });
    assert.deepEqual(widened({ network: false, write: ['.'] }, { type: 'write', folder: '/out' }), {
      network: false,
      write: ['.', '/out'],
    });
  });

  it('names what a yes opens', () => {
    assert.deepEqual(
      [
        wishText('docs', { type: 'network' }),
        wishText('docs', { type: 'hosts', hosts: ['a.io', 'b.io'] }),
        wishText('docs', { type: 'write', folder: '/out' }),
      ].map(({ question, yes }) => [question, yes]),
      [
        ['Let docs use the network?', 'Allow Network'],
        ['Let docs reach a.io, b.io?', 'Allow Hosts'],
        ['Let docs write in /out?', 'Allow Writing'],
      ],
    );
  });

  it('reads host names as people type them', () => {
    assert.deepEqual(parseHosts('API.example.com, *.b.io'), ['api.example.com', '*.b.io']);
    assert.equal(parseHosts('https://a.io/x'), 'https://a.io/x is no host name. Leave out https:// and the path.');
    assert.equal(parseHosts(' '), 'Type at least one host, as api.example.com.');
  });
});
