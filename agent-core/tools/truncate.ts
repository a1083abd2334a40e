/** Output limits. (pure) */

/** Bytes that one token stands for where nothing better is known. */
const BYTES_PER_TOKEN = 4;
export const DEFAULT_OUTPUT_TOKENS = 10_000;
/** What a client is shown of one command at most, in characters. */
const SHOWN_OUTPUT_LIMIT = 1024 * 1024;

/** The head and the tail of `text` within `tokens`, with a count of what was left out between them. */
export function cutForModel(text: string, tokens: number = DEFAULT_OUTPUT_TOKENS): string {
  const buffer = createHeadTail(tokens * BYTES_PER_TOKEN);
  buffer.push(text);
  return buffer.take();
}

/** Keeps the head and the tail of what is pushed, in bounded memory. */
export type HeadTail = {
  push(chunk: string): void;
  /** What was pushed since the last `take`, cut if it had to be. */
  take(): string;
};

export function createHeadTail(limit: number): HeadTail {
  const headLimit = Math.ceil(limit / 2);
  const tailLimit = Math.max(1, limit - headLimit);
  let head = '';
  let tail = '';
  let total = 0;
  return {
    push(chunk) {
      total += chunk.length;
      const room = headLimit - head.length;
      if (room > 0) head += chunk.slice(0, room);
      if (chunk.length > room) tail += chunk.slice(Math.max(0, room));
      if (tail.length > 2 * tailLimit) tail = tail.slice(-tailLimit);
    },
    take() {
      const kept = tail.length > tailLimit ? tail.slice(-tailLimit) : tail;
      const left = total - head.length - kept.length;
      const text = left > 0 ? `${wholeEnd(head)}\n…${left} chars truncated…\n${wholeStart(kept)}` : head + kept;
      head = '';
      tail = '';
      total = 0;
      return text;
    },
  };
}

/** A cut must not leave half of a surrogate pair. */
const wholeEnd = (text: string) => (/[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text);
const wholeStart = (text: string) => (/^[\uDC00-\uDFFF]/.test(text) ? text.slice(1) : text);

/**
 * A command's output as the client is shown it: what `push` and `end` return, put together, is `text()`. Within `limit`
 * that is all of it; beyond, the end is kept back until it is known, and `end` says how much is missing before it.
 */
export type ShownOutput = { push(chunk: string): string; end(): string; text(): string | null };

/** Of a long output, what comes last matters: the summary of the tests, the error. */
const SHOWN_END = 64 * 1024;

export function createShownOutput(
  limit: number = SHOWN_OUTPUT_LIMIT,
  endLimit = Math.min(SHOWN_END, limit),
): ShownOutput {
  const parts: string[] = [];
  let room = limit - endLimit;
  let isFull = false;
  const rest = createTail(endLimit + 1); // a pair that was not to be split may have moved over
  const show = (text: string): string => {
    if (text !== '') parts.push(text);
    return text;
  };
  return {
    push(chunk) {
      const shown = isFull ? '' : wholeEnd(chunk.slice(0, room));
      room -= shown.length;
      isFull ||= shown.length < chunk.length;
      rest.push(chunk.slice(shown.length));
      return show(shown);
    },
    end() {
      const { text, left } = rest.take();
      return show(left > 0 ? `\n[${left} characters are not shown]\n${text}` : text);
    },
    text: () => (parts.length === 0 ? null : parts.join('')),
  };
}

/** The last `limit` characters of what is pushed, in bounded memory, and how many came before them. */
function createTail(limit: number) {
  let tail = '';
  let total = 0;
  return {
    push(chunk: string): void {
      total += chunk.length;
      tail += chunk;
      if (tail.length > 2 * limit) tail = tail.slice(-limit);
    },
    take(): { text: string; left: number } {
      const text = wholeStart(tail.length > limit ? tail.slice(-limit) : tail);
      const left = total - text.length;
      tail = '';
      total = 0;
      return { text, left };
    },
  };
}
