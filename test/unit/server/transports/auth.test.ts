import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import type { AuthSettings } from '../../../../agent-core/server/transports/arguments.ts';
import { createAuthorize } from '../../../../agent-core/server/transports/auth.ts';

const SECRET = 'a secret of more than thirty-two bytes';

describe('authorization', () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    const at = path.join(folder, name);
    writeFileSync(at, text);
    return at;
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gantry-auth-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The status and the message for a token, or null. */
  const ask = async (settings: AuthSettings, authorization?: string): Promise<string | null> => {
    const refusal = await (await createAuthorize(settings))(authorization === undefined ? {} : { authorization });
    return refusal && `${refusal.status} ${refusal.message}`;
  };

  it('lets everybody in but web pages where no token is asked for', async () => {
    const authorize = await createAuthorize({ mode: 'none' });
    assert.equal(await authorize({}), null);
    assert.deepEqual(await authorize({ origin: 'https://example.org' }), {
      status: 403,
      message: 'Requests of web pages are refused.',
    });
    assert.equal((await authorize({ origin: 'null' }))?.status, 403);
  });

  it('wants the capability token, given as a file or as its digest', async () => {
    const sha256 = createHash('sha256').update('sesame').digest('hex');
    for (const from of [{ file: file('token', ' sesame\n') }, { sha256 }]) {
      const settings: AuthSettings = { mode: 'capabilityToken', from };
      assert.equal(await ask(settings, 'Bearer sesame'), null);
      assert.equal(await ask(settings, 'bearer  sesame'), null);
      assert.match((await ask(settings)) ?? '', /^401 A token is needed/);
      for (const header of ['sesame', 'Basic sesame', 'Bearer', 'Bearer a b']) {
        assert.match((await ask(settings, header)) ?? '', /^401 The Authorization header must be/, header);
      }
      assert.equal(await ask(settings, 'Bearer sesame2'), '401 The token is wrong.');
    }
  });

  it('wants a token that is signed, in time and meant for it', async () => {
    const settings: AuthSettings = {
      mode: 'signedBearerToken',
      secretFile: file('secret', `${SECRET}\n`),
      issuer: 'me',
      audience: 'gantry',
      maxClockSkewSeconds: 30,
    };
    const now = Math.floor(Date.now() / 1000);
    const good = { exp: now + 600, iss: 'me', aud: ['other', 'gantry'] };
    const token = (claims: Record<string, unknown>, secret = SECRET, alg = 'HS256') =>
      new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
    const told = async (claims: Record<string, unknown>, ...rest: string[]) =>
      ask(settings, `Bearer ${await token({ ...good, ...claims }, ...rest)}`);

    assert.equal(await told({}), null);
    assert.equal(await told({ exp: now - 10 }), null);
    assert.equal(await told({ nbf: now + 10 }), null);
    assert.equal(await told({ exp: now - 60 }), '401 The token has expired.');
    assert.equal(await told({ exp: undefined }), '401 The token\'s claim "exp" does not fit.');
    assert.equal(await told({ nbf: now + 60 }), '401 The token\'s claim "nbf" does not fit.');
    assert.equal(await told({ iss: 'you' }), '401 The token\'s claim "iss" does not fit.');
    assert.equal(await told({ aud: 'other' }), '401 The token\'s claim "aud" does not fit.');
    const unsigned = '401 The token is not one that was signed with the shared secret (HS256).';
    assert.equal(await told({}, `${SECRET}!`), unsigned);
    assert.equal(await told({}, `${SECRET}${SECRET}`, 'HS512'), unsigned);
    const none = [{ alg: 'none' }, good].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    assert.equal(await ask(settings, `Bearer ${none.join('.')}.`), unsigned);
    assert.equal(await ask(settings, 'Bearer nonsense'), unsigned);
  });

  it('does not start with a secret that cannot be one', async () => {
    const signed = (secretFile: string): AuthSettings => ({
      mode: 'signedBearerToken',
      secretFile,
      issuer: null,
      audience: null,
      maxClockSkewSeconds: 30,
    });
    await assert.rejects(ask(signed(file('short', 'short'))), /must have 32 bytes or more/);
    await assert.rejects(ask(signed(file('empty', ' \n'))), /is empty/);
    await assert.rejects(ask(signed(path.join(folder, 'absent'))), /cannot be read: ENOENT/);
  });
});
