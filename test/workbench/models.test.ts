import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { panel, runCommand, useEditor, waitFor } from '../support/editor/index.ts';
import { gate, type ModelServer, startModelServer } from '../support/model-server/index.ts';
import {
  ask,
  card,
  cards,
  chooseMode,
  composer,
  decision,
  diffInFront,
  newThread,
  PANEL_OPEN,
  send,
} from './person.ts';

const NOTE = 'one\ntwo\nthree\n';
const patch = {
  freeform: 'apply_patch',
  input: '*** Begin Patch\n*** Update File: note.txt\n@@\n one\n-two\n+TWO\n three\n*** End Patch\n',
};

describe('with a model server, in a folder without Git', () => {
  let model: ModelServer;
  let home: string;
  let folder: string;

  const configFile = (): string => path.join(home, 'config.toml');
  const goodConfig = (): string =>
    [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${model.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
      'request_max_retries = 1',
      'stream_max_retries = 1',
      '',
    ].join('\n');

  const session = useEditor(async () => {
    model = await startModelServer({ script: [] });
    home = await mkdtemp(path.join(tmpdir(), 'gantry-models-home-'));
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-models-folder-'));
    await writeFile(configFile(), goodConfig());
    await writeFile(path.join(folder, 'note.txt'), NOTE);
    return { folder, env: { ...PANEL_OPEN, GANTRY_HOME: home, SCRIPTED_KEY: 'scripted-key' } };
  });
  const note = (): Promise<string> => readFile(path.join(folder, 'note.txt'), 'utf8');
  const notices = () => panel(session.page).getByRole('region', { name: 'Notices' });

  before('the panel is there', async () => {
    await composer(session.page).waitFor();
  });
  beforeEach('a new thread', async () => {
    await writeFile(path.join(folder, 'note.txt'), NOTE);
    await newThread(session.page);
  });
  afterEach('every request was in order', () => {
    assert.deepEqual(model.problems.splice(0), []);
  });
  after('remove what was made', async () => {
    await model?.close();
    for (const dir of [home, folder]) if (dir) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  it('uses the model of config.toml and shows its answer while it streams', async () => {
    const { page } = session;
    const more = gate();
    model.push({ text: ['The first words', more, ' and the **last**.'] });
    const ended = await send(page, 'Talk to me');
    await card(page, 'Gantry', 'The first words').waitFor();
    assert.equal(await panel(page).getByText('and the last').count(), 0);
    await panel(page).getByRole('button', { name: 'Stop', exact: true }).waitFor();
    more.open();
    await ended();
    await card(page, 'Gantry', 'The first words and the last.').waitFor();
    await panel(page).getByRole('button', { name: 'Model: GPT-5.5, Scripted' }).waitFor();
    assert.equal(await notices().count(), 0, 'no demo model, no complaint');
  });

  it('takes what is sent while it works to the model, in the same turn', async () => {
    const { page } = session;
    const more = gate();
    model.push({ text: ['Let me see', more, '.'] }, { text: 'In blue, then.' });
    const ended = await send(page, 'Paint it');
    await card(page, 'Gantry', 'Let me see').waitFor();
    const next = model.nextRequest();
    await composer(page).fill('but in blue');
    await composer(page).press('Enter');
    await card(page, 'You', 'but in blue').waitFor();
    const said = (await next).body.input.filter(({ role }) => role === 'user').map(({ content }) => content);
    assert.deepEqual(said.slice(-2), [
      [{ type: 'input_text', text: 'Paint it' }],
      [{ type: 'input_text', text: 'but in blue' }],
    ]);
    more.open();
    await ended();
    await card(page, 'Gantry', 'In blue, then.').waitFor();
    assert.equal(await cards(page, 'End of turn').count(), 1);
  });

  it('says what to do when the key is refused, and loses nothing', async () => {
    const { page } = session;
    const error = { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' };
    model.push({ status: 401, body: { error } });
    await ask(page, 'Are you there?');
    const failure = panel(page).getByRole('region', { name: 'Error' });
    await failure.getByText(/The key for Scripted was refused\. Set another \(in the editor with/).waitFor();
    await failure.getByRole('button', { name: 'Set API Key' }).waitFor();
    await card(page, 'You', 'Are you there?').waitFor();

    model.push({ text: 'Here I am.' });
    await ask(page, 'And now?');
    await card(page, 'Gantry', 'Here I am.').waitFor();
  });

  it('asks again when the answer breaks off, and shows only the whole one', async () => {
    const { page } = session;
    const again = gate();
    model.push([{ text: ['Half an ans'], unfinished: true }, { cut: true }], [{ hold: again }, { text: 'All of it.' }]);
    const ended = await send(page, 'Answer');
    await again.reached;
    again.open();
    await ended();
    await card(page, 'Gantry', 'All of it.').waitFor();
    assert.equal(await panel(page).getByText('Half an ans').count(), 0);
  });

  it('says so when the answer breaks off again and again, and takes the next message', async () => {
    const { page } = session;
    const broken = [{ text: ['Half'], unfinished: true }, { cut: true }] as const;
    model.push(broken, broken);
    await ask(page, 'Answer');
    const failure = panel(page).getByRole('region', { name: 'Error' });
    await failure
      .getByText(/send (it )?again/i)
      .first()
      .waitFor();
    model.push({ text: 'Better now.' });
    await ask(page, 'Once more');
    await card(page, 'Gantry', 'Better now.').waitFor();
  });

  it('writes nothing in read-only mode, neither by a command nor by an edit, and asks nobody to allow it', async () => {
    const { page } = session;
    await chooseMode(page, 'Read only');
    model.push({ call: 'exec_command', args: { cmd: 'echo x > note.txt' } }, patch, { text: 'I may not.' });
    const ended = await send(page, 'Change the note');
    await ended();
    await card(page, 'Command', 'note.txt')
      .getByText(/^exit [1-9]/)
      .waitFor();
    await card(page, 'Gantry', 'I may not.').waitFor();
    assert.match(JSON.stringify(model.requests.at(-1)?.body.input.at(-1)), /no file is edited/);
    assert.equal(await note(), NOTE);
  });

  it('writes at once in auto mode, without a question', async () => {
    const { page } = session;
    await chooseMode(page, 'Auto edit');
    model.push(patch, { text: 'Changed.' });
    await ask(page, 'Change the note');
    await card(page, 'File change', 'Edited 1 file').waitFor();
    assert.equal(await note(), NOTE.replace('two', 'TWO'));
    assert.equal(await panel(page).getByRole('group', { name: 'Decision' }).count(), 0);
  });

  it('proposes in ask mode, and takes back what is rejected on the card', async () => {
    const { page } = session;
    await chooseMode(page, 'Ask first');
    model.push(patch, { text: 'Well then.' });
    const ended = await send(page, 'Change the note');
    await diffInFront(page, 'note.txt');
    assert.equal(await note(), NOTE);
    await decision(page, 'Reject').click();
    await ended();
    assert.equal(await note(), NOTE);
    assert.match(JSON.stringify(model.requests.at(-1)?.body.input.at(-1)), /reject|declin/i);
  });

  describe('whose config.toml is wrong', () => {
    after('the right one again', () => writeFile(configFile(), goodConfig()));

    const wrong: [string, string, RegExp][] = [
      ['a value that is none of the known ones', 'model = "gpt-5.5"\nsandbox_mode = "sometimes"\n', /line 2.*expected/],
      ['what is no TOML', 'model = "gpt-5.5"\n\nmodel_provider = "scripted\n', /line 3/],
    ];
    for (const [what, text, where] of wrong) {
      it(`names file and line of ${what}`, async () => {
        const { page } = session;
        await writeFile(configFile(), text);
        await runCommand(page, 'Gantry: Restart Agent');
        const notice = notices().locator('.notice').filter({ hasText: where });
        await notice.filter({ hasText: 'config.toml' }).waitFor();
        await notice.getByRole('button', { name: 'Open config.toml' }).click();
        await page.locator('.tab.active[data-resource-name="config.toml"]').waitFor();
      });
    }

    it('works again once it is right', async () => {
      const { page } = session;
      await writeFile(configFile(), goodConfig());
      await runCommand(page, 'Gantry: Restart Agent');
      await waitFor(async () => (await notices().count()) === 0, { what: 'the notices to go' });
      model.push({ text: 'As before.' });
      await ask(page, 'Hello');
      await card(page, 'Gantry', 'As before.').waitFor();
    });
  });
});
