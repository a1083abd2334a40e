import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

export type ListHandle = { scrollToEnd: () => void; reveal: (index: number) => void };

type Props<T> = {
  rows: readonly T[];
  keyOf: (row: T) => string;
  labelOf: (row: T) => string;
  render: (row: T) => ReactNode;
  label: string;
  /** A guess in pixels, until a row has been measured. */
  estimate: (row: T) => number;
  onAtEnd: (atEnd: boolean) => void;
  handle: Ref<ListHandle>;
};

/** Within so many pixels the list counts as being at its end, and a reader is spared the button to go there. */
const AT_END = 4;
const NEAR_END = 48;

/**
 * A feed that renders only the rows on screen. It follows its end while the reader is there, and does not move under
 * a reader who is elsewhere. Arrow keys go from row to row, Home and End to the first and last.
 */
export function VirtualList<T>({ rows, keyOf, labelOf, render, label, estimate, onAtEnd, handle }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const nearEnd = useRef(true);
  const lastTop = useRef(0);
  const [focused, setFocused] = useState<number | null>(null);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      if (focused === null || focused >= range.count || indexes.includes(focused)) return indexes;
      return [...indexes, focused].sort((a, b) => a - b);
    },
    [focused],
  );
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index] as T),
    getItemKey: (index) => keyOf(rows[index] as T),
    overscan: 5,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END,
    paddingStart: 8,
    paddingEnd: 20,
    rangeExtractor,
    useFlushSync: false,
  });
  const scrollToEnd = useCallback(() => {
    const element = scroller.current;
    following.current = true;
    if (element) element.scrollTop = element.scrollHeight;
    list.scrollToEnd();
  }, [list]);
  useImperativeHandle(
    handle,
    () => ({
      scrollToEnd,
      reveal: (index) => {
        following.current = false;
        list.scrollToIndex(index, { align: 'end' });
      },
    }),
    [list, scrollToEnd],
  );
  useLayoutEffect(() => list.scrollToEnd(), [list]);
  const height = list.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: pins the end whenever the height changed
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [height]);
  useFollowResize(scroller, following, scrollToEnd);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
    // Growing never ends the following, only a reader who scrolls up does, be it by little.
    if (distance <= AT_END) following.current = true;
    else if (element.scrollTop < lastTop.current - 1) following.current = false;
    lastTop.current = element.scrollTop;
    const near = following.current || distance <= NEAR_END;
    if (near === nearEnd.current) return;
    nearEnd.current = near;
    onAtEnd(near);
  };
  const focusRow = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    following.current = target === rows.length - 1;
    setFocused(target);
    list.scrollToIndex(target, { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current
        ?.querySelector<HTMLElement>(`:scope > div > [data-index="${target}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const element = event.target as HTMLElement;
    const isRow = element.dataset.index !== undefined;
    if ((!isRow && element !== scroller.current) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
      return;
    const current = isRow ? Number(element.dataset.index) : null;
    const moves: Record<string, number> = {
      ArrowDown: (current ?? rows.length - 1) + 1,
      ArrowUp: (current ?? rows.length) - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const target = moves[event.key];
    if (target === undefined) return;
    event.preventDefault();
    focusRow(target);
  };
  const onFocus = (event: React.FocusEvent<HTMLElement>) => {
    const index = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index;
    setFocused(index === undefined ? null : Number(index));
  };
  return (
    <div
      className="feed"
      role="feed"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it a keyboard cannot scroll the feed
      tabIndex={0}
      ref={scroller}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={() => setFocused(null)}
    >
      <div className="feed-inner" style={{ height }}>
        {list.getVirtualItems().map((slot) => {
          const row = rows[slot.index];
          if (row === undefined) return null;
          return (
            <article
              key={slot.key}
              className="row"
              data-index={slot.index}
              aria-posinset={slot.index + 1}
              aria-setsize={rows.length}
              aria-label={labelOf(row)}
              tabIndex={-1}
              ref={list.measureElement}
              style={{ transform: `translateY(${slot.start}px)` }}
            >
              {render(row)}
            </article>
          );
        })}
      </div>
    </div>
  );
}

/** Stays at the end when the composer below grows or the panel changes its size. */
function useFollowResize(
  scroller: React.RefObject<HTMLDivElement | null>,
  following: React.RefObject<boolean>,
  scrollToEnd: () => void,
) {
  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      if (following.current) scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, following, scrollToEnd]);
}
