import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { ansiRuns } from './ansi.ts';
import { plural } from './format.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { Segments } from './segments.tsx';

const TAIL_LINES = 200;
const TAIL_CHARS = 40_000;
const WHOLE_CHARS = 1_000_000;

/** The end of a text: at most so many lines and characters; `cut` tells whether something is left out before it. */
export function tailOf(text: string, lines: number, chars: number): { tail: string; cut: boolean } {
  let start = Math.max(0, text.length - chars);
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let count = 0; count < lines; count++) {
    const previous = text.lastIndexOf('\n', at - 1);
    if (previous < start || at === 0) {
      at = start;
      break;
    }
    at = previous;
  }
  start = at > start ? at + 1 : start;
  return { tail: text.slice(start), cut: start > 0 };
}

/**
 * What a command prints: its end, growing at the bottom and followed while the reader is there. A long text is cut at
 * the front until asked for; beyond a million characters only copying gives the rest.
 */
export function Output({ text, live, label }: { text: string; live: boolean; label: string }) {
  const [whole, setWhole] = useState(false);
  const box = useRef<HTMLElement>(null);
  const following = useRef(true);
  const { tail, cut } = useMemo(
    () => tailOf(text, whole ? Number.POSITIVE_INFINITY : TAIL_LINES, whole ? WHOLE_CHARS : TAIL_CHARS),
    [text, whole],
  );
  const runs = useMemo(() => ansiRuns(tail.replace(/\n$/, '')), [tail]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows each growth of the text
  useLayoutEffect(() => {
    const element = box.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [runs]);
  const hidden = cut && !live ? text.slice(0, text.length - tail.length).split('\n').length - 1 : 0;
  return (
    <div className={`output${live ? ' live' : ''}`}>
      {cut && !whole && (
        <button type="button" className="more" onClick={() => setWhole(true)}>
          {hidden > 0 ? `Show all (${plural(hidden, 'earlier line')})` : 'Show all'}
        </button>
      )}
      {cut && whole && <p className="hint">The beginning is left out here; copy the output to see all of it.</p>}
      <ScrollRegion
        ref={box}
        className="output-text"
        label={label}
        onScroll={({ currentTarget: it }) => {
          following.current = it.scrollHeight - it.scrollTop - it.clientHeight < 24;
        }}
      >
        <pre>
          <Segments parts={runs} />
        </pre>
      </ScrollRegion>
    </div>
  );
}
