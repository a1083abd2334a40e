/** The form of an elicitation: the flat part of JSON Schema that MCP allows. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const McpElicitationStringFormat = z.enum(['email', 'uri', 'date', 'date-time']);
export type McpElicitationStringFormat = z.infer<typeof McpElicitationStringFormat>;

export const McpElicitationStringSchema = lazy(() =>
  z.strictObject({
    type: z.literal('string'),
    default: z.nullish(z.string()),
    description: z.nullish(z.string()),
    format: z.nullish(McpElicitationStringFormat),
    maxLength: z.nullish(Uint),
    minLength: z.nullish(Uint),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationStringSchema = z.infer<typeof McpElicitationStringSchema>;

export const McpElicitationNumberSchema = lazy(() =>
  z.strictObject({
    type: z.enum(['number', 'integer']),
    default: z.nullish(z.number()),
    description: z.nullish(z.string()),
    maximum: z.nullish(z.number()),
    minimum: z.nullish(z.number()),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationNumberSchema = z.infer<typeof McpElicitationNumberSchema>;

export const McpElicitationBooleanSchema = lazy(() =>
  z.strictObject({
    type: z.literal('boolean'),
    default: z.nullish(z.boolean()),
    description: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationBooleanSchema = z.infer<typeof McpElicitationBooleanSchema>;

export const McpElicitationConstOption = lazy(() => z.strictObject({ const: z.string(), title: z.string() }));
export type McpElicitationConstOption = z.infer<typeof McpElicitationConstOption>;

export const McpElicitationUntitledSingleSelectEnumSchema = lazy(() =>
  z.strictObject({
    type: z.literal('string'),
    enum: z.array(z.string()),
    default: z.nullish(z.string()),
    description: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationUntitledSingleSelectEnumSchema = z.infer<typeof McpElicitationUntitledSingleSelectEnumSchema>;

export const McpElicitationTitledSingleSelectEnumSchema = lazy(() =>
  z.strictObject({
    type: z.literal('string'),
    oneOf: z.array(McpElicitationConstOption),
    default: z.nullish(z.string()),
    description: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationTitledSingleSelectEnumSchema = z.infer<typeof McpElicitationTitledSingleSelectEnumSchema>;

export const McpElicitationSingleSelectEnumSchema = lazy(() =>
  z.union([McpElicitationUntitledSingleSelectEnumSchema, McpElicitationTitledSingleSelectEnumSchema]),
);
export type McpElicitationSingleSelectEnumSchema = z.infer<typeof McpElicitationSingleSelectEnumSchema>;

export const McpElicitationUntitledEnumItems = lazy(() =>
  z.strictObject({ type: z.literal('string'), enum: z.array(z.string()) }),
);
export type McpElicitationUntitledEnumItems = z.infer<typeof McpElicitationUntitledEnumItems>;

export const McpElicitationUntitledMultiSelectEnumSchema = lazy(() =>
  z.strictObject({
    type: z.literal('array'),
    items: McpElicitationUntitledEnumItems,
    default: z.nullish(z.array(z.string())),
    description: z.nullish(z.string()),
    maxItems: z.nullish(Uint),
    minItems: z.nullish(Uint),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationUntitledMultiSelectEnumSchema = z.infer<typeof McpElicitationUntitledMultiSelectEnumSchema>;

export const McpElicitationTitledEnumItems = lazy(() => z.strictObject({ anyOf: z.array(McpElicitationConstOption) }));
export type McpElicitationTitledEnumItems = z.infer<typeof McpElicitationTitledEnumItems>;

export const McpElicitationTitledMultiSelectEnumSchema = lazy(() =>
  z.strictObject({
    type: z.literal('array'),
    items: McpElicitationTitledEnumItems,
    default: z.nullish(z.array(z.string())),
    description: z.nullish(z.string()),
    maxItems: z.nullish(Uint),
    minItems: z.nullish(Uint),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationTitledMultiSelectEnumSchema = z.infer<typeof McpElicitationTitledMultiSelectEnumSchema>;

export const McpElicitationMultiSelectEnumSchema = lazy(() =>
  z.union([McpElicitationUntitledMultiSelectEnumSchema, McpElicitationTitledMultiSelectEnumSchema]),
);
export type McpElicitationMultiSelectEnumSchema = z.infer<typeof McpElicitationMultiSelectEnumSchema>;

/** How older MCP servers name their options. */
export const McpElicitationLegacyTitledEnumSchema = lazy(() =>
  z.strictObject({
    type: z.literal('string'),
    enum: z.array(z.string()),
    default: z.nullish(z.string()),
    description: z.nullish(z.string()),
    enumNames: z.nullish(z.array(z.string())),
    title: z.nullish(z.string()),
  }),
);
export type McpElicitationLegacyTitledEnumSchema = z.infer<typeof McpElicitationLegacyTitledEnumSchema>;

export const McpElicitationEnumSchema = lazy(() =>
  z.union([
    McpElicitationSingleSelectEnumSchema,
    McpElicitationMultiSelectEnumSchema,
    McpElicitationLegacyTitledEnumSchema,
  ]),
);
export type McpElicitationEnumSchema = z.infer<typeof McpElicitationEnumSchema>;

export const McpElicitationPrimitiveSchema = lazy(() =>
  z.union([
    McpElicitationEnumSchema,
    McpElicitationStringSchema,
    McpElicitationNumberSchema,
    McpElicitationBooleanSchema,
  ]),
);
export type McpElicitationPrimitiveSchema = z.infer<typeof McpElicitationPrimitiveSchema>;

export const McpElicitationSchema = lazy(() =>
  z.strictObject({
    type: z.literal('object'),
    properties: z.record(z.string(), McpElicitationPrimitiveSchema),
    $schema: z.nullish(z.string()),
    required: z.nullish(z.array(z.string())),
  }),
);
export type McpElicitationSchema = z.infer<typeof McpElicitationSchema>;
