import { useEffect, useState } from 'react';
import { useActions } from '../state/context.tsx';
import { IconButton } from './button.tsx';

/** Copies through the host and shows a check mark for a moment. `text` is asked for at the click. */
export function CopyButton({ text, label = 'Copy' }: { text: () => string; label?: string }) {
  const { post } = useActions();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      label={copied ? 'Copied' : label}
      className="copy"
      onClick={() => {
        post({ type: 'copy', text: text() });
        setCopied(true);
      }}
    />
  );
}
