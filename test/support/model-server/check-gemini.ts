/** Is this what the real generateContent service would take? */
import * as z from 'zod/mini';
import { type Checked, firstIssue } from './check-responses.ts';

export const FOREIGN_CALL = 'skip_thought_signature_validator';

const signature = { thoughtSignature: z.optional(z.string().check(z.minLength(1))) };
const functionCall = z.strictObject({
  id: z.optional(z.string()),
  name: z.string().check(z.regex(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/)),
  args: z.optional(z.record(z.string(), z.unknown())),
});
const functionResponse = z.strictObject({
  id: z.optional(z.string()),
  name: z.string().check(z.minLength(1)),
  response: z.record(z.string(), z.unknown()),
});
const part = z.union([
  z.strictObject({ text: z.string(), thought: z.optional(z.boolean()), ...signature }),
  z.strictObject({ functionCall, ...signature }),
  z.strictObject({ functionResponse }),
  z.strictObject({
    inlineData: z.strictObject({
      mimeType: z.string().check(z.regex(/^image\//)),
      data: z.string().check(z.regex(/^[A-Za-z0-9+/]+=*$/)),
    }),
  }),
  z.strictObject({ fileData: z.strictObject({ fileUri: z.string(), mimeType: z.optional(z.string()) }) }),
]);
const content = z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).check(z.minLength(1)) });

const schemaFields = {
  title: z.optional(z.string()),
  description: z.optional(z.string()),
  nullable: z.optional(z.boolean()),
  format: z.optional(z.string()),
  enum: z.optional(z.array(z.string().check(z.minLength(1)))),
  minItems: z.optional(z.number()),
  maxItems: z.optional(z.number()),
  minLength: z.optional(z.number()),
  maxLength: z.optional(z.number()),
  minProperties: z.optional(z.number()),
  maxProperties: z.optional(z.number()),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  pattern: z.optional(z.string()),
  default: z.optional(z.unknown()),
  required: z.optional(z.array(z.string())),
  propertyOrdering: z.optional(z.array(z.string())),
} as const;
type Schema = z.infer<z.ZodMiniObject<typeof schemaFields>> & {
  type?: string | undefined;
  items?: Schema | undefined;
  properties?: Record<string, Schema> | undefined;
  anyOf?: Schema[] | undefined;
};
const schema: z.ZodMiniType<Schema> = z.strictObject({
  type: z.optional(z.enum(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'])),
  ...schemaFields,
  items: z.optional(z.lazy(() => schema)),
  properties: z.optional(
    z.record(
      z.string(),
      z.lazy(() => schema),
    ),
  ),
  anyOf: z.optional(z.array(z.lazy(() => schema))),
});

const body = z.strictObject({
  systemInstruction: z.optional(
    z.strictObject({
      role: z.optional(z.string()),
      parts: z.array(z.strictObject({ text: z.string() })).check(z.minLength(1)),
    }),
  ),
  contents: z.array(content).check(z.minLength(1)),
  tools: z.optional(
    z.array(
      z.strictObject({
        functionDeclarations: z
          .array(
            z.strictObject({
              name: z.string().check(z.regex(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/)),
              description: z.string(),
              parameters: z.optional(schema),
            }),
          )
          .check(z.minLength(1)),
      }),
    ),
  ),
  toolConfig: z.optional(z.strictObject({ functionCallingConfig: z.looseObject({}) })),
  generationConfig: z.optional(
    z.strictObject({
      temperature: z.optional(z.number()),
      maxOutputTokens: z.optional(z.int()),
      responseMimeType: z.optional(z.literal('application/json')),
      responseJsonSchema: z.optional(z.looseObject({})),
      thinkingConfig: z.optional(
        z.strictObject({
          includeThoughts: z.optional(z.boolean()),
          thinkingBudget: z.optional(z.int()),
          thinkingLevel: z.optional(z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'])),
        }),
      ),
    }),
  ),
});

export type GeminiBody = z.infer<typeof body>;

function schemaProblem(at: string, value: Schema): string | null {
  if (value.type === 'OBJECT' && value.anyOf === undefined && Object.keys(value.properties ?? {}).length === 0) {
    return `${at}.properties: should be non-empty for OBJECT type`;
  }
  if (value.type === 'ARRAY' && !value.items) return `${at}.items: missing field`;
  if (value.enum && value.type !== 'STRING') return `${at}.enum: only allowed for STRING type`;
  if (value.format && value.type === 'STRING' && !/^(enum|date-time)$/.test(value.format)) {
    return `${at}.format: only 'enum' and 'date-time' are supported for STRING type`;
  }
  for (const key of value.required ?? []) {
    if (!value.properties || !(key in value.properties)) return `${at}.required: property ${key} is not defined`;
  }
  const inner = [...Object.entries(value.properties ?? {}), ...(value.items ? [['items', value.items] as const] : [])];
  for (const [key, each] of [...inner, ...(value.anyOf ?? []).map((each, i) => [`anyOf.${i}`, each] as const)]) {
    const problem = schemaProblem(`${at}.${key}`, each);
    if (problem) return problem;
  }
  return null;
}

/** `issued`: signatures that the server gave, with the model that they belong to. */
export function checkGemini(value: unknown, model: string, issued: ReadonlyMap<string, unknown>): Checked<GeminiBody> {
  const parsed = body.safeParse(value);
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) };
  const { contents, tools = [], generationConfig } = parsed.data;
  const refuse = (problem: string): Checked<GeminiBody> => ({ ok: false, problem });
  const isThree = /gemini-[3-9]/.test(model);
  const { thinkingBudget, thinkingLevel } = generationConfig?.thinkingConfig ?? {};
  if (thinkingBudget !== undefined && thinkingLevel !== undefined) {
    return refuse('You can only set only one of thinking budget and thinking level.');
  }
  if (thinkingLevel !== undefined && !isThree) return refuse('Thinking level is not supported for this model.');
  for (const { name, parameters } of tools.flatMap((each) => each.functionDeclarations)) {
    const problem = parameters ? schemaProblem(name, parameters) : null;
    if (problem) return refuse(problem);
  }
  if (contents[0]?.role !== 'user') return refuse('contents must begin with a user turn');
  if (contents.at(-1)?.role !== 'user') return refuse('contents must end with a user turn');
  let open: string[] = [];
  const turnStart = contents.findLastIndex(
    (each) => each.role === 'user' && !each.parts.some((one) => 'functionResponse' in one),
  );
  for (const [index, each] of contents.entries()) {
    const answers = each.parts.flatMap((one) => ('functionResponse' in one ? [one.functionResponse.name] : []));
    if (answers.length > 0 && each.role !== 'user') return refuse('function response parts belong to the user');
    if (answers.join() !== open.join()) {
      return refuse(
        `Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn (contents.${index}: [${answers}] for [${open}]).`,
      );
    }
    const calls = each.parts.filter((one) => 'functionCall' in one);
    if (calls.length > 0 && each.role !== 'model') return refuse('function call parts belong to the model');
    open = calls.map((one) => one.functionCall.name);
    for (const one of each.parts) {
      const given = 'thoughtSignature' in one ? one.thoughtSignature : undefined;
      if (given !== undefined && given !== FOREIGN_CALL && issued.get(given) !== model) {
        return refuse('Thought signature is not valid.');
      }
    }
    if (isThree && index > turnStart && calls[0] && calls[0].thoughtSignature === undefined) {
      return refuse(
        `Function call ${calls[0].functionCall.name} is missing a thought_signature in functionCall parts.`,
      );
    }
  }
  return { ok: true, body: parsed.data };
}
