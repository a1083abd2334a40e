/** The hunks of a proposed file, each with a box that takes it or leaves it out. */
import { memo, useId, useMemo, useState } from 'react';
import type { ApprovalFile, HunkView } from '../bridge/panel-state.ts';
import { useActions } from '../state/context.tsx';
import { CheckBox } from '../ui/check-box.tsx';
import { Diff } from '../ui/diff.tsx';
import { diffRows } from '../ui/diff-rows.ts';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

/** More at once would make a page of buttons; the rest is one click away. */
const FIRST_HUNKS = 20;

const BADGES: Partial<Record<HunkView['state'], string>> = {
  dropped: 'left out',
  edited: 'edited by you',
  own: 'your own edit',
};

export type Taken = { taken: number; total: number };

/** How much of what still waits is taken, in hunks. Null where the agent takes no parts. */
export function takenOf(files: readonly ApprovalFile[]): Taken | null {
  const hunks = files.filter(({ decided }) => !decided).map((file) => file.hunks);
  if (hunks.length === 0 || hunks.some((list) => !list)) return null;
  const all = hunks.flatMap((list) => list ?? []);
  return { taken: all.filter(({ state }) => state !== 'dropped').length, total: all.length };
}

/** Takes all of a file or nothing of it; shows when it is a part. */
export function FileBox({ approvalId, file, path }: { approvalId: string; file: ApprovalFile; path: string }) {
  const { post } = useActions();
  const count = takenOf([file]);
  if (!count || file.decided) return null;
  const state = count.taken === 0 ? 'off' : count.taken === count.total ? 'on' : 'part';
  return (
    <CheckBox
      state={state}
      label={`Take ${path}`}
      onChange={(take) => post({ type: 'chooseHunk', approvalId, path: file.path, hunkId: null, take })}
    />
  );
}

const Hunk = memo(function Hunk({
  approvalId,
  path,
  hunk,
  number,
  language,
}: {
  approvalId: string;
  path: string;
  hunk: HunkView;
  number: number;
  language: string | null;
}) {
  const { post } = useActions();
  const id = useId();
  const { rows, added, removed } = useMemo(() => diffRows(hunk.diff, 'update'), [hunk.diff]);
  const first = rows.find((row) => row.kind === 'added' || row.kind === 'removed');
  const line = first && first.kind !== 'gap' ? (first.newLine ?? first.oldLine) : null;
  const badge = BADGES[hunk.state];
  const name = `Hunk ${number}${line === null ? '' : `, line ${line}`}`;
  return (
    <li className={`hunk ${hunk.state}`}>
      <div className="hunk-head">
        <CheckBox
          id={id}
          state={hunk.state === 'dropped' ? 'off' : 'on'}
          label={`${name}, ${added} added, ${removed} removed${badge ? `, ${badge}` : ''}`}
          onChange={(take) => post({ type: 'chooseHunk', approvalId, path, hunkId: hunk.id, take })}
        />
        <label htmlFor={id} aria-hidden="true">
          {name}
        </label>
        {badge && (
          <span className="badge" aria-hidden="true">
            {badge}
          </span>
        )}
      </div>
      <Diff rows={rows.filter(({ kind }) => kind !== 'gap')} language={language} label={`Changes of ${name}`} />
    </li>
  );
});

export function HunkList({
  approvalId,
  path,
  hunks,
  language,
  label,
}: {
  approvalId: string;
  path: string;
  hunks: readonly HunkView[];
  language: string | null;
  label: string;
}) {
  const [all, setAll] = useState(false);
  const shown = all || hunks.length <= FIRST_HUNKS * 1.25 ? hunks : hunks.slice(0, FIRST_HUNKS);
  return (
    <>
      <ol className="hunks" aria-label={label}>
        {shown.map((hunk, index) => (
          <Hunk key={hunk.id} approvalId={approvalId} path={path} hunk={hunk} number={index + 1} language={language} />
        ))}
      </ol>
      {shown.length < hunks.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {plural(hunks.length, 'hunk')}
        </button>
      )}
    </>
  );
}

const SINCE = {
  rebased: 'The file has changed since it was read; the proposal is on top of that.',
  conflict: 'You changed the same lines since. Nothing of yours is overwritten: decide between both.',
  exists: 'The proposal makes this file, and it is there now. Nothing of yours is overwritten.',
  gone: 'The file that would be changed is not there any more. Leave it out to accept the others.',
  changed: 'The file that would be deleted has changed since, so it stays. Leave it out to accept the others.',
} as const;

/** What became of the file while its proposal waits, with what can be done about it. */
export function SinceNote({ approvalId, itemId, file }: { approvalId: string; itemId: string; file: ApprovalFile }) {
  const { post } = useActions();
  if (!file.since) return null;
  if (file.since === 'rebased') return <p className="hint since">{SINCE.rebased}</p>;
  const canCompare = file.since === 'conflict' || file.since === 'exists';
  return (
    <div className="since-conflict">
      <p>
        <Icon name="warning" /> {SINCE[file.since]}
      </p>
      {canCompare && (
        <p className="since-actions">
          <button type="button" className="link" onClick={() => post({ type: 'openDiff', itemId, path: file.path })}>
            Open
          </button>
          <button
            type="button"
            className="link"
            onClick={() => post({ type: 'compareWithNow', approvalId, path: file.path })}
          >
            Choose hunk by hunk
          </button>
        </p>
      )}
    </div>
  );
}
