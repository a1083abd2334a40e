/** Valid messages in, what nobody should send out. */
import type { Random } from './random.ts';
import type { Json } from './valid-params.ts';

/** A name that must appear nowhere on the disk: only an id that was taken for a path could bring it there. */
export const ESCAPED = 'soak-escaped';
/** A file beside the home that must stay: only an id that was taken for a path could lead to it. */
export const CANARY = 'soak-canary';

const TRAVERSALS = ['../', '../../', '../../../', '../../../../../', '..\\..\\', '/', './', '....//', '%2e%2e%2f'];
const NAMES_OF_PATHS =
  /path|cwd|roots?$|dir|file|command|env|config|value|settings|source|text|image|url|items|input|output/i;

/** JSON that `JSON.stringify` would not write. */
const RAW = [
  '1e400',
  '-1e400',
  '-0',
  '1e-400',
  '9007199254740993',
  '0.1e1',
  '123456789'.repeat(40),
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u0000"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":1,"a":{"a":2}}',
  '{"":null}',
];

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  '',
  ' ',
  'x',
  '\u0000',
  '\ud800',
  '\u202e',
  [],
  {},
  [null],
  [[]],
  { type: 'x' },
  { toString: 1 },
];

const KEYS = ['__proto__', 'constructor', 'hasOwnProperty', 'type', 'id', '', 'then', 'toJSON', 'extra', 'length', '0'];

/** Keys of a whole message that do not change what must be answered. */
const MORE = ['jsonrpc', '__proto__', 'extra', 'emittedAtMs', 'trace'];

type Place = { holder: Record<string, Json> | Json[]; key: string; isPath: boolean };

export class Mutator {
  readonly #random: Random;
  #raw: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** The text of `message` with one to three things about it changed. */
  structure(message: Record<string, Json>): string {
    this.#raw = [];
    const changed = structuredClone(message);
    const count = 1 + this.#random.int(3);
    for (let time = 0; time < count; time++) this.#change(changed);
    return JSON.stringify(changed).replaceAll(/"@raw (\d+)@"/g, (_, index) => this.#raw[Number(index)] ?? '');
  }

  /** The bytes of `text` with one thing about them changed. */
  bytes(text: string): Buffer {
    const random = this.#random;
    const bytes = Buffer.from(text);
    const at = random.int(bytes.length + 1);
    const insert = (...more: number[]) => Buffer.concat([bytes.subarray(0, at), Buffer.from(more), bytes.subarray(at)]);
    switch (random.int(10)) {
      case 0:
        return bytes.subarray(0, at);
      case 1:
        return insert(0);
      case 2:
        return insert(
          ...random.pick([
            [0xff, 0xfe],
            [0xc3, 0x28],
            [0xed, 0xa0, 0x80],
            [0xf8, 0x88, 0x80],
            [0xe2, 0x82],
          ]),
        );
      case 3:
        return insert(0x0a);
      case 4:
        return insert(0x0d, 0x0a);
      case 5:
        return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
      case 6:
        return Buffer.concat([bytes, bytes]);
      case 7:
        return Buffer.concat([Buffer.from(' \t'), bytes, Buffer.from('  \r')]);
      case 8:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.int(9)))]);
      default: {
        const flipped = Buffer.from(bytes);
        if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8));
        return flipped;
      }
    }
  }

  #change(message: Record<string, Json>): void {
    const random = this.#random;
    const whole: Place = { holder: message, key: 'params', isPath: false };
    const { holder, key, isPath } = random.pick([whole, ...placesIn(message.params ?? null)]);
    const value = (holder as Record<string, Json>)[key] ?? null;
    const set = (changed: Json) => own(holder, key, changed);
    const kind = random.int(12);
    if (kind === 0) delete (holder as Record<string, Json>)[key];
    else if (kind === 2) set(this.#rawValue(random.pick(RAW)));
    else if (kind === 3) set(this.#rawValue(this.#nested()));
    else if (kind === 4) set(this.#long());
    else if (kind === 5) set([value]);
    else if (kind === 6 && !isPath)
      set(typeof value === 'string' ? value.slice(random.int(value.length + 1)) : JSON.stringify(value));
    else if (kind === 7 && !isPath) set(this.#traversal());
    else if (kind === 8 && isSmall(value)) set(Array.from({ length: random.int(300) }, () => structuredClone(value)));
    else if (kind === 1 && Array.isArray(holder)) holder.push(this.#other());
    else if (kind === 1) own(holder, holder === message ? random.pick(MORE) : random.pick(KEYS), this.#other());
    else set(this.#other());
  }

  #other(): Json {
    return structuredClone(this.#random.pick(VALUES));
  }

  #traversal(): string {
    const random = this.#random;
    const name = random.pick([ESCAPED, CANARY, `${CANARY}.jsonl`, `${ESCAPED}/a`, `${ESCAPED}\u0000.jsonl`]);
    return `${random.pick(['', '01a202c2-dd02-7231-85a4-d413d5d0822b/'])}${random.pick(TRAVERSALS)}${name}`;
  }

  /** Long, mostly not very: a megabyte takes as much time as thousands of lines. */
  #long(): string {
    const length = this.#random.pick([100, 1000, 5000, 5000, 70_000, this.#random.chance(0.02) ? 1_000_000 : 2000]);
    return this.#random.pick(['x', '\ud83e\udd80', '"', '\\', '\n', '../', '{', '\u0001']).repeat(length);
  }

  #nested(): string {
    const depth = this.#random.pick([10, 200, 255, 256, 257, 300, 1000, this.#random.chance(0.05) ? 20_000 : 500]);
    const [open, close] = this.#random.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ]) as [string, string];
    return `${open.repeat(depth)}1${close.repeat(depth)}`;
  }

  #rawValue(text: string): string {
    return `@raw ${this.#raw.push(text) - 1}@`;
  }
}

/** Sets an own property, whatever its name. */
function own(holder: Record<string, Json> | Json[], key: string, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

const isSmall = (value: Json): boolean => JSON.stringify(value).length < 200;

function placesIn(value: Json, name = ''): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const field = Array.isArray(value) ? name : key;
    return [{ holder: value, key, isPath: NAMES_OF_PATHS.test(field) }, ...placesIn(part, field)];
  });
}
