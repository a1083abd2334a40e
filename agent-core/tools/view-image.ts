/** `view_image`: shows the model a picture of the workspace. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { openPlainFile } from './plain-file.ts';
import { rejected, type Tool } from './tool.ts';

const NAME = 'view_image';
const MOST_BYTES = 20 * 1024 * 1024;

const argumentsSchema = z.object({ path: z.string().min(1) });

/** By what the file holds, not by its name: nothing that is no picture leaves the machine this way. */
function typeOf(bytes: Buffer): string | null {
  const begins = (...values: number[]) => values.every((value, at) => bytes[at] === value);
  if (begins(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (begins(0xff, 0xd8, 0xff)) return 'image/jpeg';
  const words = bytes.subarray(0, 12).toString('latin1');
  if (words.startsWith('GIF8')) return 'image/gif';
  return words.startsWith('RIFF') && words.slice(8) === 'WEBP' ? 'image/webp' : null;
}

export const viewImage: Tool = {
  name: NAME,
  parallel: true,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description: 'Shows you an image file (png, jpeg, gif, webp).',
    parameters: {
      type: 'object',
      properties: { path: { type: 'string' } },
      required: ['path'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const path = resolve(context.settings.cwd, parsed.value.path);
    const item = { type: 'imageView', id: context.itemId, path } as const;
    const real = context.runner.realPath(path);
    const refused = context.runner.whyNotReadable(context.settings)(real);
    if (refused !== null) return rejected(`${path} cannot be read: ${refused}.`);
    const picture = await read(real);
    if (!picture.ok) return rejected(picture.problem);
    context.items.started(item);
    context.items.completed(item);
    return { type: 'done', text: `The image ${path}:`, success: true, images: [picture.url] };
  },
};

async function read(path: string): Promise<{ ok: true; url: string } | { ok: false; problem: string }> {
  try {
    const file = await openPlainFile(path);
    if (file === null) return { ok: false, problem: `${path} is no file.` };
    try {
      const info = await file.stat();
      if (info.size > MOST_BYTES)
        return { ok: false, problem: `${path} is too large to be shown: ${info.size} bytes.` };
      const bytes = await file.readFile();
      const type = typeOf(bytes);
      if (type === null)
        return { ok: false, problem: `${path} is not an image that can be shown; png, jpeg, gif and webp can.` };
      return { ok: true, url: `data:${type};base64,${bytes.toString('base64')}` };
    } finally {
      await file.close();
    }
  } catch (error) {
    return {
      ok: false,
      problem: `${path} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
