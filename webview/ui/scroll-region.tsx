import type { ReactNode, Ref, UIEventHandler } from 'react';

type Props = {
  label: string;
  className: string;
  children: ReactNode;
  ref?: Ref<HTMLElement>;
  onScroll?: UIEventHandler<HTMLElement>;
};

/** A named box that scrolls and, for that, can be reached by keyboard. */
export function ScrollRegion({ label, className, children, ref, onScroll }: Props) {
  return (
    <section
      ref={ref}
      className={className}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it a keyboard cannot scroll the box
      tabIndex={0}
      onScroll={onScroll}
    >
      {children}
    </section>
  );
}
