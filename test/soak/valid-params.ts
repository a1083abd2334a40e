/**
 * Params that a handler takes, for every method: made from the committed schema, with values that mean something where a
 * field's name says what it is (a thread that exists, a path in the workspace, a command that ends by itself).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Random } from './random.ts';

export type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;
type Schema = { [key: string]: Json };
export type MethodRow = { method: string; params: string | null; result: string | null; gate: string | null };
type Fixture = {
  types: Record<string, Schema>;
  tables: Record<'clientRequests' | 'serverRequests' | 'clientNotifications', MethodRow[]>;
};

export function readFixture(): Fixture {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../fixtures/protocol.schema.json'), 'utf8'));
}

const REMEMBERED = 40;

/** Ids that the core gave out, newest last. */
export class Known {
  readonly #lists = new Map<string, string[]>();

  add(kind: string, id: string): void {
    const list = this.of(kind);
    if (list.includes(id)) return;
    list.push(id);
    if (list.length > REMEMBERED) list.shift();
  }

  of(kind: string): string[] {
    const list = this.#lists.get(kind) ?? [];
    this.#lists.set(kind, list);
    return list;
  }

  /** Picks up the ids in a message of the core's. */
  learn(value: unknown, threadId = '', depth = 0): void {
    if (typeof value !== 'object' || value === null || depth > 6) return;
    const fields = value as Record<string, unknown>;
    const thread = typeof fields.threadId === 'string' ? fields.threadId : threadId;
    const id = (part: unknown) => (part as { id?: unknown } | null | undefined)?.id;
    const own = id(fields.thread);
    if (typeof own === 'string') this.add('threads', own);
    const turn = id(fields.turn) ?? fields.turnId;
    if (typeof turn === 'string') this.add(`turns of ${thread}`, turn);
    const item = id(fields.item);
    if (typeof item === 'string') this.add('items', item);
    const section = id(fields.section);
    if (typeof section === 'string') this.add('sections', section);
    if (typeof fields.nextCursor === 'string') this.add('cursors', fields.nextCursor);
    if (typeof fields.checkpointId === 'string') this.add('checkpoints', fields.checkpointId);
  }
}

const COMMANDS = [['true'], ['echo', 'soak'], ['false'], ['ls', '-la'], ['printf', 'a\\0b'], ['no-such-program']];
const WORDS = ['soak', 'a', '', 'Zoë \u{1f980}', 'two words', 'x'.repeat(300), '-n', '%s', '$HOME', '\u0000', '\u2028'];
const PATHS = ['a.txt', 'b.txt', 'folder', 'folder/c.txt', 'new/deep/d.txt', '.', 'link', 'ü.txt'];
const HANDLES = ['h0', 'h1', 'h2', 'h3'];
const NOBODY = '01a202c2-dd02-7231-85a4-d413d5d0822b';
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export class ParamsMaker {
  readonly #random: Random;
  readonly #known: Known;
  readonly #workspace: string;
  readonly #types: Record<string, Schema>;
  #thread = NOBODY;

  constructor(options: { random: Random; known: Known; workspace: string; types: Record<string, Schema> }) {
    this.#random = options.random;
    this.#known = options.known;
    this.#workspace = options.workspace;
    this.#types = options.types;
  }

  /** A value of a type of the schema; undefined where none is sent. */
  make(type: string | null): Json | undefined {
    const newest = this.#known.of('threads').at(-1) ?? NOBODY;
    this.#thread = this.#random.chance(0.4) ? newest : this.#one('threads', NOBODY);
    if (type === null) return undefined;
    if (type === 'NoParams') return this.#random.pick([{}, null, undefined]);
    return this.#value({ $ref: `#/definitions/${type}` }, '', 0);
  }

  #one(kind: string, otherwise: string): string {
    const known = this.#known.of(kind);
    return known.length > 0 && this.#random.chance(0.95) ? this.#random.pick(known) : otherwise;
  }

  #path(): string {
    return path.join(this.#workspace, this.#random.pick(PATHS));
  }

  /** What the name of a field of texts asks for; null: any text will do. */
  #named(name: string): string | null {
    if (/^(threadId|beforeThreadId|excludedThreadIds)$/.test(name)) return this.#thread;
    if (name === 'expectedTurnId') return this.#known.of(`turns of ${this.#thread}`).at(-1) ?? NOBODY;
    if (/turnid$/i.test(name)) return this.#one(`turns of ${this.#thread}`, NOBODY);
    if (name === 'itemId') return this.#one('items', 'item');
    if (name === 'sectionId') return this.#one('sections', NOBODY);
    if (name === 'id') return this.#one('checkpoints', 'id');
    if (name === 'cursor') return this.#one('cursors', 'cursor');
    if (/^(path|sourcePath|destinationPath|savePath|extraLogFiles|paths|overwrite)$/.test(name)) return this.#path();
    if (/^(cwds?|roots|extraRoots|writableRoots|runtimeWorkspaceRoots)$/.test(name)) return this.#workspace;
    if (name === 'command') return this.#random.pick(COMMANDS).join(' ');
    if (/^(processId|processHandle|watchId|sessionId|cancellationToken)$/.test(name)) return this.#random.pick(HANDLES);
    if (/base64$/i.test(name)) return Buffer.from(this.#random.pick(WORDS)).toString('base64');
    if (name === 'model') return 'gpt-5.5';
    if (/^(modelProvider|provider|providerId)$/.test(name)) return 'scripted';
    if (/url$/i.test(name)) return PIXEL;
    if (name === 'keyPath') return this.#random.pick(['model', 'tools.web_search', 'features.x', 'a.b', 'profiles']);
    return null;
  }

  #value(schema: Schema, name: string, depth: number): Json {
    const random = this.#random;
    if (schema.const !== undefined) return schema.const;
    if (Array.isArray(schema.enum)) return random.pick(schema.enum);
    if (typeof schema.$ref === 'string') {
      const type = this.#types[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)];
      return type ? this.#value(type, name, depth + 1) : null;
    }
    const choices = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray) as Schema[] | undefined;
    if (choices) {
      const notNull = choices.filter((choice) => choice.type !== 'null');
      return this.#value(random.pick(random.chance(0.9) && notNull.length > 0 ? notNull : choices), name, depth + 1);
    }
    const type = Array.isArray(schema.type)
      ? (schema.type.find((one) => one !== 'null' || random.chance(0.1)) ?? 'null')
      : schema.type;
    if (type === 'string') return this.#named(name) ?? random.pick(WORDS);
    if (type === 'boolean') return random.chance(0.5);
    if (type === 'integer' || type === 'number') return random.pick([0, 1, 2, 10, 100, 2000]);
    if (type === 'null') return null;
    if (type === 'array') return this.#list(schema, name, depth);
    if (type === 'object') return this.#object(schema, depth);
    return this.#any(name);
  }

  #list(schema: Schema, name: string, depth: number): Json[] {
    if (name === 'command') return [...this.#random.pick(COMMANDS)];
    if (depth > 20) return [];
    const length = name === 'input' ? 1 : this.#random.int(3);
    return Array.from({ length }, () => this.#value((schema.items ?? {}) as Schema, name, depth + 1));
  }

  #object(schema: Schema, depth: number): Json {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const made: Record<string, Json> = {};
    for (const [key, part] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
      const isWanted = required.includes(key) || (depth < 20 && this.#random.chance(0.2));
      if (isWanted) made[key] = this.#value(part, key, depth + 1);
    }
    const more = schema.additionalProperties;
    if (typeof more === 'object' && more !== null && this.#random.chance(0.5)) {
      made[this.#random.pick(['a', 'SOAK', 'model'])] = this.#value(more as Schema, '', depth + 1);
    }
    return made;
  }

  /** Where the schema takes anything. */
  #any(name: string): Json {
    if (name === 'outputSchema') return { type: 'object', properties: {}, additionalProperties: false };
    if (name === 'items') return { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'injected' }] };
    return this.#random.pick<Json>([null, 1, 'text', true, [], {}, { a: [1, { b: null }] }, 'gpt-5.5']);
  }
}
