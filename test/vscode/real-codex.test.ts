/** A real `codex app-server`, from npm and unmodified, behind the panel, with a scripted model behind it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { PanelState } from '../../webview/bridge/panel-state.ts';
import { loadReferenceProgram } from '../conformance/reference-schema.ts';
import { gate, type ModelServer, type Script, startModelServer } from '../support/model-server/index.ts';
import {
  cleanUp,
  file,
  gantry,
  openProposals,
  type Parts,
  patch,
  stateWhere,
  textOf,
  updateFile,
  waitFor,
} from './support.ts';

const command = { call: 'exec_command', args: { cmd: 'touch made-by-codex.txt && echo made' } };

describe('a real codex app-server behind the panel', function () {
  this.timeout(60_000);
  let parts: Parts;
  let program: string;
  let home: string;
  let server: ModelServer;
  let environment: NodeJS.ProcessEnv;

  before(async function () {
    this.timeout(300_000);
    parts = await gantry();
    const root = vscode.extensions.getExtension('gantry.gantry')?.extensionPath ?? '';
    program = await loadReferenceProgram(root);
    // Codex refuses a home below the system's temporary folder.
    const cache = path.join(root, 'node_modules/.cache/conformance');
    await mkdir(cache, { recursive: true });
    home = await mkdtemp(path.join(cache, 'codex-home-'));
    environment = { ...process.env };
    Object.assign(process.env, { CODEX_HOME: home, SCRIPTED_KEY: 'scripted-key' });
    await use([process.execPath, program, 'app-server']);
  });

  after(async () => {
    for (const name of ['CODEX_HOME', 'SCRIPTED_KEY']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await use(undefined);
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    await cleanUp(parts);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  afterEach(async () => {
    await parts.reviews.store.keepAll();
    await cleanUp(parts);
    await server.close();
    await vscode.workspace.fs.delete(vscode.Uri.file(file('made-by-codex.txt'))).then(undefined, () => {});
  });

  async function use(agent: string[] | undefined): Promise<void> {
    const target = vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration('gantry').update('agent.command', agent, target);
    await parts.core.restart();
  }

  /** Codex reads its config when it starts. */
  async function begin(script: Script, more: readonly string[] = []): Promise<void> {
    // What codex sends is not ours to judge.
    server = await startModelServer({ script, strict: false });
    const config = [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      'check_for_update_on_startup = false',
      '[analytics]',
      'enabled = false',
      '[features]',
      'plugins = false',
      'apps = false',
      'remote_plugin = false',
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${server.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
      'requires_openai_auth = false',
      'supports_websockets = false',
      ...more,
    ];
    await writeFile(path.join(home, 'config.toml'), `${config.join('\n')}\n`);
    await parts.core.restart();
    await stateWhere(parts, 'codex', ({ core }) => core.status === 'ready');
    await parts.controller.setMode('ask');
  }

  const turnIs = (status: string) => (state: PanelState) => state.thread?.turns.at(-1)?.status === status;
  const asked = () => stateWhere(parts, 'the approval', ({ thread }) => (thread?.approvals.length ?? 0) > 0);
  const proposed = async () => {
    await asked();
    await waitFor(() => openProposals().join() === 'a.txt' && parts.review.pendingFiles.length === 1, {
      what: 'the diff',
    });
  };
  const itemsOf = (state: PanelState, type: string) =>
    state.thread?.items.map(({ item }) => item).filter((item) => item.type === type) ?? [];

  it('answers, and the panel says what it cannot do', async () => {
    await begin([{ text: ['Hello ', 'from codex'] }]);
    await parts.controller.send('say hello', []);
    const state = await stateWhere(parts, 'the answer', turnIs('completed'));
    const [answer] = itemsOf(state, 'agentMessage');
    assert.equal(answer?.type === 'agentMessage' && answer.text, 'Hello from codex');
    const said = state.notices.find(({ id }) => id === 'other-agent')?.text ?? '';
    assert.match(said, /takes a change whole or not at all, writes files itself/);
  });

  it('asks before an MCP tool is called, and lists its server with what codex offers', async () => {
    const program = parts.extension.asAbsolutePath('test/support/mcp/stdio.ts');
    await begin(
      [{ call: 'change', namespace: 'mcp__test', args: { what: 'it' } }, { text: 'changed' }],
      [
        '[mcp_servers.test]',
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ${JSON.stringify([program])}`,
        'env = { ELECTRON_RUN_AS_NODE = "1" }',
      ],
    );
    await parts.controller.send('change it', []);
    const [approval] = (await asked()).thread?.approvals ?? [];
    assert.deepEqual(
      [approval?.kind, approval?.tool?.server, approval?.tool?.name, approval?.tool?.arguments],
      ['mcpTool', 'test', 'change', { what: 'it' }],
    );
    await waitDecided(approval?.id, 'accept');
    const [called] = itemsOf(await stateWhere(parts, 'the end', turnIs('completed')), 'mcpToolCall');
    assert.deepEqual(called?.type === 'mcpToolCall' && [called.status, called.result?.content], [
      'completed',
      [{ type: 'text', text: 'changed it' }],
    ]);
    const [server] = (await parts.mcp.read()).servers;
    assert.deepEqual([server?.name, server?.state, server?.profile, server?.sandbox], ['test', 'ready', null, null]);
  });

  it('asks before a command, runs it after a yes, and not after a no', async () => {
    await begin([command, { text: 'made it' }, command, { text: 'did not' }]);
    await parts.controller.send('make it', []);
    const [approval] = (await asked()).thread?.approvals ?? [];
    await waitDecided(approval?.id, 'accept');
    let state = await stateWhere(parts, 'the end', turnIs('completed'));
    const [ran] = itemsOf(state, 'commandExecution');
    assert.deepEqual(ran?.type === 'commandExecution' && [ran.status, ran.exitCode, ran.aggregatedOutput], [
      'completed',
      0,
      'made\n',
    ]);
    assert.equal(await textOf('made-by-codex.txt'), '');
    await parts.controller.send('make it again', []);
    const [second] = (await asked()).thread?.approvals ?? [];
    await waitDecided(second?.id, 'decline');
    state = await stateWhere(
      parts,
      'the second end',
      (now) => now.thread?.turns.length === 2 && turnIs('completed')(now),
    );
    const declined = itemsOf(state, 'commandExecution').at(-1);
    assert.equal(declined?.type === 'commandExecution' && declined.status, 'declined');
  });

  it('proposes a patch, which is written when it is accepted and not when it is declined', async () => {
    const original = await textOf('a.txt');
    const change = (to: string) => ({ freeform: 'apply_patch', input: patch(updateFile('a.txt', 'two', to)) });
    await begin([change('TWO'), { text: 'written' }, change('2'), { text: 'not written' }]);
    try {
      await writeFile(file('a.txt'), original);
      await parts.controller.send('change it', []);
      await proposed();
      assert.equal(await textOf('a.txt'), original);
      await vscode.commands.executeCommand('gantry.rejectProposal', parts.review.pendingFiles[0]?.proposal);
      const state = await stateWhere(parts, 'the end', turnIs('completed'));
      const [declined] = itemsOf(state, 'fileChange');
      assert.equal(declined?.type === 'fileChange' && declined.status, 'declined');
      await waitFor(() => openProposals().length === 0, { what: 'the closing of the diff' });
      assert.equal(await textOf('a.txt'), original);

      await parts.controller.send('change it once more', []);
      await proposed();
      await vscode.commands.executeCommand('gantry.acceptProposal', parts.review.pendingFiles[0]?.proposal);
      await stateWhere(parts, 'the end', (now) => now.thread?.turns.length === 2 && turnIs('completed')(now));
      assert.equal(await textOf('a.txt'), original.replace('two', '2'));
      const uri = vscode.Uri.file(file('a.txt'));
      await waitFor(() => parts.reviews.store.find(uri) !== undefined, { what: 'the review' });
      assert.deepEqual(await parts.reviews.store.undoFile(uri), { type: 'done' });
      assert.equal(await textOf('a.txt'), original);
    } finally {
      await writeFile(file('a.txt'), original);
    }
  });

  describe('once it has written', () => {
    const lines = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    const names = ['one.txt', 'two.txt', 'gone.txt', 'made.txt', 'moved.txt', 'there.txt'];
    const at = (name: string) => vscode.Uri.file(file(name));
    const hunk = (from: string, to: string) => `@@\n-${from}\n+${to}`;
    const pending = () =>
      parts.reviews.store.files.map(({ uri, kind, baseline, hunks, whyNoUndo }) => [
        ...[vscode.workspace.asRelativePath(uri), kind, baseline],
        hunks.map(({ baseLines, lines: now }) => `${baseLines.join()}>${now.join()}`).join(' '),
        whyNoUndo,
      ]);
    const finished = (count = 1) =>
      stateWhere(
        parts,
        'the end of the turn',
        (state) => state.thread?.turns.length === count && turnIs('completed')(state),
      );
    const waitPending = (count: number) =>
      waitFor(() => parts.reviews.store.files.length === count, { what: `${count} files to review` });

    beforeEach(async () => {
      for (const name of ['one.txt', 'two.txt', 'moved.txt']) await writeFile(file(name), lines);
      await writeFile(file('gone.txt'), 'bee\r\n');
    });
    afterEach(async () => {
      await parts.reviews.store.keepAll();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const name of names) await rm(file(name), { force: true });
    });

    const change = patch(
      `*** Update File: one.txt\n${hunk('b', 'B')}\n${hunk('g', 'G')}`,
      `*** Update File: two.txt\n${hunk('a', 'A')}\n${hunk('h', 'H')}`,
      '*** Delete File: gone.txt',
      '*** Add File: made.txt\n+new',
      `*** Update File: moved.txt\n*** Move to: there.txt\n${hunk('d', 'D')}`,
    );
    const changed = [
      ['gone.txt', 'delete', 'bee\n', 'bee>', null],
      ['made.txt', 'add', '', '>new', null],
      ['one.txt', 'update', lines, 'b>B g>G', null],
      ['there.txt', 'rename', lines, 'd>D', null],
      ['two.txt', 'update', lines, 'a>A h>H', null],
    ];
    const sorted = () => pending().toSorted(([a], [b]) => String(a).localeCompare(String(b)));

    it('is reviewed hunk by hunk, undone exactly, and its model told with the next message', async () => {
      await begin([{ freeform: 'apply_patch', input: change }, { text: 'changed' }, { text: 'heard' }]);
      await parts.controller.setMode('auto');
      const open = (await vscode.window.showTextDocument(at('two.txt'))).document;
      await parts.controller.send('change them', []);
      await finished();
      await waitPending(5);
      assert.deepEqual(sorted(), changed);
      const { store } = parts.reviews;
      const [first, second] = store.find(at('one.txt'))?.hunks ?? [];
      assert.deepEqual(await store.undoHunk(at('one.txt'), first?.id ?? ''), { type: 'done' });
      assert.deepEqual(await store.keepHunk(at('one.txt'), second?.id ?? ''), { type: 'done' });
      assert.equal(await textOf('one.txt'), lines.replace('g', 'G'));
      assert.deepEqual(
        parts.store.state.attachments.map(({ kind, label }) => [kind, label]),
        [['review', 'What you undid in 1 file']],
      );
      for (const name of ['gone.txt', 'made.txt', 'there.txt'])
        assert.deepEqual(await store.undoFile(at(name)), { type: 'done' }, name);
      assert.deepEqual(await store.keepFile(at('two.txt')), { type: 'done' });
      assert.deepEqual(await Promise.all(['gone.txt', 'moved.txt', 'two.txt'].map(textOf)), [
        'bee\r\n',
        lines,
        lines.replace('a', 'A').replace('h', 'H'),
      ]);
      for (const name of ['made.txt', 'there.txt']) await assert.rejects(textOf(name));
      await waitFor(() => open.getText() === lines.replace('a', 'A').replace('h', 'H'), { what: 'the open file' });
      assert.deepEqual([open.isDirty, parts.reviews.store.files], [false, []]);

      await parts.controller.send('and now?', []);
      const state = await finished(2);
      const [told] = itemsOf(state, 'userMessage').slice(-1);
      const text = told?.type === 'userMessage' && told.content[0]?.type === 'text' ? told.content[0].text : '';
      assert.match(text, /^<review>\nThe user reviewed the files/);
      assert.match(text, /- one\.txt: taken back by the user\n@@.*\n a\n-B\n\+b\n/);
      for (const name of ['gone', 'made', 'moved']) assert.ok(text.includes(`${name}.txt: taken back`), text);
      assert.ok(!text.includes('two.txt'), text);
      assert.match(text, /\n<\/review>\n\nand now\?$/);
      assert.deepEqual(parts.store.state.attachments, []);
      assert.ok(JSON.stringify(server.requests.at(-1)?.body).includes('one.txt: taken back by the user'));
    });

    it('takes a change as a whole when it asks first, and what it then wrote is reviewed', async () => {
      await begin([{ freeform: 'apply_patch', input: change }, { text: 'changed' }]);
      await parts.controller.send('change them', []);
      const [approval] = (await asked()).thread?.approvals ?? [];
      await waitFor(() => parts.review.pendingFiles.length === 5, { what: 'the proposals' });
      const shown = parts.store.state.thread?.approvals.find(({ id }) => id === approval?.id);
      assert.deepEqual([shown?.asOne, shown?.files.map(({ hunks }) => hunks)], [true, Array(5).fill(undefined)]);
      const proposal = parts.review.pendingFiles.find(({ real }) => real.path.endsWith('/one.txt'));
      assert.ok(proposal);
      await parts.review.show(proposal);
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
      assert.equal(tab?.label, 'one.txt (proposed change, all 5 files or none)');
      assert.deepEqual(parts.review.hunksOf(proposal), []);
      assert.deepEqual([pending(), await textOf('one.txt')], [[], lines]);
      await vscode.commands.executeCommand('gantry.acceptProposal', proposal.proposal);
      await finished();
      await waitPending(5);
      assert.deepEqual(sorted(), changed);
      assert.deepEqual(await parts.reviews.store.undoAll(), { type: 'done' });
      assert.deepEqual(await Promise.all(['gone.txt', 'moved.txt', 'one.txt', 'two.txt'].map(textOf)), [
        'bee\r\n',
        lines,
        lines,
        lines,
      ]);
    });

    it('knows what a new file was written over, and takes two patches in one go for both', async () => {
      const over = patch(`*** Add File: two.txt\n+new`);
      const first = patch(`*** Update File: one.txt\n${hunk('b', 'B')}`);
      const second = patch(`*** Update File: one.txt\n@@\n-B\n+BB\n@@\n-g\n+G`);
      await begin([[over, first, second].map((input) => ({ freeform: 'apply_patch', input })), { text: 'changed' }]);
      await parts.controller.setMode('auto');
      await parts.controller.send('change them', []);
      await finished();
      await waitFor(() => parts.reviews.store.find(at('one.txt'))?.itemIds.length === 2, { what: 'both patches' });
      assert.deepEqual(sorted(), [
        ['one.txt', 'update', lines, 'b>BB g>G', null],
        ['two.txt', 'update', lines, 'a,b,c,d,e,f,g,h>new', null],
      ]);
      assert.deepEqual(await parts.reviews.store.undoAll(), { type: 'done' });
      assert.deepEqual(await Promise.all(['one.txt', 'two.txt'].map(textOf)), [lines, lines]);
    });

    it('does not write below unsaved text that the proposal does not know of', async () => {
      await begin([
        { freeform: 'apply_patch', input: patch(`*** Update File: one.txt\n${hunk('b', 'B')}`) },
        { text: 'changed' },
      ]);
      const editor = await vscode.window.showTextDocument(at('one.txt'));
      await editor.edit((edit) => edit.insert(new vscode.Position(4, 0), 'mine '));
      await parts.controller.send('change it', []);
      const [approval] = (await asked()).thread?.approvals ?? [];
      await waitFor(() => parts.review.pendingFiles.length === 1, { what: 'the proposal' });
      assert.equal(parts.review.pendingFiles[0]?.file.newText, lines.replace('b', 'B'));
      parts.controller.handle({ type: 'decide', approvalId: approval?.id ?? '', decision: 'accept' });
      await stateWhere(parts, 'the obstacle', ({ thread }) => thread?.approvals[0]?.blocked?.path === file('one.txt'));
      await editor.document.save();
      await waitDecided(approval?.id, 'accept');
      await finished();
      await waitPending(1);
      const mine = lines.replace('e', 'mine e');
      assert.deepEqual(pending(), [['one.txt', 'update', mine, 'b>B', null]]);
      assert.equal(await textOf('one.txt'), mine.replace('b', 'B'));
    });

    it('leaves unsaved text alone, and is reviewed when that is gone', async () => {
      await begin([
        { freeform: 'apply_patch', input: patch(`*** Update File: one.txt\n${hunk('b', 'B')}`) },
        { text: 'changed' },
      ]);
      await parts.controller.setMode('auto');
      const editor = await vscode.window.showTextDocument(at('one.txt'));
      await editor.edit((edit) => edit.insert(new vscode.Position(4, 0), 'mine '));
      await parts.controller.send('change it', []);
      await finished();
      await waitPending(1);
      const [[, , , , why] = []] = pending();
      assert.match(String(why), /unsaved text/);
      assert.deepEqual(await parts.reviews.store.undoFile(at('one.txt')), { type: 'refused', why });
      assert.equal(editor.document.getText(), lines.replace('e', 'mine e'));
      assert.equal(await textOf('one.txt'), lines.replace('b', 'B'));
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await waitFor(() => parts.reviews.store.find(at('one.txt'))?.whyNoUndo === null, { what: 'its hunks' });
      assert.deepEqual(pending(), [['one.txt', 'update', lines, 'b>B', null]]);
      assert.deepEqual(await parts.reviews.store.undoFile(at('one.txt')), { type: 'done' });
      assert.equal(editor.document.getText(), lines);
      await waitFor(() => !editor.document.isDirty, { what: 'the saved file' });
      assert.equal(await textOf('one.txt'), lines);
    });
  });

  it('is interrupted, listed and taken up again', async () => {
    const hold = gate();
    await begin([[{ text: ['half ', hold] }], { text: 'whole' }]);
    await parts.controller.send('count slowly', []);
    await hold.reached;
    await parts.threads.interrupt();
    await stateWhere(parts, 'the interrupt', turnIs('interrupted'));
    hold.open();
    const threadId = parts.threads.threadId ?? '';
    await parts.controller.send('and once more', []);
    await stateWhere(parts, 'the second turn', turnIs('completed'));
    parts.threads.newThread();
    await parts.history.list(null, null);
    const listed = parts.store.state.history?.threads.find(({ id }) => id === threadId);
    assert.equal(listed?.preview, 'count slowly');
    await parts.controller.resume(threadId);
    const state = await stateWhere(parts, 'the thread', ({ thread }) => thread?.id === threadId);
    assert.deepEqual(
      state.thread?.turns.map(({ status }) => status),
      ['interrupted', 'completed'],
    );
  });

  async function waitDecided(approvalId: string | undefined, decision: 'accept' | 'decline'): Promise<void> {
    assert.ok(approvalId);
    parts.controller.handle({ type: 'decide', approvalId, decision });
    await stateWhere(parts, 'the decision', ({ thread }) => !thread?.approvals.some(({ id }) => id === approvalId));
  }
});
