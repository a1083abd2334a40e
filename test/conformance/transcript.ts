/** What two app servers said in the same scenario, made comparable. (pure) */
import type { Message } from '../support/core-process.ts';

/** What comes when it comes, or only with OpenAI's cloud. */
const AMBIENT =
  /^(remoteControl\/|account\/rateLimits|thread\/tokenUsage|mcpServer\/startupStatus|deprecationNotice|configWarning|warning|skills\/changed|thread\/goal\/cleared)/;
const DELTA = /(delta|Delta)$/;
/** How a command's output is cut into pieces is up to the moment. */
const OUTPUT = 'item/commandExecution/outputDelta';
/** Fields whose values are compared; all others by their type alone. */
const COMPARED = new Set(
  'status type code willRetry codexErrorInfo exitCode aggregatedOutput diff kind source command decision itemsView preview name text activeFlags'.split(
    ' ',
  ),
);

/** What is kept by thread has its id as the key. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Fields = { [key: string]: unknown };
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export type Transcript = { sequence: string[]; shapes: Set<string> };

/** `methods` are those of the client's requests by id; `hide` takes from a text what differs from run to run. */
export function transcriptOf(
  messages: readonly Message[],
  methods: ReadonlyMap<string | number, string>,
  hide: (text: string) => string,
): Transcript {
  const sequence: string[] = [];
  const shapes = new Set<string>();
  for (const message of messages) {
    if (message.method !== undefined && (AMBIENT.test(message.method) || message.method === OUTPUT)) continue;
    const label = labelOf(message, methods);
    if (!(DELTA.test(message.method ?? '') && sequence.at(-1) === label)) sequence.push(label);
    const kind = kindOf(message, methods);
    collect(message.params ?? message.result ?? message.error ?? {}, kind, shapes, hide);
  }
  return { sequence, shapes };
}

/** What is only in one of the two, in words; what came in another order too. */
export function differences(reference: Transcript, ours: Transcript): string[] {
  const missing = [...reference.sequence];
  const extra = ours.sequence.filter((label) => {
    const index = missing.indexOf(label);
    if (index >= 0) missing.splice(index, 1);
    return index < 0;
  });
  const both = (own: readonly string[], odd: readonly string[]): string[] => {
    const rest = [...odd];
    return own.filter((label) => {
      const index = rest.indexOf(label);
      if (index >= 0) rest.splice(index, 1);
      return index < 0;
    });
  };
  // Where answers and a thread's status come among the rest is a race in the reference.
  const called = (labels: string[]) =>
    labels.filter((label) => !/^(answer to|error of|thread\/status\/changed) /.test(label));
  const [there, here] = [called(both(reference.sequence, missing)), called(both(ours.sequence, extra))];
  const turned = there.findIndex((label, index) => label !== here[index]);
  const kinds = (shapes: Set<string>) => new Set([...shapes].map(kindIn));
  const [theirKinds, ourKinds] = [kinds(reference.shapes), kinds(ours.shapes)];
  return [
    ...missing.map((label) => `missing: ${label}`),
    ...extra.map((label) => `extra: ${label}`),
    ...(turned < 0 ? [] : [`order: ${there[turned]} there, ${here[turned]} here`]),
    // Of what one of them does not say at all, the sequence has told already.
    ...[...reference.shapes]
      .filter((s) => !ours.shapes.has(s) && ourKinds.has(kindIn(s)))
      .map((s) => `only there: ${s}`),
    ...[...ours.shapes]
      .filter((s) => !reference.shapes.has(s) && theirKinds.has(kindIn(s)))
      .map((s) => `only here: ${s}`),
  ];
}

const kindIn = (shape: string): string => shape.slice(0, shape.indexOf(' .'));

function kindOf({ id, method, params, error }: Message, methods: ReadonlyMap<string | number, string>): string {
  if (method === undefined) return `${error ? 'error of' : 'answer to'} ${methods.get(id ?? -1) ?? 'nothing'}`;
  const item = fieldsOf(fieldsOf(params).item);
  return item.type === undefined ? method : `${method} ${item.type}`;
}

function labelOf(message: Message, methods: ReadonlyMap<string | number, string>): string {
  const kind = kindOf(message, methods);
  if (message.error) return `${kind} ${message.error.code}`;
  const { item, turn, status } = fieldsOf(message.params);
  const state = fieldsOf(item).status ?? (kind === 'turn/completed' ? fieldsOf(turn).status : undefined);
  const flags = fieldsOf(status).activeFlags;
  const more = [state, fieldsOf(status).type, Array.isArray(flags) && flags.length > 0 ? flags.join('+') : undefined];
  return [kind, ...more.filter((part) => part !== undefined)].join(' ');
}

function collect(value: unknown, path: string, shapes: Set<string>, hide: (text: string) => string): void {
  if (Array.isArray(value)) {
    for (const part of value) collect(part, `${path}[]`, shapes, hide);
    return;
  }
  if (!isFields(value)) return;
  for (const [key, part] of Object.entries(value)) {
    const name = key.replace(UUID, 'ID');
    const place = `${path}${path.includes(' .') ? '' : ' '}.${name}`;
    const isText = typeof part === 'string' || typeof part === 'number' || part === null;
    shapes.add(COMPARED.has(key) && isText ? `${place} = ${hide(JSON.stringify(part))}` : place);
    collect(part, place, shapes, hide);
  }
}
