/** What a user sends in one turn. `text_elements` mark spans of the text by UTF-8 byte offsets. */
import * as z from 'zod/mini';
import { hasOneOf, ImageDetail, TextElement } from './common.ts';
import { lazy } from './lazy.ts';

export const UserInput = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string(), text_elements: z._default(z.array(TextElement), []) }),
    z
      .object({
        type: z.literal('image'),
        url: z.optional(z.string()),
        fileId: z.optional(z.string()),
        detail: z._default(z.nullable(ImageDetail), null),
      })
      .check(hasOneOf('url', 'fileId')),
    z.object({ type: z.literal('localImage'), path: z.string(), detail: z._default(z.nullable(ImageDetail), null) }),
    z
      .object({ type: z.literal('audio'), url: z.optional(z.string()), fileId: z.optional(z.string()) })
      .check(hasOneOf('url', 'fileId')),
    z.object({ type: z.literal('localAudio'), path: z.string() }),
    z.object({ type: z.literal('skill'), name: z.string(), path: z.string() }),
    z.object({ type: z.literal('mention'), name: z.string(), path: z.string() }),
  ]),
);
export type UserInput = z.infer<typeof UserInput>;
