/** What the user sent, as the model gets it. */
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ContentPart, HistoryItem, ModelInfo } from '../models/model-client.ts';
import type { UserInput } from '../protocol/index.ts';

const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const imageTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
};

/** One user message. What the model cannot take stands there as words, so that nothing is dropped in silence. */
export async function userMessage(input: readonly UserInput[], model: ModelInfo): Promise<HistoryItem> {
  const content: ContentPart[] = [];
  for (const part of input) content.push(await contentPart(part, model));
  return { type: 'message', role: 'user', content };
}

const text = (words: string): ContentPart => ({ type: 'text', text: words });

async function contentPart(part: UserInput, model: ModelInfo): Promise<ContentPart> {
  switch (part.type) {
    case 'text':
      return text(part.text);
    case 'mention':
      return text(`[@${part.name}](${part.path})`);
    case 'skill':
      return text(`Use the skill "${part.name}": read ${part.path} first.`);
    case 'image':
      if (model.supportsImages === false) return text('(an image, which this model cannot see)');
      return 'url' in part && typeof part.url === 'string'
        ? { type: 'image', url: part.url }
        : text('(an image that is known only by a file id)');
    case 'localImage':
      if (model.supportsImages === false) return text(`(the image ${part.path}, which this model cannot see)`);
      return localImage(part.path);
    case 'audio':
    case 'localAudio':
      return text('(a sound recording, which Gantry cannot pass on)');
  }
}

async function localImage(path: string): Promise<ContentPart> {
  const type = imageTypes[extname(path).toLowerCase()];
  if (!type) return text(`(the image ${path} is of a type that cannot be sent; png, jpeg, gif and webp can)`);
  try {
    const { size } = await stat(path);
    if (size > MAX_IMAGE_BYTES) return text(`(the image ${path} is too large to be sent: ${size} bytes)`);
    return { type: 'image', url: `data:${type};base64,${(await readFile(path)).toString('base64')}` };
  } catch (error) {
    return text(`(the image ${path} could not be read: ${error instanceof Error ? error.message : String(error)})`);
  }
}
