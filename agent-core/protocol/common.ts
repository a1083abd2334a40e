/** What many resources share. Schemas of objects are lazy: nothing is built before the first message that needs it. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const Uint = z.int().check(z.nonnegative());
export type Uint = z.infer<typeof Uint>;

export const RequestId = lazy(() => z.union([z.string(), z.int()]));
export type RequestId = z.infer<typeof RequestId>;

export const AbsolutePathBuf = z.string();
export type AbsolutePathBuf = z.infer<typeof AbsolutePathBuf>;

export const LegacyAppPathString = z.string();
export type LegacyAppPathString = z.infer<typeof LegacyAppPathString>;

export const ThreadId = z.string();
export type ThreadId = z.infer<typeof ThreadId>;

export const AgentPath = z.string();
export type AgentPath = z.infer<typeof AgentPath>;

/** For methods that take no params: absent, null and an empty object are all the same. */
export const NoParams = lazy(() => z.nullish(z.object({})));
export type NoParams = z.infer<typeof NoParams>;

export const ReasoningEffort = z.string().check(z.minLength(1));
export type ReasoningEffort = z.infer<typeof ReasoningEffort>;

export const ReasoningSummary = z.enum(['auto', 'concise', 'detailed', 'none']);
export type ReasoningSummary = z.infer<typeof ReasoningSummary>;

export const Personality = z.enum(['none', 'friendly', 'pragmatic']);
export type Personality = z.infer<typeof Personality>;

export const SortDirection = z.enum(['asc', 'desc']);
export type SortDirection = z.infer<typeof SortDirection>;

export const ByteRange = lazy(() => z.object({ end: Uint, start: Uint }));
export type ByteRange = z.infer<typeof ByteRange>;

export const TextElement = lazy(() => z.object({ byteRange: ByteRange, placeholder: z.nullish(z.string()) }));
export type TextElement = z.infer<typeof TextElement>;

export const TextPosition = lazy(() => z.object({ column: Uint, line: Uint }));
export type TextPosition = z.infer<typeof TextPosition>;

export const TextRange = lazy(() => z.object({ end: TextPosition, start: TextPosition }));
export type TextRange = z.infer<typeof TextRange>;

export const ImageDetail = z.enum(['auto', 'low', 'high', 'original']);
export type ImageDetail = z.infer<typeof ImageDetail>;

/** A check for objects that need one of several fields. */
export function hasOneOf<Key extends string>(...keys: Key[]) {
  return z.refine<Partial<Record<Key, unknown>>>((value) => keys.some((key) => value[key] !== undefined), {
    error: `one of ${keys.join(', ')} must be given`,
  });
}

/**
 * The type of a schema under a name of its own: `interface XSchema extends SchemaOf<typeof x> {}`. Used for the large
 * types that many others hold, so that declaration files mention them instead of repeating them.
 */
export type SchemaOf<S extends z.ZodMiniType> = z.ZodMiniType<z.output<S>, z.input<S>>;
