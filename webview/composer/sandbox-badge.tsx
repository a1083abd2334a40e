import { useEffect, useId, useRef, useState } from 'react';
import type { Mode, SandboxView } from '../bridge/panel-state.ts';
import { usePanel } from '../state/context.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';

type Safety = { tone: 'safe' | 'partly' | 'off' | 'unknown'; icon: IconName; title: string; text: string };

const LEVELS = {
  namespaces: 'Linux namespaces, Landlock and seccomp',
  landlock: 'Landlock and seccomp',
  seatbelt: 'Seatbelt',
  none: '',
  unknown: '',
};

/** What really confines commands now, in plain words. */
export function safety(sandbox: SandboxView, mode: Mode): Safety {
  if (mode === 'full') {
    return {
      tone: 'off',
      icon: 'warning',
      title: 'Sandbox off',
      text: 'Full access mode: commands run without a sandbox and without questions. They can change any of your files and use the network.',
    };
  }
  if (sandbox.level === 'unknown')
    return {
      tone: 'unknown',
      icon: 'shield',
      title: 'Sandbox not checked yet',
      text: 'The agent has not yet said what this computer can confine.',
    };
  if (sandbox.level === 'none') {
    return {
      tone: 'off',
      icon: 'warning',
      title: 'No sandbox',
      text: `Commands cannot be confined here${sandbox.reason ? `: ${sandbox.reason}` : '.'} Each command needs your approval.`,
    };
  }
  const write = mode === 'read-only' ? 'Commands can write nowhere' : 'Commands can write only in this folder';
  const title = sandbox.missing.length ? 'Sandboxed in part' : 'Sandboxed';
  return {
    tone: sandbox.missing.length ? 'partly' : 'safe',
    icon: 'shield',
    title,
    text: `${write} and have no network, unless you allow it. Enforced by ${LEVELS[sandbox.level]}.${sandbox.reason ? ` ${sandbox.reason}` : ''}`,
  };
}

/** What is missing stands first: the list may be longer than the panel is high. */
function Points({ title, icon, points }: { title: string; icon: IconName; points: readonly string[] }) {
  if (points.length === 0) return null;
  return (
    <>
      <p className="points-title">{title}</p>
      <ul aria-label={title} className={icon}>
        {points.map((what) => (
          <li key={what}>
            <Icon name={icon} />
            {what}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A shield that tells on demand what is and what is not enforced. */
export function SandboxBadge() {
  const sandbox = usePanel((panel) => panel.sandbox);
  const mode = usePanel((panel) => panel.mode);
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { tone, icon, title, text } = safety(sandbox, mode);
  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes with Esc and when the focus leaves
    <div
      className="sandbox"
      ref={root}
      onBlur={(event) => {
        if (!root.current?.contains(event.relatedTarget)) setOpen(false);
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
        className={`icon-button shield ${tone}`}
        aria-label={title}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={`${title}. ${text}`}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
      </button>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to with the arrow keys
        <div className="popup info" id={id} role="note" tabIndex={0}>
          <p>
            <strong>{title}</strong>
          </p>
          <p>{text}</p>
          {mode !== 'full' && (
            <>
              <Points title="Not enforced" icon="warning" points={sandbox.missing} />
              <Points title="Enforced" icon="check" points={sandbox.enforced} />
            </>
          )}
        </div>
      )}
    </div>
  );
}
