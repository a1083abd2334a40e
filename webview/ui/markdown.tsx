import { type MouseEvent, memo, useRef } from 'react';
import { useActions } from '../state/context.tsx';
import { CodeBlock } from './code-block.tsx';
import { type Block, type Reading, readMarkdown } from './markdown-blocks.ts';

const HtmlBlock = memo(function HtmlBlock({ html }: { html: string }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: made by readMarkdown, which sanitises
  return <div className="md-block" dangerouslySetInnerHTML={{ __html: html }} />;
});

/** Markdown that may still grow (`live`): only the block at its end renders again. Links go to the host. */
export function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  const { post } = useActions();
  const reading = useRef<Reading | undefined>(undefined);
  const wasLive = useRef(live);
  if (reading.current?.text !== text || (wasLive.current && !live)) {
    reading.current = readMarkdown(text, reading.current, !live);
    wasLive.current = live;
  }
  const onClick = (event: MouseEvent) => {
    const link = (event.target as Element).closest('a');
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const { path, line } = link.dataset;
    if (path) post({ type: 'openFile', path, line: line ? Number(line) : null });
    else post({ type: 'openLink', href: link.getAttribute('href') ?? '' });
  };
  const { blocks } = reading.current as Reading;
  const last = blocks.length - 1;
  const one = (block: Block, index: number) =>
    block.kind === 'code' ? (
      <CodeBlock key={block.key} code={block.code} info={block.info} live={live && index === last} />
    ) : (
      <HtmlBlock key={block.key} html={block.html} />
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: catches the clicks of the links inside
    // biome-ignore lint/a11y/useKeyWithClickEvents: links are clicked by keyboard too
    <div className="markdown" onClick={onClick} onAuxClick={onClick}>
      {blocks.map(one)}
    </div>
  );
}
