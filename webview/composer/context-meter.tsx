import { useEffect, useId, useRef, useState } from 'react';
import type { ContextKind, ContextView } from '../bridge/thread-extras.ts';
import { useActions, usePanel, useView } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { moneyText, tokens } from '../ui/format.ts';

const RADIUS = 5.5;
const AROUND = 2 * Math.PI * RADIUS;

/** How much of the model's context is full, as a small ring that opens to what fills it. */
export function ContextMeter() {
  const { post } = useActions();
  const usage = usePanel((panel) => panel.thread?.usage ?? null);
  const hasThread = usePanel((panel) => panel.thread !== null);
  const requests = useView((state) => state.contextRequests);
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const contextWindow = usage?.contextWindow ?? null;
  const share = usage && contextWindow ? Math.min(1, usage.lastTokens / contextWindow) : null;
  const percent = share === null ? null : Math.round(share * 100);
  const show = (next: boolean) => {
    setOpen(next);
    if (next) post({ type: 'readContext' });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each request
  useEffect(() => {
    if (!requests) return;
    show(true);
    button.current?.focus();
  }, [requests]);
  // The newest numbers, while somebody looks at them.
  useEffect(() => {
    if (open && usage) post({ type: 'readContext' });
  }, [open, usage, post]);
  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);
  if (!hasThread) return null;
  const label = usage
    ? `Context${percent === null ? '' : ` ${percent}% full`}: ${tokens(usage.lastTokens)}${contextWindow ? ` of ${tokens(contextWindow)}` : ''} tokens; ${tokens(usage.totalTokens)} used in this thread`
    : 'Context: nothing sent yet';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes with Esc and when the focus leaves
    <div
      className="meter-root"
      ref={root}
      onBlur={(event) => {
        if (event.relatedTarget !== null && !root.current?.contains(event.relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        ref={button}
        className={`icon-button meter${(share ?? 0) > 0.8 ? ' high' : ''}`}
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={label}
        onClick={() => show(!open)}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
          <circle cx="8" cy="8" r={RADIUS} className="meter-track" />
          <circle
            cx="8"
            cy="8"
            r={RADIUS}
            className="meter-fill"
            strokeDasharray={`${(share ?? 0) * AROUND} ${AROUND}`}
            transform="rotate(-90 8 8)"
          />
        </svg>
        {percent !== null && percent >= 50 && <span className="meter-text">{percent}%</span>}
      </button>
      {open && <ContextPopup id={id} onDone={() => setOpen(false)} />}
    </div>
  );
}

const KINDS: Record<ContextKind, string> = {
  instructions: 'Instructions',
  tools: 'Tools',
  project: 'Project, skills, environment',
  messages: 'Messages',
  toolOutput: 'Output of tools',
  images: 'Images',
};

function ContextPopup({ id, onDone }: { id: string; onDone: () => void }) {
  const { post, focusComposer } = useActions();
  const ours = usePanel((panel) => panel.peer === 'gantry');
  const usage = usePanel((panel) => panel.thread?.usage ?? null);
  const context = usePanel((panel) => panel.thread?.extras.context ?? null);
  const spending = usePanel((panel) => panel.thread?.extras.spending ?? null);
  return (
    <section className="popup info context" id={id} aria-label="Context">
      <p>
        <strong>Context</strong>
        {context ? ` · ${limitText(context)}` : usage ? ` · ${tokens(usage.lastTokens)} tokens in the last call` : ''}
      </p>
      {context && <Parts context={context} />}
      {context?.compactLimit ? (
        <p className="hint">Summed up by itself at {tokens(context.compactLimit)} tokens.</p>
      ) : null}
      {spending && spending.calls > 0 ? (
        <p className="context-cost">
          This thread: {tokens(spending.inputTokens)} in
          {spending.cachedTokens > 0 ? ` (${tokens(spending.cachedTokens)} cached)` : ''},{' '}
          {tokens(spending.outputTokens)} out · {moneyText(spending)}
        </p>
      ) : (
        usage && <p className="context-cost">This thread: {tokens(usage.totalTokens)} tokens used</p>
      )}
      <div className="context-actions">
        <Button
          icon="fold"
          label="Compact"
          title="Sum up earlier messages to make room (/compact)"
          onClick={() => {
            post({ type: 'slash', name: 'compact', argument: '' });
            onDone();
            focusComposer();
          }}
        />
        {ours && (
          <Button
            kind="quiet"
            icon="eye"
            label="Show last prompt"
            onClick={() => {
              post({ type: 'command', command: 'gantry.showLastPrompt' });
              onDone();
            }}
          />
        )}
      </div>
    </section>
  );
}

const limitText = ({ tokens: used, contextWindow }: ContextView): string =>
  contextWindow ? `${tokens(used)} of ${tokens(contextWindow)} tokens` : `${tokens(used)} tokens`;

/**
 * By kind, largest first. What each takes is an estimate, and the whole was mostly counted by the provider: the parts are
 * shown as shares of the whole, so that they add up to what stands above them.
 */
function Parts({ context }: { context: ContextView }) {
  const estimated = context.parts.reduce((sum, part) => sum + part.tokens, 0);
  const scale = context.tokens > 0 && estimated > 0 ? context.tokens / estimated : 1;
  const shown = context.parts
    .filter((part) => part.tokens > 0)
    .map(({ kind, tokens: count }) => ({ kind, tokens: Math.round(count * scale) }))
    .sort((a, b) => b.tokens - a.tokens);
  // What rounding left over goes where it shows least.
  const over = scale === 1 ? 0 : context.tokens - shown.reduce((sum, part) => sum + part.tokens, 0);
  if (shown[0]) shown[0].tokens += over;
  const most = Math.max(1, ...shown.map((part) => part.tokens));
  return (
    <dl className="context-parts">
      {shown.map(({ kind, tokens: count }) => (
        <div key={kind} className="context-part">
          <dt>{KINDS[kind]}</dt>
          <dd>{tokens(count)}</dd>
          <i aria-hidden="true" style={{ width: `${(100 * count) / most}%` }} />
        </div>
      ))}
    </dl>
  );
}
