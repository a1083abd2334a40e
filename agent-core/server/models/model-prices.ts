/** The user's list of prices: fetched when it is asked for, kept in the home, and read from there at each start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { imported } from '../../late.ts';
import { MAX_PRICE_BYTES, PRICE_FILE, type PriceList, parsePrices, priceText } from '../../models/price-file.ts';
import type { Log } from '../../ports.ts';
import { AgentError, type GantryPriceRefreshResponse } from '../../protocol/index.ts';

export type ModelPrices = {
  /** What is kept now; read once. */
  current(): PriceList;
  /** Replaces it by what `source` says. Throws `AgentError` with the reason, and then nothing has changed. */
  refresh(source: string): Promise<GantryPriceRefreshResponse>;
};

export type ModelPricesOptions = {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
};

const FETCH_MS = 60_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function createModelPrices({ home, env, log }: ModelPricesOptions): ModelPrices {
  const file = path.join(home, PRICE_FILE);
  let kept: PriceList | null = null;

  const load = (): PriceList => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      return new Map();
    }
    const parsed = parsePrices(text);
    if (parsed.ok) return parsed.prices;
    log('warn', `${file} is not used: ${parsed.problem}.`);
    return new Map();
  };

  const fetched = async (url: URL): Promise<string> => {
    const [{ createNodeFetch }, { readUpTo }] = await Promise.all([
      imported(import('../../models/node-fetch.ts')),
      imported(import('../../models/bounded-body.ts')),
    ]);
    const answer = await createNodeFetch(env)(url, { signal: AbortSignal.timeout(FETCH_MS) });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return readUpTo(answer, MAX_PRICE_BYTES);
  };

  const textOf = async (source: string): Promise<string> => {
    if (path.isAbsolute(source)) return readFile(source);
    const url = URL.canParse(source) ? new URL(source) : null;
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))) return fetched(url);
    throw new Error('it is neither an absolute path nor an https: URL');
  };

  return {
    current() {
      kept ??= load();
      return kept;
    },
    async refresh(source) {
      const text = await textOf(source).catch((error: unknown) => {
        throw refused(source, error instanceof Error ? error.message : String(error));
      });
      const parsed = parsePrices(text);
      if (!parsed.ok) throw refused(source, parsed.problem);
      mkdirSync(home, { recursive: true });
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, priceText(parsed.prices), { mode: 0o600 });
      renameSync(draft, file);
      kept = parsed.prices;
      return { models: parsed.prices.size, file };
    },
  };
}

const refused = (source: string, why: string): AgentError =>
  new AgentError('invalidRequest', `The prices could not be taken from ${source}: ${why}. The ones from before hold.`);

async function readFile(source: string): Promise<string> {
  const handle = await open(source);
  try {
    const { size } = await handle.stat();
    if (size > MAX_PRICE_BYTES) throw new Error(`the file has more than ${MAX_PRICE_BYTES / 1024 / 1024} MB`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
