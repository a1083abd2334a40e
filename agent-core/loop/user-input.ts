/** What the user sent, as the model gets it. */
import { open, stat } from 'node:fs/promises';
import type { ContentPart, HistoryItem, ModelInfo } from '../models/model-client.ts';
import type { UserInput } from '../protocol/index.ts';

/** The least that all providers take together in one request. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const IMAGE_URL = /^(https?:\/\/|data:image\/)/i;

/** Items that follow the message, and what could not be given. */
type Named = { items: HistoryItem[]; problems: string[] };

/**
 * The user's message and what it names. What the model cannot get stands in the message as words, and `warn` hears the
 * reason for the user, so that nothing is dropped in silence.
 */
export async function userMessages(
  input: readonly UserInput[],
  model: ModelInfo,
  named: () => Promise<Named>,
  warn: (message: string) => void,
): Promise<HistoryItem[]> {
  const content: ContentPart[] = [];
  const refuse = (what: string, why: string): ContentPart => {
    const message = `${what} was not sent: ${why}`;
    warn(message);
    return text(`(${message})`);
  };
  for (const part of input) content.push(await contentPart(part, model, refuse));
  const { items, problems } = await named();
  for (const problem of problems) {
    warn(problem);
    content.push(text(`(${problem})`));
  }
  return [{ type: 'message', role: 'user', content }, ...items];
}

type Refuse = (what: string, why: string) => ContentPart;

const text = (words: string): ContentPart => ({ type: 'text', text: words });

const blind = ({ displayName }: ModelInfo) => `${displayName} cannot see images. Choose a model that can.`;

async function contentPart(part: UserInput, model: ModelInfo, refuse: Refuse): Promise<ContentPart> {
  switch (part.type) {
    case 'text':
      return text(part.text);
    case 'mention':
      return /^(app|plugin):\/\//.test(part.path)
        ? refuse(`@${part.name}`, "apps and plugins need OpenAI's cloud, which Gantry does not use.")
        : text(`[@${part.name}](${part.path})`);
    case 'skill':
      return text(`[$${part.name}](${part.path})`);
    case 'image':
      if (model.supportsImages === false) return refuse('An image', blind(model));
      if (part.url === undefined) return refuse('An image', "it is known only by an id in OpenAI's cloud.");
      if (!IMAGE_URL.test(part.url)) return refuse('An image', 'its address is neither https: nor data:image/.');
      if (part.url.length > MAX_IMAGE_BYTES * 1.4) return refuse('An image', tooLarge(part.url.length * 0.75));
      return { type: 'image', url: part.url };
    case 'localImage':
      if (model.supportsImages === false) return refuse(`The image ${part.path}`, blind(model));
      return localImage(part.path, refuse);
    case 'audio':
    case 'localAudio':
      return refuse('A sound recording', 'Gantry cannot pass sound on. Send its words as text.');
  }
}

const tooLarge = (bytes: number): string =>
  `it has ${(bytes / 1024 / 1024).toFixed(1)} MB, and ${MAX_IMAGE_BYTES / 1024 / 1024} MB is the most. Make it smaller.`;

/** The type by the file's first bytes: its name may be wrong. Null for what no provider takes. (pure) */
function imageType(head: Uint8Array): string | null {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  const says = (at: number, word: string) => [...word].every((char, index) => head[at + index] === char.charCodeAt(0));
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (says(0, 'GIF87a') || says(0, 'GIF89a')) return 'image/gif';
  if (says(0, 'RIFF') && says(8, 'WEBP')) return 'image/webp';
  return null;
}

async function localImage(path: string, refuse: Refuse): Promise<ContentPart> {
  const what = `The image ${path}`;
  try {
    const info = await stat(path);
    if (!info.isFile()) return refuse(what, 'it is no file.');
    if (info.size > MAX_IMAGE_BYTES) return refuse(what, tooLarge(info.size));
    const bytes = await readAtMost(path, MAX_IMAGE_BYTES + 1);
    // It may have grown meanwhile.
    if (bytes.length > MAX_IMAGE_BYTES) return refuse(what, tooLarge(bytes.length));
    const type = imageType(bytes);
    if (type === null) return refuse(what, 'it is no PNG, JPEG, GIF or WebP image. Convert it to one of these.');
    return { type: 'image', url: `data:${type};base64,${bytes.toString('base64')}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return refuse(what, code === 'ENOENT' ? 'there is no such file.' : `it could not be read (${code}).`);
  }
}

async function readAtMost(path: string, most: number): Promise<Buffer> {
  const handle = await open(path);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ end: most - 1 })) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}
