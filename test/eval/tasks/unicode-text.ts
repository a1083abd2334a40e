import { SHORT, type Task } from '../task.ts';

/** With what an editor of text gets wrong: a joined emoji, a combining accent, a no-break space, right-to-left text. */
const LINES = [
  '{',
  '  "greeting.de": "Grüße, schöne Welt 👩‍👩‍👧",',
  '  "greeting.fr": "Bonjour le monde\u00a0!",',
  '  "cafe.composed": "caf\u00e9",',
  '  "cafe.combined": "cafe\u0301",',
  '  "greeting.he": "שלום עולם",',
  '  "greeting.ja": "こんにちは世界",',
  '  "dash": "1 – 2 — 3 − 4",',
  '  "quotes": "“a” „b“ «c»"',
  '}',
];
const BEFORE = `${LINES.join('\n')}\n`;
const AFTER = BEFORE.replace('le monde\u00a0!', 'tout le monde\u00a0!').replace('世界"', '世界 🌍"');

export const unicodeText: Task = {
  name: 'unicode-text',
  measures: 'edits text beside emoji, combining accents and no-break spaces without harming them',
  prompt:
    'In texts.json, make the French greeting "Bonjour tout le monde !" (keep the no-break space before the mark) and add a space and 🌍 to the end of the Japanese greeting. Leave every other character as it is.',
  files: { 'texts.json': BEFORE },
  limits: SHORT,
  mayChange: [/^texts\.json$/],
  check: async (work) => work.hasText('texts.json', AFTER),
  proof: {
    solution: { write: { 'texts.json': AFTER } },
    misses: {
      'accents composed': { write: { 'texts.json': AFTER.normalize('NFC') } },
      'a plain space': { write: { 'texts.json': AFTER.replace('\u00a0', ' ') } },
      'written as escapes': {
        write: {
          'texts.json': AFTER.replace(
            /[\u0080-\uffff]/g,
            (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
          ),
        },
      },
    },
  },
};
