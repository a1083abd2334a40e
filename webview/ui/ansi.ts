/** Terminal text to styled runs: colours and weights are kept, every other control sequence is dropped. */

export type Run = { text: string; className: string };

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const SEQUENCE =
  /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()][A-Za-z0-9]|[@-Z\\^_=>78])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

type Style = {
  color: string;
  background: string;
  inverse: boolean;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
};
const PLAIN: Style = {
  color: '',
  background: '',
  inverse: false,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
};

/** Runs of equal style, in order; their texts put together are the visible text. */
export function ansiRuns(text: string): Run[] {
  const runs: Run[] = [];
  let style = PLAIN;
  let from = 0;
  const clean = overwrite(text);
  const push = (part: string) => {
    const visible = part.replace(CONTROL, '');
    if (!visible) return;
    const className = classOf(style);
    const last = runs.at(-1);
    if (last?.className === className) last.text += visible;
    else runs.push({ text: visible, className });
  };
  for (const match of clean.matchAll(SEQUENCE)) {
    push(clean.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') style = restyle(style, match[1] ?? '');
  }
  push(clean.slice(from).replace(/\u001b/g, ''));
  return runs;
}

/** The visible text alone. */
export function stripAnsi(text: string): string {
  return ansiRuns(text)
    .map((run) => run.text)
    .join('');
}

/** A progress bar writes over its line with \r; what stays is the last writing. */
function overwrite(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => {
      const parts = line.split('\r');
      return parts.findLast((part) => part !== '') ?? '';
    })
    .join('\n');
}

function restyle(style: Style, codes: string): Style {
  const numbers = codes === '' ? [0] : codes.split(/[;:]/).map(Number);
  let next = style;
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i] as number;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 3) next = { ...next, italic: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next = { ...next, italic: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code === 7) next = { ...next, inverse: true };
    else if (code === 27) next = { ...next, inverse: false };
    else if (code === 39) next = { ...next, color: '' };
    else if (code === 49) next = { ...next, background: '' };
    else if (code >= 30 && code <= 37) next = { ...next, color: COLORS[code - 30] as string };
    else if (code >= 90 && code <= 97) next = { ...next, color: `bright-${COLORS[code - 90]}` };
    else if (code >= 40 && code <= 47) next = { ...next, background: COLORS[code - 40] as string };
    else if (code >= 100 && code <= 107) next = { ...next, background: `bright-${COLORS[code - 100]}` };
    else if (code === 38 || code === 48) {
      const color = numbers[i + 1] === 5 ? paletteColor(numbers[i + 2] ?? -1) : nearest(numbers.slice(i + 2, i + 5));
      if (color) next = code === 38 ? { ...next, color } : { ...next, background: color };
      i += numbers[i + 1] === 5 ? 2 : 4;
    }
  }
  return next;
}

/** One of 256: the sixteen of the theme, then a cube of six steps a side, then greys. Empty for what is none. */
function paletteColor(index: number): string {
  if (!(index >= 0 && index < 256)) return '';
  if (index < 16) return index < 8 ? (COLORS[index] as string) : `bright-${COLORS[index - 8]}`;
  if (index >= 232) return nearest(Array(3).fill(8 + (index - 232) * 10));
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return nearest([step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]);
}

/** The theme's colour that comes nearest to one of 16 million: a card has no colours but the theme's. */
function nearest(rgb: readonly number[]): string {
  if (rgb.length < 3 || rgb.some((value) => !(value >= 0 && value <= 255))) return '';
  const most = Math.max(...rgb);
  const least = Math.min(...rgb);
  if (most - least < 40)
    return most < 64 ? 'black' : most < 128 ? 'bright-black' : most < 208 ? 'white' : 'bright-white';
  const bits = rgb.reduce((sum, value, index) => sum + (value > (most + least) / 2 ? 1 << index : 0), 0);
  return `${most > 200 && least > 60 ? 'bright-' : ''}${COLORS[bits] as string}`;
}

function classOf({ color, background, inverse, bold, dim, italic, underline }: Style): string {
  const [front, back] = inverse ? [background || 'inverse', color || 'inverse'] : [color, background];
  return [
    // On a background of its own, a text without a colour needs one that can be read there.
    front ? `ansi-${front}` : back && 'ansi-on',
    back && `ansi-bg-${back}`,
    bold && 'ansi-bold',
    dim && 'ansi-dim',
    italic && 'ansi-italic',
    underline && 'ansi-underline',
  ]
    .filter(Boolean)
    .join(' ');
}
