import { useView } from '../state/context.tsx';

/** The one place that speaks by itself. Equal texts in a row are told apart by an invisible character. */
export function LiveRegion() {
  const { text, serial } = useView((state) => state.announced);
  return (
    <div className="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {text && `${text}${serial % 2 ? '\u00a0' : ''}`}
    </div>
  );
}
