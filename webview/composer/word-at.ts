/** The word at the cursor of the message field that something can complete. Pure. */

export type Word = {
  kind: 'slash' | 'file' | 'skill';
  /** Where the word begins, its mark included. */
  from: number;
  to: number;
  /** What is typed after the mark. */
  query: string;
};

const MARKS = { '@': 'file', $: 'skill' } as const;

/** Null where nothing is to be completed: between words, in an address, after a price. */
export function wordAt(text: string, cursor: number): Word | null {
  const slash = /^\/[a-z]*$/.exec(text.slice(0, cursor));
  if (slash) return { kind: 'slash', from: 0, to: cursor, query: text.slice(1, cursor) };
  const match = /(?:^|[\s([{"'])([@$])([^\s@$]*)$/.exec(text.slice(0, cursor));
  const mark = match?.[1] as keyof typeof MARKS | undefined;
  const query = match?.[2] ?? '';
  if (!mark || (mark === '$' && !/^[A-Za-z_-][\w:-]*$|^$/.test(query))) return null;
  return { kind: MARKS[mark], from: cursor - query.length - 1, to: cursor, query };
}

/** The text with `word` replaced, and the cursor behind it. */
export function replaceWord(text: string, word: Word, by: string): { text: string; cursor: number } {
  const rest = text.slice(word.to);
  const gap = rest.startsWith(' ') ? '' : ' ';
  return { text: text.slice(0, word.from) + by + gap + rest, cursor: word.from + by.length + 1 };
}
