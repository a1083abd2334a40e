import type { ButtonHTMLAttributes, Ref } from 'react';
import { Icon, type IconName } from './icon.tsx';

type Common = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'aria-label' | 'children'> & {
  ref?: Ref<HTMLButtonElement>;
};

/** A button that shows only an icon; `label` is its name and its tooltip, `keys` a shortcut for the tooltip. */
export function IconButton({
  icon,
  label,
  keys,
  className,
  ...rest
}: Common & { icon: IconName; label: string; keys?: string }) {
  return (
    <button
      type="button"
      className={`icon-button${className ? ` ${className}` : ''}`}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

/** A button with a text, which is its name. */
export function Button({
  kind = 'secondary',
  icon,
  label,
  keys,
  className,
  ...rest
}: Common & { kind?: ButtonKind; icon?: IconName; label: string; keys?: string }) {
  return (
    <button
      type="button"
      className={`button ${kind}${className ? ` ${className}` : ''}`}
      title={keys ? `${label} (${keys})` : undefined}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      <span>{label}</span>
    </button>
  );
}

/** How this platform writes Ctrl. */
export function modifier(): string {
  return /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl+';
}
