import { memo, useMemo } from 'react';
import { CopyButton } from './copy-button.tsx';
import { highlight, languageOf } from './highlight.ts';

/** While a block still grows it is highlighted only up to this size, so that a frame stays a frame. */
const LIVE_LIMIT = 8_000;
const LIMIT = 100_000;

/** A fenced block of code with its language and a copy button. */
export const CodeBlock = memo(function CodeBlock({ code, info, live }: { code: string; info: string; live: boolean }) {
  const name = info.trim().split(/\s/)[0] ?? '';
  const language = code.length > (live ? LIVE_LIMIT : LIMIT) ? null : languageOf(name);
  const segments = useMemo(() => highlight(code, language), [code, language]);
  return (
    <div className="code-block">
      <div className="code-head">
        <span className="code-language">{name || 'text'}</span>
        <CopyButton text={() => code} label="Copy code" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={name ? `Code, ${name}` : 'Code'}>
        <code>{segments.map(({ text, className }, index) => (className ? <span key={index} className={className}>{text}</span> : text))}</code>
      </pre>
    </div>
  );
});
