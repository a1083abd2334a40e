/** What others wrote, before a person decides on it: nothing hides in it, and nothing turns it round. */

/**
 * Controls, what changes the direction of what follows, what has no width, and blanks that are none: all but tab, line end
 * and what belongs to emoji alone. From, to.
 */
const HIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0e],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xe0000, 0xe0fff],
];

const isHidden = (point: number): boolean => HIDDEN.some(([from, to]) => point >= from && point <= to);

const MOST_BLANKS = 60;
const MOST_EMPTY_LINES = 3;

const code = (char: string): string => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** A text of several lines; long gaps, which would push what follows out of sight, are counted instead. */
export function visibleText(text: string): string {
  return text
    .replace(/[^\t\n -~]/gu, (char) => (isHidden(char.codePointAt(0) ?? 0) ? code(char) : char))
    .replace(new RegExp(`(?:[ \\t]*\\n){${MOST_EMPTY_LINES + 2},}`, 'g'), (gap) => {
      const lines = gap.split('\n').length - 2;
      return `\n⟨${lines} empty lines⟩\n`;
    })
    .replace(new RegExp(`[ \\t]{${MOST_BLANKS},}`, 'g'), (gap) => ` ⟨${gap.length} blanks⟩ `);
}

/** A name: it has one line. */
export const visibleName = (text: string): string => visibleText(text.replace(/[\n\t]/g, code));

const MANY_LINES = 12;
const MANY_CHARS = 1200;

/** Of a command that does not fit its card: how long it is. Null when all of it is seen. */
export function lengthNote(text: string): string | null {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= MANY_LINES && text.length <= MANY_CHARS) return null;
  const long = lines > 1 ? `${lines.toLocaleString('en')} lines, ` : '';
  return `A long command: ${long}${text.length.toLocaleString('en')} characters. Scroll to its end before you decide.`;
}
