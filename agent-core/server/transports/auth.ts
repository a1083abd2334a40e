/** Who may connect: the token that a request shows, held against what the command line asked for. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { imported } from '../../late.ts';
import { AgentError } from '../../protocol/index.ts';
import type { AuthSettings } from './arguments.ts';

export type Refusal = { status: 401 | 403; message: string };

/** Null: the request may go on. Never rejects. */
export type Authorize = (headers: IncomingHttpHeaders) => Promise<Refusal | null>;

/** A page in somebody's browser can reach this machine too. No page is a client of ours, and all say who they are. */
export const refuseWebPage = (headers: IncomingHttpHeaders): Refusal | null =>
  headers.origin === undefined ? null : { status: 403, message: 'Requests of web pages are refused.' };

const MIN_SECRET_BYTES = 32;

const unauthorized = (message: string): Refusal => ({ status: 401, message });
const sha256 = (data: string): Buffer => createHash('sha256').update(data).digest();

/** Reads the secrets once. Throws `AgentError` that says what is wrong with them. */
export async function createAuthorize(settings: AuthSettings): Promise<Authorize> {
  const check = await createCheck(settings);
  return async (headers) => {
    const refusal = refuseWebPage(headers);
    if (refusal !== null || check === null) return refusal;
    if (headers.authorization === undefined) return unauthorized('A token is needed: Authorization: Bearer TOKEN.');
    const token = /^Bearer +(\S+) *$/i.exec(headers.authorization)?.[1];
    if (token === undefined) return unauthorized('The Authorization header must be: Bearer TOKEN.');
    return check(token);
  };
}

async function createCheck(settings: AuthSettings): Promise<((token: string) => Promise<Refusal | null>) | null> {
  if (settings.mode === 'none') return null;
  if (settings.mode === 'capabilityToken') {
    const { from } = settings;
    const wanted = 'sha256' in from ? Buffer.from(from.sha256, 'hex') : sha256(await readSecret(from.file));
    return async (token) => (timingSafeEqual(sha256(token), wanted) ? null : unauthorized('The token is wrong.'));
  }

  const { secretFile, issuer, audience, maxClockSkewSeconds } = settings;
  const secret = new TextEncoder().encode(await readSecret(secretFile));
  if (secret.length < MIN_SECRET_BYTES) {
    throw new AgentError('invalidRequest', `the secret in ${secretFile} must have ${MIN_SECRET_BYTES} bytes or more.`);
  }
  const { jwtVerify, errors } = await imported(import('jose'));
  const options = {
    algorithms: ['HS256'],
    requiredClaims: ['exp'],
    clockTolerance: maxClockSkewSeconds,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  };
  return async (token) => {
    try {
      await jwtVerify(token, secret, options);
      return null;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return unauthorized('The token has expired.');
      if (error instanceof errors.JWTClaimValidationFailed) {
        return unauthorized(`The token's claim ${JSON.stringify(error.claim)} does not fit.`);
      }
      return unauthorized('The token is not one that was signed with the shared secret (HS256).');
    }
  };
}

async function readSecret(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('invalidRequest', `${file} with the secret for --ws-auth cannot be read: ${reason}`);
  }
  if (text === '') throw new AgentError('invalidRequest', `${file} with the secret for --ws-auth is empty.`);
  return text;
}
