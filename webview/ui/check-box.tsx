import { useEffect, useRef } from 'react';

/** A native check box in the editor's colours; `part` shows neither on nor off, and turns on. */
export function CheckBox({
  id,
  state,
  label,
  disabled = false,
  onChange,
}: {
  id?: string;
  state: 'on' | 'off' | 'part';
  label: string;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.indeterminate = state === 'part';
  }, [state]);
  return (
    <input
      ref={ref}
      id={id}
      type="checkbox"
      className="check-box"
      aria-label={label}
      title={label}
      checked={state === 'on'}
      disabled={disabled}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}
