import { type CSSProperties, memo, useState } from 'react';
import { type DiffRow, lineParts } from './diff-rows.ts';
import { plural } from './format.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { Segments } from './segments.tsx';

const FIRST_ROWS = 120;

const SIGNS = { added: '+', removed: '−', context: '' } as const;
const SPOKEN = { added: ' added: ', removed: ' removed: ', context: ': ' } as const;

const Line = memo(function Line({ row, language }: { row: DiffRow; language: string | null }) {
  if (row.kind === 'gap') {
    return (
      <div className="diff-row gap">
        <span>{row.text || '⋯'}</span>
      </div>
    );
  }
  return (
    <div className={`diff-row ${row.kind}`}>
      <span className="diff-number old" aria-hidden="true">
        {row.oldLine}
      </span>
      <span className="diff-number new" aria-hidden="true">
        {row.newLine ?? <span className="only-narrow">{row.oldLine}</span>}
      </span>
      <span className="diff-text">
        <span className="diff-sign" aria-hidden="true">
          {SIGNS[row.kind]}
        </span>
        <span className="sr-only">{`${row.newLine ?? row.oldLine}${SPOKEN[row.kind]}`}</span>
        <Segments parts={lineParts(row, language)} />
      </span>
    </div>
  );
});

/** As wide as the longest line number. */
function digitsOf(rows: readonly DiffRow[]): number {
  const last = rows.findLast((row) => row.kind !== 'gap');
  const number = last ? Math.max(last.oldLine ?? 0, last.newLine ?? 0) : 0;
  return Math.max(2, String(number).length);
}

/** A unified diff with line numbers. Long ones begin with a part and a button for the rest. */
export function Diff({ rows, language, label }: { rows: readonly DiffRow[]; language: string | null; label: string }) {
  const [whole, setWhole] = useState(rows.length <= FIRST_ROWS * 1.25);
  const shown = whole ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <div className="diff">
      <ScrollRegion className="diff-scroll" label={label}>
        <div className="diff-rows" style={{ '--digits': `${digitsOf(rows)}ch` } as CSSProperties}>
          {shown.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row of a diff is nothing but its place
            <Line key={index} row={row} language={language} />
          ))}
        </div>
      </ScrollRegion>
      {!whole && (
        <button type="button" className="more" onClick={() => setWhole(true)}>
          Show all {plural(rows.length, 'line')}
        </button>
      )}
    </div>
  );
}
