/** Judges each message that a core sends to one client, by what that client declared. */
import {
  allClientRequests,
  allServerNotifications,
  allServerRequests,
  type ClientRequestInput,
} from '../../agent-core/protocol/index.ts';
import { PublishedSchema } from './published-schema.ts';

export type Capabilities = NonNullable<ClientRequestInput<'initialize'>['capabilities']>;
type Message = {
  id?: string | number | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string } | undefined;
  emittedAtMs?: unknown;
};
type Row = { params?: { safeParse(value: unknown): Parsed }; result?: { safeParse(value: unknown): Parsed } };
type Parsed = { success: boolean; error?: { issues: unknown[] } };

/** Read once for all that a process checks. */
const published = once(() => new PublishedSchema());

export class LineChecker {
  readonly #methods = new Map<string | number, string>();
  #isGantry = false;
  #isExperimental = false;
  #optOut: readonly string[] = [];

  /** What the client sends, so that answers can be judged by their requests. */
  sent({ id, method, params }: Message): void {
    if (method !== undefined && id !== undefined && id !== null) this.#methods.set(id, method);
    if (method === 'initialize') this.#declare((params as { capabilities?: Capabilities } | undefined)?.capabilities);
  }

  /** Whether an answer of this id is to something that was `sent`. */
  knows(id: Message['id']): boolean {
    return id !== undefined && id !== null && this.#methods.has(id);
  }

  /** Why the message must not be sent to this client; null: it may. */
  problem(message: Message): string | null {
    const problem = message.method === undefined ? this.#inAnswer(message) : this.#inCall(message.method, message);
    return problem && `${problem}: ${JSON.stringify(message).slice(0, 400)}`;
  }

  #declare(capabilities: Capabilities | null | undefined): void {
    this.#isGantry = Boolean(capabilities?.gantry);
    this.#isExperimental = capabilities?.experimentalApi === true;
    this.#optOut = capabilities?.optOutNotificationMethods ?? [];
  }

  #inAnswer({ id, error, result }: Message): string | null {
    if (id === undefined) return 'neither a method nor an id';
    if (error) {
      return Number.isInteger(error.code) && typeof error.message === 'string' ? null : 'a broken error';
    }
    const method = id === null ? undefined : this.#methods.get(id);
    if (!method) return 'answers nothing';
    if (!this.#isGantry) return published().problem('clientRequests', method, 'result', result, this.#isExperimental);
    const table: Record<string, Row> = allClientRequests;
    return misfit(table[method]?.result?.safeParse(result));
  }

  #inCall(method: string, { id, params, emittedAtMs }: Message): string | null {
    const isRequest = id !== undefined;
    if (!isRequest && typeof emittedAtMs !== 'number') return 'no emittedAtMs';
    if (!isRequest && this.#optOut.includes(method)) return 'the client opted out of it';
    if (!this.#isGantry) {
      const name = isRequest ? 'serverRequests' : 'serverNotifications';
      return published().problem(name, method, 'params', params, this.#isExperimental);
    }
    const table: Record<string, Row> = isRequest ? allServerRequests : allServerNotifications;
    if (!Object.hasOwn(table, method)) return 'not in the tables';
    return misfit(table[method]?.params?.safeParse(params));
  }
}

const misfit = (parsed: Parsed | undefined): string | null =>
  parsed && !parsed.success ? JSON.stringify(parsed.error?.issues) : null;

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
