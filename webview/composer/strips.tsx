/** What goes on beside the conversation, above the message field: the goal, commands in the background, what waits. */
import { useId } from 'react';
import type { GoalView } from '../bridge/thread-extras.ts';
import { useActions, useOpen, usePanel } from '../state/context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { plainCommand } from '../ui/command-text.ts';
import { plural, tokens } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const GOAL_STATES: Record<GoalView['status'], string> = {
  active: 'Working towards it',
  paused: 'Paused',
  blocked: 'Blocked',
  usageLimited: 'Stopped: the account’s limit is reached',
  budgetLimited: 'Stopped: its budget is used up',
  complete: 'Reached',
};

export function GoalStrip() {
  const { post, focusComposer } = useActions();
  const goal = usePanel((panel) => panel.thread?.extras.goal ?? null);
  if (!goal) return null;
  const { objective, status, tokensUsed, tokenBudget } = goal;
  const used = `${tokens(tokensUsed)}${tokenBudget ? ` of ${tokens(tokenBudget)}` : ''} tokens`;
  return (
    <section className="strip goal" aria-label="Goal">
      <div className="strip-row">
        <Icon name="target" className="step-icon" />
        <span className="strip-text" title={objective}>
          {objective}
        </span>
        {(status === 'active' || status === 'paused') && (
          <Button
            kind="quiet"
            label={status === 'active' ? 'Pause' : 'Resume'}
            aria-label={status === 'active' ? 'Pause goal' : 'Resume goal'}
            onClick={() => post({ type: 'setGoal', status: status === 'active' ? 'paused' : 'active' })}
          />
        )}
        <IconButton
          icon="close"
          label="Clear goal"
          onClick={() => {
            post({ type: 'setGoal', status: 'cleared' });
            focusComposer();
          }}
        />
      </div>
      <p className="hint strip-detail">
        {GOAL_STATES[status]} · {used}
      </p>
    </section>
  );
}

/** Commands that run on, each with its Stop; the one that the turn waits for has its own card. */
export function BackgroundStrip() {
  const { post, reveal, focusComposer } = useActions();
  const terminals = usePanel((panel) => panel.thread?.extras.terminals ?? null);
  const [open, setOpen] = useOpen('background', false);
  const id = useId();
  if (!terminals || terminals.length === 0) return null;
  return (
    <section className={`strip background${open ? ' open' : ''}`} aria-label="Running commands">
      <button
        type="button"
        className="step-toggle"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name="terminal" className="step-icon" />
        <span className="step-title">
          <span className="step-verb">{plural(terminals.length, 'running command')}</span>
        </span>
        <Icon name="chevron-right" className="step-chevron" />
      </button>
      {open && (
        <ul id={id} className="strip-list">
          {terminals.map(({ itemId, processId, command }) => {
            const line = plainCommand(command).split('\n')[0] ?? '';
            return (
              <li key={itemId} className="strip-row">
                <button
                  type="button"
                  className="strip-text link-like"
                  title={`Show: ${plainCommand(command)}`}
                  onClick={() => reveal(itemId)}
                >
                  <code>{line}</code>
                </button>
                <Button
                  kind="quiet"
                  icon="stop"
                  label="Stop"
                  aria-label={`Stop ${line}`}
                  onClick={() => {
                    post({ type: 'stopTerminal', itemId, processId });
                    focusComposer();
                  }}
                />
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** Messages that wait for the running turn to end, in their order. */
export function WaitingStrip() {
  const { post, focusComposer } = useActions();
  const waiting = usePanel((panel) => panel.thread?.extras.waiting ?? null);
  if (!waiting || waiting.length === 0) return null;
  return (
    <section className="strip waiting" aria-label="Waiting messages">
      <ul className="strip-list">
        {waiting.map(({ turnId, text }) => (
          <li key={turnId} className="strip-row">
            <Icon name="watch" className="step-icon" />
            <span className="strip-text" title={text}>
              <span className="sr-only">Waits for this turn to end: </span>
              {text}
            </span>
            <IconButton
              icon="close"
              label={`Take back ${text.slice(0, 60)}`}
              title="Take back"
              onClick={() => {
                post({ type: 'withdraw', turnId });
                focusComposer();
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
