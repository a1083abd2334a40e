import { memo, type ReactNode } from 'react';
import type { CommandExecutionThreadItem } from '../../agent-core/protocol/index.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { stripAnsi } from '../ui/ansi.ts';
import { Button } from '../ui/button.tsx';
import { plainCommand } from '../ui/command-text.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { clock, duration, relativePath } from '../ui/format.ts';
import type { IconName } from '../ui/icon.tsx';
import { Output } from '../ui/output.tsx';
import { Step, type Tone } from '../ui/step.tsx';
import { useNow } from '../ui/use-now.ts';
import { lengthNote, visibleText } from '../ui/visible-text.ts';
import { BlockedNote } from './blocked-note.tsx';
import { StaleNote } from './stale-note.tsx';

type Item = CommandExecutionThreadItem;

/** What a reading command is about, in words, when the agent only looked around; null for anything else. */
export function readableAction(
  item: Item,
  cwd: string | null,
): { verb: string; detail: string; icon: IconName } | null {
  const [action, ...more] = item.commandActions;
  if (!action || more.length || item.status === 'declined') return null;
  if (item.status === 'failed' && !foundNothing(item)) return null;
  if (action.type === 'read')
    return { verb: 'Read', detail: relativePath(action.path || action.name, cwd), icon: 'eye' };
  if (action.type === 'listFiles')
    return { verb: 'Listed', detail: action.path ? relativePath(action.path, cwd) : 'files', icon: 'search' };
  if (action.type === 'search')
    return {
      verb: 'Searched',
      detail: `${action.query ?? ''}${action.path ? ` in ${relativePath(action.path, cwd)}` : ''}`.trim(),
      icon: 'search',
    };
  return null;
}

/** A search that ends with 1 and prints nothing has not failed: there is no match. */
function foundNothing(item: Item): boolean {
  const [action, ...more] = item.commandActions;
  return action?.type === 'search' && more.length === 0 && item.exitCode === 1 && !item.aggregatedOutput?.trim();
}

/** It ran and has no exit code: it was ended from outside, mostly by the person, and did not fail by itself. */
function wasEnded({ status, exitCode, durationMs }: Item): boolean {
  return status === 'failed' && (exitCode ?? null) === null && (durationMs ?? null) !== null;
}

function statusOf(
  item: Item,
  done: boolean,
  asked: 'to run' | 'for a host' | null,
  stopped: boolean,
): { tone: Tone; verb: string; text: string; badge: string | null } {
  const verb = item.source === 'userShell' ? 'You ran' : 'Ran';
  if (asked === 'to run') return { tone: 'normal', verb: 'Wants to run', text: 'waiting for approval', badge: null };
  if (asked) return { tone: 'normal', verb: 'Wants to reach a host', text: 'waiting for approval', badge: null };
  if (!done && item.status === 'inProgress') return { tone: 'running', verb: 'Running', text: 'running', badge: null };
  if (item.status === 'declined')
    return { tone: 'muted', verb: 'Not run', text: 'rejected, not run', badge: 'rejected' };
  if (stopped) return { tone: 'muted', verb, text: 'stopped', badge: 'stopped' };
  if (foundNothing(item)) return { tone: 'muted', verb, text: 'no match', badge: 'no match' };
  if (item.status === 'failed' || (item.exitCode ?? 0) !== 0) {
    const badge = item.exitCode === null || item.exitCode === undefined ? 'failed' : `exit ${item.exitCode}`;
    return { tone: 'failed', verb, text: item.exitCode ? `failed with exit code ${item.exitCode}` : 'failed', badge };
  }
  return item.status === 'inProgress'
    ? { tone: 'muted', verb: 'Started', text: 'not finished', badge: 'not finished' }
    : { tone: 'normal', verb, text: 'succeeded', badge: null };
}

/** How long it has run; an own component, so that the clock does not render the output. */
function Elapsed({ since }: { since: number | null | undefined }) {
  const now = useNow(true);
  return (
    <span className="elapsed" aria-hidden="true">
      {since ? clock(now - since) : ''}
    </span>
  );
}

export const CommandCard = memo(function CommandCard({
  item,
  done,
  ask,
}: {
  item: Item;
  done: boolean;
  ask: ReactNode;
}) {
  const { post } = useActions();
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  const given = plainCommand(item.command);
  const command = visibleText(given);
  const isLong = ask ? lengthNote(command) : null;
  const stoppedHere = usePanel((panel) => panel.thread?.extras.stopped.includes(item.id) ?? false);
  // What the person stopped ends with whatever code its end has; one that was done by then was not stopped.
  const stopped = wasEnded(item) || (stoppedHere && item.status === 'failed');
  const isForHost = usePanel(
    (panel) => panel.thread?.approvals.some(({ itemId, host }) => itemId === item.id && host !== undefined) ?? false,
  );
  const asked = ask ? (isForHost ? 'for a host' : 'to run') : null;
  const { tone, verb, text, badge } = statusOf(item, done, asked, stopped);
  const running = tone === 'running';
  const readable = running || ask ? null : readableAction(item, cwd);
  const output = item.aggregatedOutput ?? '';
  const elsewhere = item.cwd && cwd && item.cwd !== cwd ? relativePath(item.cwd, cwd) : null;
  const meta = (
    <>
      {badge && <span className={`badge ${tone}`}>{badge}</span>}
      {running ? (
        <Elapsed since={item.startedAtMs} />
      ) : item.durationMs ? (
        <span className="took">{duration(item.durationMs)}</span>
      ) : null}
    </>
  );
  const what = readable ? `${readable.verb} ${readable.detail}` : `Command ${command.split('\n')[0]}`;
  const name = [what, text, ...(!running && item.durationMs ? [duration(item.durationMs)] : [])].join(', ');
  const title = readable ? (
    <>
      <span className="step-verb">{readable.verb}</span> <span className="step-detail">{readable.detail}</span>
    </>
  ) : (
    <code className="step-command">
      {command.split('\n')[0]}
      {command.includes('\n') ? ' …' : ''}
    </code>
  );
  return (
    <Step
      id={item.id}
      icon={readable?.icon ?? 'terminal'}
      tone={tone}
      className="command"
      title={title}
      openTitle={verb}
      name={name}
      meta={meta}
      openByDefault={running || tone === 'failed' || stopped || Boolean(ask)}
      actions={
        running && (
          <Button
            kind="quiet"
            icon="stop"
            label="Stop"
            aria-label="Stop command"
            title="Stop this command and go on"
            onClick={() => post({ type: 'stopCommand', itemId: item.id })}
          />
        )
      }
      note={
        <>
          <StaleNote itemId={item.id} cwd={cwd} />
          <BlockedNote itemId={item.id} />
        </>
      }
      footer={ask}
    >
      <div className="command-body">
        <div className="command-line">
          <pre>
            <span className="prompt" aria-hidden="true">
              ${' '}
            </span>
            {command}
          </pre>
          <CopyButton text={() => given} label="Copy command" />
        </div>
        {isLong && <p className="hint long-command">{isLong}</p>}
        {elsewhere && <p className="hint">in {elsewhere}</p>}
        {output && (
          <div className="command-output">
            <Output text={output} live={running} label={`Output of ${command.split('\n')[0]}`} />
            {!running && <CopyButton text={() => stripAnsi(output)} label="Copy output" />}
          </div>
        )}
        {!output && done && !ask && item.status !== 'declined' && <p className="hint">No output.</p>}
        {item.status === 'declined' && <p className="hint">You rejected this command; it was not run.</p>}
      </div>
    </Step>
  );
});
