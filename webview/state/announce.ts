import type { ApprovalView, PanelState, ThreadView } from '../bridge/panel-state.ts';
import type { ReviewFile } from '../bridge/review.ts';
import type { SaveView } from '../bridge/thread-extras.ts';
import { plainCommand } from '../ui/command-text.ts';
import { duration, plural } from '../ui/format.ts';
import { visibleName, visibleText } from '../ui/visible-text.ts';

/**
 * What a screen reader should say about a change, or null. Says what a person waits for: a turn began or ended, a
 * decision is needed, something broke; never the text as it streams. `before` is null for the first snapshot.
 */
export function announcement(before: PanelState | null, after: PanelState): string | null {
  const parts = [
    ...coreParts(before, after),
    ...threadParts(
      before?.thread?.id === after.thread?.id ? (before?.thread ?? null) : null,
      after.thread,
      before !== null,
    ),
  ];
  if (before) parts.push(...reviewParts(before.reviews, after.reviews));
  const seen = new Set(before?.notices.map(({ id }) => id));
  for (const notice of after.notices) if (notice.severity !== 'info' && !seen.has(notice.id)) parts.push(notice.text);
  return parts.length ? parts.join(' ') : null;
}

function coreParts(before: PanelState | null, after: PanelState): string[] {
  if (!before || before.core.status === after.core.status) return [];
  const { status, message } = after.core;
  if (status === 'restarting') return [message ?? 'The agent stopped and is starting again.'];
  if (status === 'failed') return [message ?? 'The agent could not be started.'];
  return status === 'ready' && before.core.status === 'restarting' ? ['The agent is back.'] : [];
}

/** New changes to decide about. What was decided is said by what decided it. */
function reviewParts(before: readonly ReviewFile[], after: readonly ReviewFile[]): string[] {
  const known = new Map(before.map((file) => [file.uri, file.hunks]));
  const grown = after.filter(({ uri, hunks }) => hunks > (known.get(uri) ?? 0));
  const [first, ...rest] = grown;
  if (!first) return [];
  const hunks = plural(
    grown.reduce((sum, file) => sum + file.hunks, 0),
    'hunk',
  );
  return [`Edit made: ${hunks} to review in ${rest.length === 0 ? first.label : plural(grown.length, 'file')}.`];
}

function threadParts(before: ThreadView | null, after: ThreadView | null, live: boolean): string[] {
  if (!after) return [];
  const parts: string[] = [];
  const pending = new Set(before?.approvals.map(({ id }) => id));
  const turns = new Map(before?.turns.map((turn) => [turn.id, turn.status]));
  // A thread and its first turn come in one batch or in two; that it works is said either way.
  if (live && !before && after.turns.some(({ status }) => status === 'inProgress')) parts.push('Gantry is working.');
  if (live && before) {
    for (const turn of after.turns.slice(-2)) {
      const was = turns.get(turn.id);
      if (was === turn.status) continue;
      if (turn.status === 'inProgress') parts.push('Gantry is working.');
      else if (turn.status === 'completed')
        parts.push(`Gantry has finished${turn.durationMs ? ` after ${duration(turn.durationMs, 'long')}` : ''}.`);
      else if (turn.status === 'interrupted') parts.push('Stopped.');
      else parts.push(`The turn failed: ${turn.error?.message ?? 'unknown error'}`);
    }
    if (after.retry && after.retry !== before.retry) parts.push(after.retry);
  }
  const asked = new Set(before?.extras.questions.map(({ id }) => id));
  for (const { id, questions } of after.extras.questions)
    if (!asked.has(id)) parts.push(`Gantry asks: ${questions.map(({ question }) => question).join(' ')}`);
  const elicited = new Set(before?.extras.elicitations.map(({ id }) => id));
  for (const { id, server, message } of after.extras.elicitations)
    if (!elicited.has(id)) parts.push(`The MCP server ${server} asks: ${message}`);
  const toSave = new Set(before?.extras.saves.map(({ id }) => id));
  for (const { id, files } of after.extras.saves)
    if (!toSave.has(id)) parts.push(`Gantry asks: save ${saveSubject(files)} before the command runs?`);
  for (const approval of after.approvals) {
    const { blocked } = approval;
    if (blocked && !before?.approvals.find(({ id }) => id === approval.id)?.blocked)
      parts.push(`Not accepted: ${blocked.label} has unsaved changes.`);
    for (const file of approval.files) {
      const was = before?.approvals.find(({ id }) => id === approval.id)?.files.find(({ path }) => path === file.path);
      if (file.since && file.since !== 'rebased' && was?.since !== file.since)
        parts.push(`The proposal for ${file.label} does not fit the file any more.`);
    }
  }
  for (const approval of after.approvals)
    if (!pending.has(approval.id)) parts.push(`Approval needed: ${approvalSubject(approval)}.`);
  return parts;
}

/** What is asked, in words: "run npm test outside the sandbox", "change src/a.ts and 1 more file". */
export function approvalSubject(approval: ApprovalView): string {
  if (approval.host !== undefined) return `reach ${approval.host}`;
  if (approval.wanted) return `more permissions: ${approval.wanted.join(', ')}`;
  if (approval.kind === 'command') {
    const where = approval.unsandboxed ? ' outside the sandbox' : '';
    return approval.command ? `run ${visibleText(plainCommand(approval.command))}${where}` : `run a command${where}`;
  }
  if (approval.tool) return `call ${approval.tool.name ?? 'a tool'} of ${approval.tool.server}`;
  const [first, ...rest] = approval.files;
  if (!first) return 'change files';
  const verb = { add: 'create', delete: 'delete', update: 'change' }[first.kind];
  return `${verb} ${first.label}${rest.length ? ` and ${rest.length} more ${rest.length === 1 ? 'file' : 'files'}` : ''}`;
}

/** What a command would not see as it is: "price.ts and 2 more files". */
export function saveSubject(files: SaveView['files']): string {
  const [first, ...rest] = files;
  const more = rest.length > 0 ? ` and ${rest.length} more ${rest.length === 1 ? 'file' : 'files'}` : '';
  return `${visibleName(first?.label ?? 'files')}${more}`;
}
