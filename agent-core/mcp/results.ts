/** What a server answered, in the model's terms. (pure) */
import * as z from 'zod/mini';

/** The parts of an answer; one of a kind that is not known stays as it is. */
const part = z.union([
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
  z.looseObject({ type: z.literal('audio'), data: z.string(), mimeType: z.string() }),
  z.looseObject({ type: z.literal('resource_link'), uri: z.string(), name: z.optional(z.string()) }),
  z.looseObject({
    type: z.literal('resource'),
    resource: z.looseObject({
      uri: z.string(),
      mimeType: z.optional(z.string()),
      text: z.optional(z.string()),
      blob: z.optional(z.string()),
    }),
  }),
]);

export const toolResult = z.looseObject({
  content: z._default(z.array(z.unknown()), []),
  structuredContent: z.optional(z.unknown()),
  isError: z.optional(z.boolean()),
  _meta: z.optional(z.unknown()),
});
export type ToolResult = z.infer<typeof toolResult>;

/** What models take as images. */
const IMAGE = /^image\/(png|jpeg|gif|webp)$/;
const MOST_IMAGES = 8;
/** What every provider takes of one; a conversation with a larger one in it would be refused from then on. */
const MOST_IMAGE_BYTES = 3_750_000;

const bytes = (base64: string): number => Math.floor((base64.length * 3) / 4);
const dataUrl = (mimeType: string, data: string): string => `data:${mimeType};base64,${data}`;

export type ForModel = { text: string; images: string[] };

/** `takesImages`: whether the model can look at any. */
export function forModel({ content, structuredContent }: ToolResult, takesImages: boolean): ForModel {
  const texts: string[] = [];
  const images: string[] = [];
  const addImage = (mimeType: string, data: string) => {
    const isTooLarge = bytes(data) > MOST_IMAGE_BYTES;
    if (takesImages && IMAGE.test(mimeType) && images.length < MOST_IMAGES && !isTooLarge)
      images.push(dataUrl(mimeType, data));
    else texts.push(`[${mimeType}, ${bytes(data)} bytes, ${isTooLarge ? 'too large to be shown' : 'not shown'}]`);
  };
  for (const each of content) {
    const parsed = part.safeParse(each);
    if (!parsed.success) {
      texts.push(JSON.stringify(each));
      continue;
    }
    const one = parsed.data;
    switch (one.type) {
      case 'text':
        texts.push(one.text);
        break;
      case 'image':
        addImage(one.mimeType, one.data);
        break;
      case 'audio':
        texts.push(`[${one.mimeType}, ${bytes(one.data)} bytes, not played]`);
        break;
      case 'resource_link':
        texts.push(`[resource ${one.name ? `${one.name}: ` : ''}${one.uri}; read_mcp_resource reads it]`);
        break;
      case 'resource': {
        const { uri, mimeType = 'application/octet-stream', text, blob } = one.resource;
        if (text !== undefined) texts.push(`[resource ${uri}]\n${text}`);
        else addImage(mimeType, blob ?? '');
        break;
      }
      default:
        one satisfies never;
    }
  }
  // Servers repeat structured content as text for clients that do not know it; then it need not come twice.
  if (structuredContent !== undefined && !repeats(texts, structuredContent))
    texts.push(JSON.stringify(structuredContent));
  return { text: texts.join('\n'), images };
}

function repeats(texts: readonly string[], structured: unknown): boolean {
  const wanted = JSON.stringify(structured);
  return texts.some((text) => {
    try {
      return JSON.stringify(JSON.parse(text)) === wanted;
    } catch {
      return false;
    }
  });
}
