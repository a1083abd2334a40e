import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

describe('account', () => {
  let world: World;
  let core: CoreProcess;
  afterEach(async () => assert.deepEqual(await world.close(), []));

  const file = (): string => path.join(world.home, 'auth.json');
  const apiKey = 'scripted-key';

  it('signs in with a key, keeps it for the next process, and forgets it', async () => {
    world = await World.create({ apiKey, script: [{ text: 'one' }, { text: 'two' }] });
    core = await world.core({}, { SCRIPTED_KEY: '' });
    assert.deepEqual(await core.request('account/read', {}), {
      account: null,
      userId: null,
      requiresOpenaiAuth: false,
    });
    assert.deepEqual(await core.request('account/login/start', { type: 'apiKey', apiKey }), { type: 'apiKey' });
    const completed = await core.waitFor('account/login/completed');
    assert.deepEqual(completed, { loginId: null, success: true, error: null, onboardingEntrypoint: null });
    assert.deepEqual(await core.waitFor('account/updated'), { authMode: 'apikey', planType: null });
    assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')), { version: 1, keys: { scripted: apiKey } });
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    assert.equal((await core.turn(thread.id, 'hi')).status, 'completed');
    await core.stop();

    core = await world.core({}, { SCRIPTED_KEY: '' });
    assert.deepEqual((await core.request('account/read', {})).account, { type: 'apiKey' });
    const again = await core.request('thread/start', { cwd: world.workspace });
    assert.equal((await core.turn(again.thread.id, 'hi')).status, 'completed');
    assert.deepEqual(await core.request('account/logout', undefined), {});
    assert.deepEqual(await core.waitFor('account/updated'), { authMode: null, planType: null });
    assert.equal(existsSync(file()), false);
    assert.deepEqual((await core.request('account/read', {})).account, null);
  });

  it('leaves the keeping to a client that keeps secrets itself', async () => {
    world = await World.create({ apiKey });
    core = await world.core({ gantry: { secrets: true } }, { SCRIPTED_KEY: '' });
    await core.request('account/login/start', { type: 'apiKey', apiKey });
    assert.deepEqual((await core.request('account/read', {})).account, { type: 'apiKey' });
    assert.equal(existsSync(file()), false);
  });

  it('says what it cannot do', async () => {
    world = await World.create({ config: 'forced_login_method = "chatgpt"\n' });
    core = await world.core();
    assert.deepEqual(await core.request('account/login/cancel', { loginId: 'x' }), { status: 'notFound' });
    const refused: [string, unknown, RegExp][] = [
      ['account/login/start', { type: 'chatgpt' }, /needs OpenAI's cloud/],
      ['account/login/start', { type: 'apiKey', apiKey: ' ' }, /must not be empty/],
      ['account/login/start', { type: 'apiKey', apiKey }, /forced_login_method/],
      ['account/rateLimits/read', undefined, /needs OpenAI's cloud/],
    ];
    for (const [method, params, says] of refused) assert.match((await core.refusal(method, params)).message, says);
  });
});
