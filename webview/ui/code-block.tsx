import { memo, useMemo } from 'react';
import { CopyButton } from './copy-button.tsx';
import { highlight, languageOf } from './highlight.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { Segments } from './segments.tsx';

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
      <ScrollRegion className="code-text" label={name ? `Code, ${name}` : 'Code'}>
        <pre>
          <code>
            <Segments parts={segments} />
          </code>
        </pre>
      </ScrollRegion>
    </div>
  );
});
