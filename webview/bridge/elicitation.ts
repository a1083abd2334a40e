/** What an MCP server asks a person: a form to fill in, or a page to open. Pure; page and host judge by the same rules. */

type FieldBase = { name: string; label: string; description: string | null; required: boolean };

export type FieldView = FieldBase &
  (
    | {
        kind: 'text';
        format: 'email' | 'uri' | 'date' | 'date-time' | null;
        minLength: number | null;
        maxLength: number | null;
        initial: string;
      }
    | { kind: 'number'; whole: boolean; minimum: number | null; maximum: number | null; initial: string }
    | { kind: 'boolean'; initial: boolean }
    | { kind: 'choice'; options: { value: string; label: string }[]; initial: string }
    | {
        kind: 'choices';
        options: { value: string; label: string }[];
        minItems: number | null;
        maxItems: number | null;
        initial: string[];
      }
  );

export type ElicitationView = { id: string; turnId: string | null; server: string; message: string } & (
  | { kind: 'form'; fields: FieldView[] }
  /** `host` null: an address that is not of the web, which is not opened. */
  | { kind: 'url'; url: string; host: string | null }
);

/** What stands in a field: its text, its tick, or what is ticked of its options. */
export type FieldValue = string | boolean | string[];
export type FieldValues = Readonly<Record<string, FieldValue>>;

export type FormResult =
  | { ok: true; content: Record<string, string | number | boolean | string[]> }
  /** By the name of the field. */
  | { ok: false; problems: Record<string, string> };

/** What the server is answered; a field that is not required and empty is left out. */
export function readForm(fields: readonly FieldView[], values: FieldValues): FormResult {
  const content: [string, string | number | boolean | string[]][] = [];
  const problems: [string, string][] = [];
  for (const field of fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    const read = readField(field, value ?? field.initial);
    if ('problem' in read) problems.push([field.name, read.problem]);
    else if (read.value !== null) content.push([field.name, read.value]);
  }
  return problems.length > 0
    ? { ok: false, problems: Object.fromEntries(problems) }
    : { ok: true, content: Object.fromEntries(content) };
}

type Read = { value: string | number | boolean | string[] | null } | { problem: string };

function readField(field: FieldView, value: FieldValue): Read {
  if (field.kind === 'boolean') return { value: value === true };
  if (field.kind === 'choices') return readChoices(field, Array.isArray(value) ? value : []);
  const text = typeof value === 'string' ? value : '';
  if (field.kind !== 'text' || field.format !== null ? text.trim() === '' : text === '')
    return field.required ? { problem: field.kind === 'choice' ? 'Choose one.' : 'Fill this in.' } : { value: null };
  if (field.kind === 'choice')
    return field.options.some((option) => option.value === text) ? { value: text } : { problem: 'Choose one.' };
  return field.kind === 'number' ? readNumber(field, text) : readText(field, text);
}

function readChoices(field: Extract<FieldView, { kind: 'choices' }>, value: readonly string[]): Read {
  const chosen = field.options.map((option) => option.value).filter((option) => value.includes(option));
  if (chosen.length === 0 && !field.required) return { value: null };
  const least = Math.max(field.minItems ?? 0, field.required ? 1 : 0);
  if (chosen.length < least) return { problem: least === 1 ? 'Choose at least one.' : `Choose at least ${least}.` };
  if (field.maxItems !== null && chosen.length > field.maxItems)
    return { problem: `Choose at most ${field.maxItems}.` };
  return { value: chosen };
}

function readNumber({ whole, minimum, maximum }: Extract<FieldView, { kind: 'number' }>, text: string): Read {
  const value = Number(text.trim());
  if (!Number.isFinite(value)) return { problem: 'This must be a number.' };
  if (whole && !Number.isSafeInteger(value)) return { problem: 'This must be a whole number.' };
  if (minimum !== null && value < minimum) return { problem: `This must be ${minimum} or more.` };
  if (maximum !== null && value > maximum) return { problem: `This must be ${maximum} or less.` };
  return { value };
}

function readText({ format, minLength, maxLength }: Extract<FieldView, { kind: 'text' }>, text: string): Read {
  const length = [...text].length;
  if (minLength !== null && length < minLength) return { problem: `This must have at least ${minLength} characters.` };
  if (maxLength !== null && length > maxLength) return { problem: `This must have at most ${maxLength} characters.` };
  const wrong = format && !FORMATS[format].fits(text);
  return wrong ? { problem: FORMATS[format].problem } : { value: text };
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;

const FORMATS = {
  email: {
    fits: (text: string) => /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(text),
    problem: 'This must be an email address.',
  },
  uri: {
    fits: (text: string) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text),
    problem: 'This must be an address, as https://example.com/.',
  },
  date: { fits: isDate, problem: 'This must be a date, as 2026-01-31.' },
  'date-time': {
    fits: (text: string) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text) &&
      isDate(text.slice(0, 10)) &&
      !Number.isNaN(Date.parse(text)),
    problem: 'This must be a time, as 2026-01-31T12:00:00Z.',
  },
} as const;
