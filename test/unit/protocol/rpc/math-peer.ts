/** A peer of a small protocol, and its other end. */
import * as z from 'zod/mini';
import { Peer, type PeerLogEntry } from '../../../../agent-core/protocol/index.ts';

export const side = {
  handles: {
    'math/add': { params: z.object({ terms: z.array(z.number()) }), result: z.object({ sum: z.number() }) },
    'math/hang': { params: z.object({}), result: z.object({}) },
    'math/later': { params: z.object({}), result: z.object({}) },
  },
  calls: {
    'user/ask': {
      params: z.object({ question: z.string() }),
      result: z.object({ answer: z.union([z.literal('yes'), z.literal('no')]) }),
    },
  },
  hears: { 'user/typed': { params: z.object({ text: z.string() }) } },
  says: { 'math/done': { params: z.object({ count: z.int() }) } },
};

type Options = Partial<ConstructorParameters<typeof Peer<typeof side>>[0]>;

/** A peer whose other end is the test: `say` sends a message to it, `sent` is what it wrote. */
export function setUp(options: Options = {}) {
  const sent: unknown[] = [];
  const log: PeerLogEntry[] = [];
  const peer = new Peer({
    side,
    role: 'server',
    sink: {
      send(line) {
        sent.push(JSON.parse(line));
        return undefined;
      },
    },
    requests: {
      'math/add': ({ terms }) => ({ sum: terms.reduce((sum, term) => sum + term, 0) }),
      'math/hang': () => new Promise<never>(() => {}),
    },
    log: (entry) => log.push(entry),
    now: () => 1000,
    ...options,
  });
  const encoder = new TextEncoder();
  const sayLine = (line: string) => peer.receive(encoder.encode(`${line}\n`));
  return { peer, sent, log, sayLine, say: (message: unknown) => sayLine(JSON.stringify(message)) };
}

/** Lets everything that is already settled run. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
