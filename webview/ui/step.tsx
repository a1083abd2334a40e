import { type ReactNode, useId } from 'react';
import { useOpen } from '../state/context.tsx';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'normal' | 'running' | 'failed' | 'muted';

type StepProps = {
  /** Key under which a person's choice to open or close is kept. */
  id: string;
  icon: IconName;
  tone?: Tone;
  /** One line; the button's name begins with it. */
  title: ReactNode;
  /** Shown instead of `title` while open, when the body says the same in full; the name stays. */
  openTitle?: string;
  /** Right-hand side: duration, counts, badges. */
  meta?: ReactNode;
  /** Buttons beside the line; not part of the disclosure. */
  actions?: ReactNode;
  /** The line's whole name, with the state that others see by tone and icon; without it, the title is the name. */
  name?: string;
  openByDefault?: boolean;
  /** Without children the line is plain text and opens nothing. */
  children?: ReactNode;
  /** Under the body, also when closed: what there is to say of how it ended. */
  note?: ReactNode;
  /** Under the body, also when closed: an approval. */
  footer?: ReactNode;
  className?: string;
};

/** One step of the agent: a line that opens to what is behind it. */
export function Step({
  id,
  icon,
  tone = 'normal',
  title,
  openTitle,
  meta,
  actions,
  name,
  openByDefault = false,
  children,
  note,
  footer,
  className,
}: StepProps) {
  const [open, setOpen] = useOpen(id, openByDefault);
  const bodyId = useId();
  const line = (
    <>
      <Icon name={tone === 'running' ? 'loading' : icon} className="step-icon" />
      <span className="step-title">
        {open && openTitle && children ? <span className="step-verb">{openTitle}</span> : title}
      </span>
      {meta && <span className="step-meta">{meta}</span>}
    </>
  );
  return (
    <div
      className={`step ${tone}${open && children ? ' open' : ''}${footer ? ' asking' : ''}${className ? ` ${className}` : ''}`}
    >
      <div className="step-line">
        {children ? (
          <button
            type="button"
            className="step-toggle"
            aria-label={name}
            aria-expanded={open}
            aria-controls={open ? bodyId : undefined}
            onClick={() => setOpen(!open)}
          >
            {line}
            <Icon name="chevron-right" className="step-chevron" />
          </button>
        ) : (
          <div className="step-toggle still">{line}</div>
        )}
        {actions && <div className="step-actions">{actions}</div>}
      </div>
      {children && open && (
        <div className="step-body" id={bodyId}>
          {children}
        </div>
      )}
      {note}
      {footer}
    </div>
  );
}
