/**
 * The reference's own app server and the built Gantry in the same scenarios: what is said, in which order, with which
 * fields. Each difference that is meant is named with its reason; one that is named and does not occur fails too.
 */
import assert from 'node:assert/strict';
import type { Answer } from '../support/core-process.ts';
import { gate } from '../support/model-server/index.ts';
import { play, type Scenario, type Stage } from './app-servers.ts';
import { loadReferenceProgram } from './reference-schema.ts';
import { root } from './root.ts';
import { differences } from './transcript.ts';

type Case = Scenario & {
  /** The differences that are meant, by their reason. */
  meant?: Record<string, readonly string[]>;
};

const ABSENT = '01a00000-0000-7000-8000-000000000000';
const run = (cmd: string, more: Record<string, unknown> = {}) => ({ call: 'exec_command', args: { cmd, ...more } });
const edit = (...lines: string[]) => ({
  freeform: 'apply_patch',
  input: `*** Begin Patch\n${lines.join('\n')}\n*** End Patch`,
});

type Options = { approvalPolicy?: 'never' | 'untrusted' | 'on-request'; sandbox?: 'read-only' | 'workspace-write' };

async function startThread({ server, workspace }: Stage, options: Options = {}): Promise<string> {
  const { thread } = await server.request('thread/start', {
    cwd: workspace,
    approvalPolicy: 'never',
    sandbox: 'workspace-write',
    ...options,
  });
  return thread.id;
}

/** A thread with one turn. */
async function oneTurn(stage: Stage, options?: Options): Promise<string> {
  const threadId = await startThread(stage, options);
  await stage.server.turn(threadId, 'go');
  return threadId;
}

/** One turn in which every question is answered like this. */
const answered =
  (answer: Answer, options: Options = { approvalPolicy: 'untrusted' }) =>
  async (stage: Stage): Promise<void> => {
    stage.server.onRequest = () => answer;
    await oneTurn(stage, options);
  };
const decided = (decision: unknown, options?: Options) => answered({ result: { decision } }, options);

const mark = (threadId: string, expectedRevision: string | undefined, type: 'read' | 'unread') => ({
  threadId,
  expectedRevision: expectedRevision ?? '',
  operation: { type },
});

const ASKED = [run('touch made.txt && echo made'), { text: 'done' }];
const UNFINISHED = 'each item that starts is completed';
const CODES = "JSON-RPC's own codes, with what is wrong in data";
const DIFFS = 'what commands change is part of the turn’s diff';
const DIFF = 'extra: turn/diff/updated';
const WRITES = { [DIFFS]: [DIFF] };
/** How often it is told hangs on how fast the command was looked at. */
const once = (lines: readonly string[]): string[] =>
  lines.filter((line, at) => line !== DIFF || lines.indexOf(DIFF) === at);
const SHOWN = 'calls that were refused show as items';
const failedCall = ['extra: item/started dynamicToolCall inProgress', 'extra: item/completed dynamicToolCall failed'];

const cases: Record<string, Case> = {
  'before the handshake': {
    capabilities: null,
    async run({ server }) {
      await server.refusal('thread/list', {});
      await server.initialize();
      await server.refusal('initialize', { clientInfo: { name: 'x', version: '1' } });
      await server.request('thread/loaded/list', {});
    },
  },
  'requests that make no sense': {
    async run({ server, workspace }) {
      await server.refusal('no/such/method', {});
      await server.refusal('thread/start', { cwd: 5 });
      await server.refusal('thread/read', { threadId: 'no-id' });
      await server.refusal('thread/read', { threadId: ABSENT });
      await server.refusal('thread/resume', { threadId: ABSENT });
      await server.refusal('thread/archive', { threadId: ABSENT });
      await server.refusal('turn/start', { threadId: ABSENT, input: [] });
      await server.refusal('turn/interrupt', { threadId: ABSENT, turnId: ABSENT });
      await server.refusal('thread/start', { cwd: workspace, modelProvider: 'nobody' });
    },
    meant: {
      [CODES]: [
        'missing: error of no/such/method -32600',
        'missing: error of thread/start -32600',
        'extra: error of no/such/method -32601',
        'extra: error of thread/start -32602',
        'only there: error of no/such/method .code = -32600',
        'only here: error of no/such/method .code = -32601',
        'only here: error of thread/start .code = -32602',
        'only here: error of thread/start .data',
        'only here: error of thread/start .data.issues',
        'only here: error of thread/start .data.issues[].message',
        'only here: error of thread/start .data.issues[].path',
      ],
    },
  },
  'a client that did not ask for what is experimental': {
    capabilities: { optOutNotificationMethods: ['thread/started', 'no/such/notification'] },
    async run({ server, workspace }) {
      await server.refusal('collaborationMode/list', {});
      await server.refusal('thread/start', { cwd: workspace, dynamicTools: [] });
      await server.refusal('thread/resume', { threadId: ABSENT, history: [] });
      await server.request('thread/start', { cwd: workspace });
    },
  },
  'text and thoughts': {
    script: [[{ reasoning: 'hmm' }, { text: ['one ', 'two'] }], { text: 'three' }],
    async run(stage) {
      const threadId = await oneTurn(stage);
      await stage.server.turn(threadId, 'more');
    },
  },
  'commands that succeed and fail': {
    script: [run('echo out'), run('echo err >&2; exit 3'), run('true'), { text: 'done' }],
    run: async (stage) => void (await oneTurn(stage)),
  },
  'a call of no tool, and one that makes no sense': {
    script: [{ call: 'no_such_tool', args: {} }, { call: 'exec_command', args: '{not json' }, { text: 'done' }],
    run: async (stage) => void (await oneTurn(stage)),
    meant: { [SHOWN]: [...failedCall, ...failedCall] },
  },
  'a command that is accepted': { meant: WRITES, script: ASKED, run: decided('accept') },
  'a command that is accepted for the session': {
    meant: WRITES,
    script: [run('touch a'), run('touch a'), { text: 'done' }],
    run: decided('acceptForSession'),
  },
  'a command that is accepted with a rule': {
    meant: WRITES,
    script: [run('touch a b'), run('touch a b c'), { text: 'done' }],
    run: decided({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['touch', 'a'] } }),
  },
  'a command that is declined': { script: ASKED, run: decided('decline') },
  'a command whose turn is cancelled': { script: ASKED, run: decided('cancel') },
  'a command that is answered with an error': {
    script: ASKED,
    run: answered({ error: { code: -32000, message: 'no' } }),
  },
  'a command that is answered with nonsense': { script: ASKED, run: decided('perhaps') },
  'a command that wants out of the sandbox': {
    script: [run('echo out', { sandbox_permissions: 'require_escalated', justification: 'May it?' }), { text: 'done' }],
    run: decided('accept', { approvalPolicy: 'on-request' }),
  },
  'a command that may not ask to get out': {
    script: [run('echo out', { sandbox_permissions: 'require_escalated', justification: 'May it?' }), { text: 'done' }],
    run: async (stage) => void (await oneTurn(stage)),
    meant: { [SHOWN]: failedCall },
  },
  'patches that add, change and delete': {
    files: { 'a.txt': 'one\ntwo\n', 'b.txt': 'bee\n' },
    script: [
      edit('*** Add File: new.txt', '+new'),
      edit('*** Update File: a.txt', '@@', ' one', '-two', '+TWO', '*** Delete File: b.txt'),
      { text: 'done' },
    ],
    run: async (stage) => void (await oneTurn(stage)),
  },
  'a patch that is accepted': {
    files: { 'a.txt': 'one\n' },
    script: [edit('*** Update File: a.txt', '@@', '-one', '+two'), { text: 'done' }],
    run: decided('accept'),
  },
  'a patch that is declined': {
    files: { 'a.txt': 'one\n' },
    script: [edit('*** Update File: a.txt', '@@', '-one', '+two'), { text: 'done' }],
    run: decided('decline'),
  },
  'a patch that does not apply': {
    files: { 'a.txt': 'one\n' },
    script: [edit('*** Update File: a.txt', '@@', '-two', '+three'), { text: 'done' }],
    run: async (stage) => void (await oneTurn(stage)),
    meant: { [SHOWN]: failedCall },
  },
  'an answer that is interrupted': {
    get script() {
      return [[{ text: ['half ', gate()] }]];
    },
    async run(stage) {
      const { server } = stage;
      const threadId = await startThread(stage);
      const { turn } = await server.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
      await server.waitFor('item/agentMessage/delta');
      await server.refusal('turn/interrupt', { threadId, turnId: ABSENT });
      await server.request('turn/interrupt', { threadId, turnId: turn.id });
      await server.waitFor('turn/completed');
    },
    meant: { [UNFINISHED]: ['extra: item/completed agentMessage'] },
  },
  'a command that is interrupted': {
    script: [run('echo begun; sleep 60', { yield_time_ms: 30_000 })],
    async run(stage) {
      const { server } = stage;
      const threadId = await startThread(stage);
      const { turn } = await server.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
      await server.waitFor('item/started', ({ item }) => item.type === 'commandExecution');
      await server.request('turn/interrupt', { threadId, turnId: turn.id });
      await server.waitFor('turn/completed');
    },
    meant: { [UNFINISHED]: ['extra: item/completed commandExecution failed'] },
  },
  'a turn that is steered while a command runs': {
    script: [run('echo begun; sleep 1'), { text: 'done' }],
    async run(stage) {
      const { server } = stage;
      const threadId = await startThread(stage);
      const input = [{ type: 'text' as const, text: 'go' }];
      const { turn } = await server.request('turn/start', { threadId, input });
      await server.waitFor('item/started', ({ item }) => item.type === 'commandExecution');
      await server.refusal('turn/steer', { threadId, expectedTurnId: ABSENT, input });
      await server.refusal('turn/steer', { threadId, expectedTurnId: turn.id, input: [] });
      await server.request('turn/steer', { threadId, expectedTurnId: turn.id, input });
      await server.waitFor('turn/completed');
      await server.refusal('turn/steer', { threadId, expectedTurnId: turn.id, input });
    },
  },
  'threads through a restart': {
    script: [{ text: 'one' }, run('echo hi'), { text: 'two' }, { text: 'three' }, { text: 'four' }],
    async run(stage) {
      let { server } = stage;
      const threadId = await oneTurn(stage);
      const { id: turnId } = await server.turn(threadId, 'second');
      await server.request('thread/name/set', { threadId, name: 'A name' });
      await server.request('thread/list', {});
      await server.request('thread/turns/list', { threadId, limit: 1 });
      await server.request('thread/items/list', { threadId });
      server = await stage.restart();
      await server.request('thread/loaded/list', {});
      await server.refusal('turn/start', { threadId, input: [{ type: 'text', text: 'not loaded' }] });
      await server.request('thread/resume', { threadId, approvalPolicy: 'never', sandbox: 'workspace-write' });
      await server.turn(threadId, 'third');
      const { thread } = await server.request('thread/fork', {
        threadId,
        lastTurnId: turnId,
        approvalPolicy: 'never',
        sandbox: 'workspace-write',
      });
      await server.turn(thread.id, 'in the fork');
      await server.request('thread/archive', { threadId: thread.id });
      await server.waitFor('thread/archived');
      await server.request('thread/list', { archived: true });
      await server.request('thread/unarchive', { threadId: thread.id });
      await server.request('thread/delete', { threadId: thread.id });
      await server.waitFor('thread/deleted');
      await server.request('thread/unsubscribe', { threadId });
    },
  },
  'marks of what was read': {
    script: [{ text: 'one' }, { text: 'two' }],
    async run(stage) {
      const { server } = stage;
      const early = await startThread(stage);
      await server.request('thread/read', { threadId: early });
      await server.refusal('thread/readState/update', mark(early, 'initial', 'unread'));
      const threadId = await oneTurn(stage);
      const { readState } = await server.request('thread/read', { threadId });
      await server.refusal('thread/readState/update', mark(threadId, 'another', 'read'));
      await server.request('thread/readState/update', mark(threadId, readState?.revision, 'read'));
      await server.turn(threadId, 'more');
      await server.request('thread/list', {});
      await server.refusal('thread/readState/update', mark(ABSENT, 'another', 'read'));
    },
  },
  goals: {
    script: [{ text: 'one' }],
    async run(stage) {
      const { server } = stage;
      const threadId = await oneTurn(stage);
      await server.request('thread/goal/get', { threadId });
      await server.request('thread/goal/set', { threadId, objective: 'Finish', status: 'paused' });
      await server.waitFor('thread/goal/updated');
      await server.refusal('thread/goal/set', { threadId, objective: ' ' });
      await server.refusal('thread/goal/set', { threadId, tokenBudget: 0 });
      await server.refusal('thread/goal/get', { threadId: ABSENT });
      await server.request('thread/goal/clear', { threadId });
      await server.waitFor('thread/goal/cleared');
      await server.request('thread/goal/clear', { threadId });
      await server.refusal('thread/goal/set', { threadId, status: 'paused' });
    },
  },
  'a compaction that was asked for': {
    script: [
      { text: 'one' },
      [{ text: 'What came before.' }, { newPrefix: true }],
      [{ text: 'two' }, { newPrefix: true }],
    ],
    async run(stage) {
      const { server } = stage;
      const threadId = await oneTurn(stage);
      server.mark();
      await server.request('thread/compact/start', { threadId });
      await server.waitFor('turn/completed');
      await server.turn(threadId, 'more');
      await server.refusal('thread/compact/start', { threadId: ABSENT });
    },
  },
  'a review': {
    script: [{ text: 'All is well.' }],
    async run(stage) {
      const { server } = stage;
      const threadId = await startThread(stage);
      await server.refusal('review/start', { threadId, target: { type: 'custom', instructions: '' } });
      await server.request('review/start', { threadId, target: { type: 'custom', instructions: 'Look.' } });
      await server.waitFor('turn/completed');
    },
    meant: {
      [UNFINISHED]: ['missing: item/started agentMessage', 'only there: item/started agentMessage .item.text = ""'],
      'the items of a turn come after its start': ['order: item/started enteredReviewMode there, turn/started here'],
    },
  },
  'commands of a client': {
    async run({ server, workspace: cwd }) {
      const run = (...command: string[]) => server.request('command/exec', { command, cwd });
      await run('echo', 'out');
      await run('bash', '-c', 'echo err >&2; exit 3');
      await run('bash', '-c', 'kill -9 $$');
      await server.request('command/exec', { command: ['sleep', '9'], cwd, timeoutMs: 100 });
      await server.refusal('command/exec', { command: [], cwd });
      await server.refusal('command/exec/write', { processId: 'none', deltaBase64: 'aGk=' });
      await server.refusal('command/exec/terminate', { processId: 'none' });
    },
  },
  'files of a client': {
    files: { 'a.txt': 'one' },
    async run({ server, workspace }) {
      const at = (name: string) => `${workspace}/${name}`;
      await server.request('fs/readFile', { path: at('a.txt') });
      await server.request('fs/writeFile', { path: at('b.txt'), dataBase64: 'aGk=' });
      await server.request('fs/createDirectory', { path: at('c/d') });
      await server.request('fs/copy', { sourcePath: at('c'), destinationPath: at('e'), recursive: true });
      await server.request('fs/getMetadata', { path: at('b.txt') });
      await server.request('fs/readDirectory', { path: workspace });
      await server.refusal('fs/readFile', { path: at('none') });
      await server.refusal('fs/writeFile', { path: at('none/b.txt'), dataBase64: 'aGk=' });
      await server.refusal('fs/readDirectory', { path: at('b.txt') });
      await server.refusal('fs/remove', { path: at('none'), force: false });
      await server.refusal('fs/remove', { path: at('c'), recursive: false });
      await server.request('fs/remove', { path: at('c') });
    },
  },
  'a search for files': {
    files: { 'alpha.ts': '', 'beta.ts': '' },
    async run({ server, workspace }) {
      await server.request('fuzzyFileSearch', { query: 'alp', roots: [workspace] });
      await server.request('fuzzyFileSearch', { query: 'zzz', roots: [workspace] });
      await server.request('fuzzyFileSearch', { query: 'a', roots: [] });
      await server.refusal('fuzzyFileSearch/sessionStart', { sessionId: '', roots: [workspace] });
      await server.refusal('fuzzyFileSearch/sessionUpdate', { sessionId: 'none', query: 'a' });
      await server.request('fuzzyFileSearch/sessionStop', { sessionId: 'none' });
    },
  },
  'writes to the config': {
    async run({ server }) {
      const write = { mergeStrategy: 'replace' as const };
      await server.request('config/value/write', { ...write, keyPath: 'model_verbosity', value: 'low' });
      await server.refusal('config/value/write', { ...write, keyPath: 'sandbox_mode', value: 'bogus' });
      await server.refusal('config/value/write', { ...write, keyPath: '', value: 1 });
      await server.refusal('config/value/write', {
        ...write,
        keyPath: 'model',
        value: 'x',
        expectedVersion: 'sha256:0',
      });
      await server.request('config/batchWrite', { edits: [{ ...write, keyPath: 'model_verbosity', value: null }] });
    },
  },
  'a thread that is not kept': {
    script: [{ text: 'one' }],
    async run({ server, workspace }) {
      const { thread } = await server.request('thread/start', { cwd: workspace, ephemeral: true });
      const threadId = thread.id;
      await server.turn(threadId, 'go');
      await server.request('thread/read', { threadId });
      await server.refusal('thread/turns/list', { threadId });
      await server.refusal('thread/name/set', { threadId, name: 'x' });
      await server.refusal('thread/goal/set', { threadId, objective: 'x' });
      await server.refusal('thread/archive', { threadId });
      await server.refusal('thread/delete', { threadId });
    },
  },
  'a goal and a status of a thread that nobody follows': {
    script: [{ text: 'one' }, { text: 'two' }],
    async run(stage) {
      const { server } = stage;
      const threadId = await oneTurn(stage);
      await server.request('thread/unsubscribe', { threadId });
      await server.request('thread/goal/set', { threadId, objective: 'Finish', status: 'paused' });
      await server.waitFor('thread/goal/updated');
    },
  },
  'a command that is ended by a signal': {
    script: [run('kill -9 $$'), { text: 'done' }],
    run: async (stage) => void (await oneTurn(stage)),
  },
  'the end of a list': {
    async run({ server }) {
      await server.refusal('thread/list', { cursor: 'nonsense' });
      await server.refusal('model/list', { cursor: 'nonsense' });
    },
  },
};

describe('the reference and Gantry, side by side', function () {
  this.timeout(60_000);
  let program: string;
  before(async function () {
    this.timeout(300_000);
    program = await loadReferenceProgram(root);
  });

  for (const [name, { meant = {}, ...scenario }] of Object.entries(cases)) {
    it(`say the same of ${name}`, async () => {
      const reference = await play([process.execPath, program, 'app-server'], scenario);
      const ours = await play(null, scenario);
      assert.deepEqual(once(differences(reference, ours)).sort(), Object.values(meant).flat().sort());
    });
  }
});
