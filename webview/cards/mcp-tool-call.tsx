import { memo, type ReactNode } from 'react';
import type { McpToolCallThreadItem } from '../../agent-core/protocol/index.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Output } from '../ui/output.tsx';
import { ToolStep, valueText } from './tool-call.tsx';

/** What a browser shows as a picture and nothing else; an SVG could bring more with it. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const MOST_PICTURES = 8;

type Parts = { text: string; pictures: string[] };

/** What a server answered: its text, its pictures as data URLs, and all else named. */
export function readContent(content: readonly unknown[]): Parts {
  const pictures: string[] = [];
  const texts = content.map((part) => {
    const { type, text, data, mimeType, uri, name, resource } = (part ?? {}) as Record<string, unknown>;
    if (type === 'text' && typeof text === 'string') return text;
    if (type === 'image' && typeof data === 'string' && PICTURES.has(String(mimeType))) {
      if (pictures.length < MOST_PICTURES && /^[\w+/=\s]*$/.test(data)) {
        pictures.push(`data:${String(mimeType)};base64,${data}`);
        return '';
      }
    }
    if (type === 'image' || type === 'audio') return `[${type}${mimeType ? `, ${String(mimeType)}` : ''}]`;
    if (type === 'resource_link') return `${String(name ?? 'resource')}: ${String(uri)}`;
    if (type === 'resource') {
      const { uri: from, text: inside } = (resource ?? {}) as Record<string, unknown>;
      return typeof inside === 'string' ? `${String(from)}\n${inside}` : `[resource ${String(from)}]`;
    }
    return typeof text === 'string' ? text : valueText(part);
  });
  return { text: texts.filter(Boolean).join('\n'), pictures };
}

/** Structured content, unless a text says the very same. */
function structuredText(value: unknown, text: string): string {
  const shown = valueText(value);
  if (!shown || !text) return shown;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value) ? '' : shown;
  } catch {
    return shown;
  }
}

/** A call of a tool of an MCP server: what it was given, how far it is, what it answered or what was in its way. */
export const McpToolCard = memo(function McpToolCard({ item, ask }: { item: McpToolCallThreadItem; ask: ReactNode }) {
  const { post } = useActions();
  const progress = usePanel((panel) => panel.thread?.extras.toolProgress[item.id] ?? null);
  const { text, pictures } = readContent(item.result?.content ?? []);
  const structured = structuredText(item.result?.structuredContent, text);
  const running = item.status === 'inProgress' && !ask;
  const failed = item.status === 'failed';
  const hasMore = pictures.length > 0 || structured !== '' || failed;
  return (
    <ToolStep
      id={item.id}
      icon="plug"
      name={item.tool}
      from={null}
      title={
        <>
          <span className="step-from">{item.server} › </span>
          <span className="step-verb">{item.tool}</span>
        </>
      }
      label={`${item.server}, ${item.tool}`}
      status={item.status}
      input={item.arguments}
      output={text}
      error={item.error?.message ?? null}
      progress={running ? progress : null}
      durationMs={item.durationMs}
      ask={ask}
      openByDefault={pictures.length > 0}
      more={
        hasMore && (
          <>
            {structured && (
              <>
                <p className="label">Structured result</p>
                <div className="command-output">
                  <Output text={structured} live={false} label={`Structured result of ${item.tool}`} />
                  <CopyButton text={() => structured} label="Copy structured result" />
                </div>
              </>
            )}
            {pictures.map((url, index) => (
              <img key={url} className="tool-picture" src={url} alt={`${index + 1} from ${item.tool}`} />
            ))}
            {failed && (
              <div className="approval-actions">
                <Button
                  icon="plug"
                  label="MCP servers"
                  title="What this server may do, and how it is"
                  onClick={() => post({ type: 'command', command: 'gantry.mcpServers' })}
                />
              </div>
            )}
          </>
        )
      }
    />
  );
});
