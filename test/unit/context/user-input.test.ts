import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAX_IMAGE_BYTES, userMessages } from '../../../agent-core/loop/user-input.ts';
import type { HistoryItem, ModelInfo } from '../../../agent-core/models/model-client.ts';
import type { UserInput } from '../../../agent-core/protocol/index.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);
const sees = { displayName: 'Seer', supportsImages: true } as ModelInfo;
const blind = { displayName: 'Blind', supportsImages: false } as ModelInfo;
const nothing = async () => ({ items: [], problems: [] });

describe('what the user sends', () => {
  let folder: string;
  const file = (name: string, content: Buffer | string): string => {
    const at = path.join(folder, name);
    writeFileSync(at, content);
    return at;
  };
  const told = async (
    input: UserInput[],
    model = sees,
    named: () => Promise<{ items: HistoryItem[]; problems: string[] }> = nothing,
  ) => {
    const warnings: string[] = [];
    const [first, ...rest] = await userMessages(input, model, named, (message) => warnings.push(message));
    assert.ok(first?.type === 'message');
    const content = first.content.map((part) => (part.type === 'text' ? part.text : part.url));
    return { content, warnings, rest };
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gantry-input-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('sends an image by what it is, not by its name', async () => {
    const image: UserInput = { type: 'localImage', path: file('photo.jpg', PNG), detail: null };
    assert.deepEqual(await told([image]), {
      content: [`data:image/png;base64,${PNG.toString('base64')}`],
      warnings: [],
      rest: [],
    });
  });

  it('says to the model and to the user what cannot be sent, and why', async () => {
    const big = file('big.png', PNG);
    truncateSync(big, MAX_IMAGE_BYTES + 1);
    const cases: [UserInput, ModelInfo, string][] = [
      [
        { type: 'localImage', path: big, detail: null },
        sees,
        `The image ${big} was not sent: it has 20.0 MB, and 20 MB is the most. Make it smaller.`,
      ],
      [
        { type: 'localImage', path: '/none.png', detail: null },
        sees,
        'The image /none.png was not sent: there is no such file.',
      ],
      [{ type: 'localImage', path: folder, detail: null }, sees, `The image ${folder} was not sent: it is no file.`],
      [
        { type: 'localImage', path: file('x.png', '<svg/>'), detail: null },
        sees,
        `The image ${path.join(folder, 'x.png')} was not sent: it is no PNG, JPEG, GIF or WebP image. Convert it to one of these.`,
      ],
      [
        { type: 'localImage', path: big, detail: null },
        blind,
        `The image ${big} was not sent: Blind cannot see images. Choose a model that can.`,
      ],
      [
        { type: 'image', url: 'https://x.test/a.png', detail: null },
        blind,
        'An image was not sent: Blind cannot see images. Choose a model that can.',
      ],
      [
        { type: 'image', url: 'file:///etc/passwd', detail: null },
        sees,
        'An image was not sent: its address is neither https: nor data:image/.',
      ],
      [
        { type: 'image', fileId: 'f1', detail: null },
        sees,
        "An image was not sent: it is known only by an id in OpenAI's cloud.",
      ],
      [
        { type: 'localAudio', path: '/a.mp3' },
        sees,
        'A sound recording was not sent: Gantry cannot pass sound on. Send its words as text.',
      ],
      [
        { type: 'mention', name: 'drive', path: 'app://drive' },
        sees,
        "@drive was not sent: apps and plugins need OpenAI's cloud, which Gantry does not use.",
      ],
    ];
    for (const [part, model, message] of cases) {
      assert.deepEqual(await told([part], model), { content: [`(${message})`], warnings: [message], rest: [] });
    }
  });

  it('tells the path of what is mentioned, and lets what is named follow', async () => {
    const item: HistoryItem = { type: 'message', role: 'user', content: [{ type: 'text', text: '<skill>' }] };
    const input: UserInput[] = [
      { type: 'text', text: 'Look at', text_elements: [{ byteRange: { start: 0, end: 4 } }] },
      { type: 'mention', name: 'a.ts', path: '/work/a.ts' },
      { type: 'skill', name: 'tidy', path: '/s/tidy/SKILL.md' },
      { type: 'image', url: 'data:image/png;base64,AA', detail: null },
    ];
    assert.deepEqual(await told(input, sees, async () => ({ items: [item], problems: ['No such skill.'] })), {
      content: [
        'Look at',
        '[@a.ts](/work/a.ts)',
        '[$tidy](/s/tidy/SKILL.md)',
        'data:image/png;base64,AA',
        '(No such skill.)',
      ],
      warnings: ['No such skill.'],
      rest: [item],
    });
  });
});
