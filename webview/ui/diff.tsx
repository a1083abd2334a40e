import { memo, useState } from 'react';
import { type DiffRow, lineParts } from './diff-rows.ts';
import { plural } from './format.ts';

const FIRST_ROWS = 120;

const SIGNS = { added: '+', removed: '−', context: '' } as const;
const SPOKEN = { added: 'added ', removed: 'removed ', context: '' } as const;

const Line = memo(function Line({ row, language }: { row: DiffRow; language: string | null }) {
  if (row.kind === 'gap') {
    return (
      <div className="diff-row gap" role="row">
        <span role="cell">{row.text || '⋯'}</span>
      </div>
    );
  }
  return (
    <div className={`diff-row ${row.kind}`} role="row">
      <span className="diff-number old" role="cell">{row.oldLine}</span>
      <span className="diff-number new" role="cell">{row.newLine ?? <span className="only-narrow">{row.oldLine}</span>}</span>
      <span className="diff-text" role="cell">
        <span className="diff-sign" aria-hidden="true">{SIGNS[row.kind]}</span>
        {SPOKEN[row.kind] && <span className="sr-only">{SPOKEN[row.kind]}</span>}
        {lineParts(row, language).map(({ text, className, marked }, index) =>
          className || marked ? <span key={index} className={`${className}${marked ? ' mark' : ''}`}>{text}</span> : text,
        )}
      </span>
    </div>
  );
});

/** A unified diff with line numbers. Long ones begin with a part and a button for the rest. */
export function Diff({ rows, language, label }: { rows: readonly DiffRow[]; language: string | null; label: string }) {
  const [whole, setWhole] = useState(rows.length <= FIRST_ROWS * 1.25);
  const shown = whole ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <div className="diff">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="diff-scroll" role="table" aria-label={label} tabIndex={0}>
        <div className="diff-rows" role="rowgroup">
          {shown.map((row, index) => <Line key={index} row={row} language={language} />)}
        </div>
      </div>
      {!whole && (
        <button type="button" className="more" onClick={() => setWhole(true)}>
          Show all {plural(rows.length, 'line')}
        </button>
      )}
    </div>
  );
}
