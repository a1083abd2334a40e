/** What goes on beside the conversation, from the panel's messages to the core and back, in a real editor. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { PanelState } from '../../webview/bridge/panel-state.ts';
import { gate, type ModelServerOptions } from '../support/model-server/index.ts';
import { cleanUp, file, folder, gantry, type Parts, startModel, stateWhere, waitFor } from './support.ts';

type Script = ModelServerOptions['script'];

describe('beside the conversation', function () {
  this.timeout(60_000);
  let parts: Parts;
  let model: Awaited<ReturnType<typeof startModel>>;
  const made: string[] = [];

  before(async () => {
    parts = await gantry();
  });
  afterEach(async () => {
    await cleanUp(parts);
    parts.controller.setPlan(false);
    await parts.controller.setMode('ask');
    await model.stop();
    for (const one of made.splice(0)) await rm(one, { recursive: true, force: true });
  });

  const begin = async (script: Script, provider = ''): Promise<void> => {
    model = await startModel(parts, { script }, provider);
    await parts.controller.setMode('auto');
  };
  const ended = (turns: number) => (state: PanelState) =>
    state.thread?.turns.length === turns && state.thread.turns.every(({ status }) => status !== 'inProgress');
  const end = (turns = 1) => stateWhere(parts, `the end of turn ${turns}`, ended(turns));
  const say = async (text: string, turns = 1) => {
    await parts.controller.send(text, []);
    return end(turns);
  };
  const itemsOf = ({ thread }: PanelState, type: string) =>
    thread?.items.map(({ item }) => item).filter((item) => item.type === type) ?? [];
  const lastRequest = () => JSON.stringify(model.server.requests.at(-1)?.body);

  it('tells what fills the context, what it cost, and what exactly was sent', async () => {
    await begin([{ text: 'Fine.' }]);
    await say('How is the pelican?');
    const priced = await stateWhere(parts, 'the cost', ({ thread }) => thread?.extras.spending?.calls === 1);
    const { spending, turnSpending } = priced.thread?.extras ?? {};
    const cost = { calls: 1, unpriced: 0, inputTokens: 100, cachedTokens: 0, outputTokens: 20 };
    assert.deepEqual({ ...spending, costUsd: Number(spending?.costUsd?.toFixed(6)) }, { ...cost, costUsd: 0.0011 });
    assert.deepEqual(Object.values(turnSpending ?? {}), [spending]);

    parts.controller.handle({ type: 'readContext' });
    const known = await stateWhere(parts, 'the context', ({ thread }) => thread?.extras.context !== null);
    const parts_ = known.thread?.extras.context?.parts ?? [];
    assert.deepEqual(
      parts_.filter(({ tokens }) => tokens > 0).map(({ kind }) => kind),
      ['instructions', 'tools', 'project', 'messages'],
    );

    await vscode.commands.executeCommand('gantry.showLastPrompt');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'gantry-base');
    const text = document?.getText() ?? '';
    assert.match(text, /^# Last prompt: gpt-5\.5 \(mock\)\n/);
    assert.match(text, /\| \*\*All\*\* \| \d+ \| [\d,]+ \| [\d,]+ \|/);
    assert.match(text, /### exec_command \(function\): /);
    assert.match(text, /How is the pelican\?/);
  });

  it('sums the conversation up when /compact is typed', async () => {
    await begin([{ text: 'Fine.' }, { text: 'Summary.' }]);
    await say('one');
    parts.controller.handle({ type: 'slash', name: 'compact', argument: '' });
    const state = await end(2);
    assert.equal(itemsOf(state, 'contextCompaction').length, 1);
  });

  it('keeps messages for after the turn, and lets them be taken back', async () => {
    const held = gate();
    await begin([{ text: ['one', held] }, { text: 'two' }]);
    await parts.controller.send('first', []);
    await held.reached;
    for (const text of ['second', 'third']) {
      parts.controller.handle({ type: 'send', text, attachmentIds: [], later: true });
    }
    const waiting = await stateWhere(parts, 'two that wait', ({ thread }) => thread?.extras.waiting.length === 2);
    const [second, third] = waiting.thread?.extras.waiting ?? [];
    assert.deepEqual([second?.text, third?.text], ['second', 'third']);
    parts.controller.handle({ type: 'withdraw', turnId: third?.turnId ?? '' });
    await stateWhere(parts, 'one that waits', ({ thread }) => thread?.extras.waiting.length === 1);
    held.open();
    const state = await end(2);
    assert.deepEqual(state.thread?.extras.waiting, []);
    assert.equal(model.server.requests.length, 2);
  });

  it('runs the person’s own command, shows what runs, and stops it', async () => {
    await begin([]);
    const marker = `5${process.pid}`;
    parts.controller.handle({ type: 'shell', command: `echo mine; sleep ${marker}` });
    const running = await stateWhere(parts, 'the command', ({ thread }) => thread?.extras.terminals.length === 1);
    const [terminal] = running.thread?.extras.terminals ?? [];
    assert.match(terminal?.command ?? '', new RegExp(`sleep ${marker}`));
    assert.ok(terminal);
    const said = (state: PanelState) =>
      itemsOf(state, 'commandExecution').some(
        (item) => 'aggregatedOutput' in item && item.aggregatedOutput === 'mine\n',
      );
    await stateWhere(parts, 'its output', said);
    parts.controller.handle({ type: 'stopTerminal', itemId: terminal.itemId, processId: terminal.processId });
    const state = await end();
    const [item] = itemsOf(state, 'commandExecution');
    assert.ok(item?.type === 'commandExecution');
    assert.deepEqual([item.source, item.aggregatedOutput], ['userShell', 'mine\n']);
    await stateWhere(parts, 'nothing that runs', ({ thread }) => thread?.extras.terminals.length === 0);
  });

  it('shows a command that goes on behind the turn', async () => {
    const cmd = `echo up; sleep 6${process.pid}`;
    await begin([{ call: 'exec_command', args: { cmd, yield_time_ms: 250 } }, { text: 'It runs.' }]);
    await say('start it');
    const state = await stateWhere(parts, 'the command', ({ thread }) => thread?.extras.terminals.length === 1);
    const [terminal] = state.thread?.extras.terminals ?? [];
    const view = state.thread?.items.find(({ item }) => item.id === terminal?.itemId);
    assert.equal(view?.done, false, 'its card says that it runs');
    parts.controller.handle({ type: 'stopCommand', itemId: terminal?.itemId ?? '' });
    const ended = await stateWhere(
      parts,
      'its end',
      ({ thread }) => thread?.extras.terminals.length === 0 && thread.items.every(({ done }) => done),
    );
    const [item] = itemsOf(ended, 'commandExecution');
    assert.deepEqual(
      [item?.type === 'commandExecution' && item.status, ended.thread?.extras.stopped],
      ['failed', [item?.id]],
      'its card can say that it was stopped',
    );
  });

  it('asks the person in a card, and tells the model the answer', async () => {
    const questions = [
      { id: 'q', header: 'Color', question: 'Which?', options: [{ label: 'Red', description: 'Warm' }] },
    ];
    await begin([{ call: 'request_user_input', args: { questions } }, { text: 'Red it is.' }]);
    parts.controller.setPlan(true);
    await parts.controller.send('paint', []);
    const asked = await stateWhere(parts, 'the question', ({ thread }) => thread?.extras.questions.length === 1);
    const [question] = asked.thread?.extras.questions ?? [];
    assert.deepEqual(
      question?.questions.map(({ question: text, options }) => [text, options[0]?.label]),
      [['Which?', 'Red']],
    );
    parts.controller.handle({ type: 'answer', id: question?.id ?? '', answers: { q: ['Red'] } });
    const state = await end();
    assert.deepEqual(state.thread?.extras.questions, []);
    assert.match(lastRequest(), /Red/);
  });

  it('plans while plan mode is on, and goes back to work after it', async () => {
    await begin([{ text: '<proposed_plan>\nDo it\n</proposed_plan>' }, { text: 'Done.' }]);
    parts.controller.handle({ type: 'slash', name: 'plan', argument: '' });
    await stateWhere(parts, 'plan mode', ({ plan }) => plan);
    const planned = await say('think');
    assert.equal(itemsOf(planned, 'plan').length, 1);
    parts.controller.handle({ type: 'setPlan', plan: false });
    await stateWhere(parts, 'the end of plan mode', ({ plan }) => !plan);
    const state = await say('do it', 2);
    assert.equal(itemsOf(state, 'plan').length, 1);
  });

  it('reviews uncommitted changes by command', async () => {
    const finding = {
      title: '[P1] Wrong',
      body: 'Mend it.',
      code_location: { absolute_file_path: file('a.txt'), line_range: { start: 2, end: 2 } },
    };
    await begin([{ text: JSON.stringify({ findings: [finding], overall_explanation: 'Not yet.' }) }]);
    await vscode.commands.executeCommand('gantry.reviewChanges');
    const state = await end();
    const [exited] = itemsOf(state, 'exitedReviewMode');
    assert.ok(exited?.type === 'exitedReviewMode');
    assert.match(exited.review, /- \[P1\] Wrong — a\.txt:2\n {2}Mend it\.$/);
  });

  it('works towards a goal until it is cleared', async () => {
    await begin([{ text: 'Nothing to do.' }]);
    parts.controller.handle({ type: 'slash', name: 'goal', argument: 'Be green' });
    const state = await stateWhere(parts, 'the goal', ({ thread }) => Boolean(thread?.extras.goal));
    assert.equal(state.thread?.extras.goal?.objective, 'Be green');
    await end();
    parts.controller.handle({ type: 'setGoal', status: 'cleared' });
    await stateWhere(parts, 'no goal', ({ thread }) => thread?.extras.goal === null);
  });

  it('finds files and skills for the word that is typed, and names them to the model', async () => {
    await begin([{ text: 'Seen.' }]);
    parts.controller.handle({ type: 'complete', kind: 'file', query: 'greet' });
    const found = await stateWhere(parts, 'the file', ({ completion }) => (completion?.items.length ?? 0) > 0);
    const [item] = found.completion?.items ?? [];
    assert.deepEqual(item, { name: 'greet.ts', path: file('src/greet.ts'), insert: 'src/greet.ts', detail: 'src' });
    parts.controller.handle({ type: 'complete', kind: 'file', query: null });
    await stateWhere(parts, 'the end of it', ({ completion }) => completion === null);
    const mentions = [{ kind: 'file' as const, name: 'greet.ts', path: file('src/greet.ts') }];
    parts.controller.handle({ type: 'send', text: 'look at @src/greet.ts', attachmentIds: [], mentions });
    await end();
    assert.match(lastRequest(), /\[@greet\.ts\]\([^)]*src\/greet\.ts\)/);

    parts.controller.handle({ type: 'complete', kind: 'skill', query: '' });
    await stateWhere(parts, 'the skills', ({ completion }) => completion?.kind === 'skill' && !completion.searching);
    parts.controller.handle({ type: 'complete', kind: 'skill', query: null });
  });

  it('sends images, and refuses them in words to a model that is blind', async () => {
    const url = 'data:image/png;base64,iVBORw0KGgo=';
    await begin([{ text: 'Nice.' }]);
    parts.controller.handle({ type: 'addImage', name: 'a.png', url });
    const [attached] = parts.store.state.attachments;
    assert.deepEqual([attached?.kind, attached?.label], ['image', 'a.png']);
    parts.controller.handle({ type: 'send', text: 'look', attachmentIds: [attached?.id ?? ''] });
    await end();
    assert.match(lastRequest(), /iVBORw0KGgo=/);
    assert.deepEqual(parts.store.state.attachments, []);
    await cleanUp(parts);
    await model.stop();

    await begin([], '[model_providers.mock.models."gpt-5.5"]\nsupports_images = false\n');
    await stateWhere(parts, 'the blind model', ({ models }) =>
      models.some(({ supportsImages }) => supportsImages === false),
    );
    parts.controller.handle({ type: 'addImage', name: 'b.png', url });
    assert.deepEqual(parts.store.state.attachments, []);
  });

  it('brings back what was archived, and finds threads by what was said', async () => {
    await begin([{ text: 'The walrus answers.' }]);
    await say('Speak!');
    const id = parts.threads.threadId ?? '';
    parts.controller.handle({ type: 'listThreads', cursor: null, search: 'walrus' });
    const found = await stateWhere(parts, 'the thread', ({ history }) => history?.threads.length === 1);
    assert.match(found.history?.threads[0]?.snippet ?? '', /The walrus answers/);

    parts.controller.handle({ type: 'archiveThread', threadId: id });
    const archived = await stateWhere(parts, 'the undo', ({ history }) => history?.undo?.threadId === id);
    assert.deepEqual(archived.history?.threads, []);
    parts.controller.handle({ type: 'listThreads', cursor: null, search: null, archived: true });
    await stateWhere(parts, 'the archive', ({ history }) => history?.archived === true && history.threads.length > 0);
    parts.controller.handle({ type: 'unarchiveThread', threadId: id });
    await stateWhere(parts, 'an archive without it', ({ history }) => !history?.threads.some((one) => one.id === id));
    parts.controller.handle({ type: 'listThreads', cursor: null, search: null, archived: false });
    await stateWhere(parts, 'the list', ({ history }) => history?.threads.some((one) => one.id === id) ?? false);
    parts.controller.handle({ type: 'closeHistory' });
  });

  it('takes prices from the list that the setting names', async () => {
    await begin([{ text: 'a' }], '[model_providers.mock.models."gpt-5.5"]\nprice = { input = 2, output = 0 }\n');
    const list = path.join(folder(), 'prices.json');
    made.push(list);
    await writeFile(list, JSON.stringify({ 'gpt-5.5': { input: 1, output: 1 } }));
    const settings = vscode.workspace.getConfiguration('gantry');
    await settings.update('modelPrices.source', list, vscode.ConfigurationTarget.Global);
    try {
      const kept = path.join(process.env.GANTRY_HOME ?? '', 'model-prices.json');
      made.push(kept);
      await vscode.commands.executeCommand('gantry.refreshModelPrices');
      await waitFor(async () => (await vscode.workspace.fs.stat(vscode.Uri.file(kept))).size > 0, { what: 'the list' });
      await say('what do you cost?');
      const state = await stateWhere(parts, 'the cost', ({ thread }) => thread?.extras.spending?.calls === 1);
      assert.equal(state.thread?.extras.spending?.costUsd, 0.0002, 'config.toml knows better than the list');
    } finally {
      await settings.update('modelPrices.source', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
