import { memo, type ReactNode } from 'react';
import type { DynamicToolCallThreadItem, FunctionCallOutputThreadItem } from '../../agent-core/protocol/index.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { duration } from '../ui/format.ts';
import type { IconName } from '../ui/icon.tsx';
import { Output } from '../ui/output.tsx';
import { Step } from '../ui/step.tsx';
import { BlockedNote } from './blocked-note.tsx';

/** A value for people: text as it is, anything else as JSON; empty when there is nothing to show. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return JSON.stringify(value, null, 2);
}

/** Arguments in a line: `query: rounding, limit: 5`. */
export function brief(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return valueText(value).replace(/\s+/g, ' ').slice(0, 120);
  const parts = Object.entries(value).map(
    ([key, one]) => `${key}: ${typeof one === 'string' ? one : JSON.stringify(one)}`,
  );
  return parts.join(', ').replace(/\s+/g, ' ').slice(0, 120);
}

/** The readable text of a list of content parts; a part that is no text is named. */
function contentText(parts: readonly unknown[]): string {
  return parts
    .map((part) => {
      const { text, type } = (part ?? {}) as { text?: unknown; type?: unknown };
      if (typeof text === 'string') return text;
      return typeof type === 'string' && /image|audio/i.test(type) ? `[${type}]` : valueText(part);
    })
    .filter(Boolean)
    .join('\n');
}

type ToolProps = {
  id: string;
  icon: IconName;
  name: string;
  from: string | null;
  status: 'inProgress' | 'completed' | 'failed';
  input: unknown;
  output: string;
  error: string | null;
  durationMs: number | null | undefined;
  ask?: ReactNode;
  /** In place of the name and where it is from. */
  title?: ReactNode;
  /** The same for a screen reader. */
  label?: string;
  /** How far it is, in the tool's own words. */
  progress?: string | null;
  /** Under the result. */
  more?: ReactNode;
  /** There is something to see that its line does not tell. */
  openByDefault?: boolean;
};

/** A call of a tool as a step. */
export function ToolStep({
  id,
  icon,
  name,
  from,
  status,
  input,
  output,
  error,
  durationMs,
  ask,
  title,
  label,
  progress,
  more,
  openByDefault = false,
}: ToolProps) {
  const tone = status === 'inProgress' ? (ask ? 'normal' : 'running') : status === 'failed' ? 'failed' : 'normal';
  const said = { inProgress: ask ? 'waiting for approval' : 'running', completed: 'succeeded', failed: 'failed' }[
    status
  ];
  const inputText = valueText(input);
  return (
    <Step
      id={id}
      icon={icon}
      tone={tone}
      title={
        <>
          {title ?? (
            <>
              <span className="step-verb">{name}</span>
              {from && <span className="step-from"> · {from}</span>}
            </>
          )}{' '}
          <span className="step-detail">{progress ?? brief(input)}</span>
        </>
      }
      name={[label ?? name, from, said].filter(Boolean).join(', ')}
      meta={
        <>
          {status === 'failed' && <span className="badge failed">failed</span>}
          {durationMs ? <span className="took">{duration(durationMs)}</span> : null}
        </>
      }
      openByDefault={openByDefault || status === 'failed' || Boolean(ask)}
      note={<BlockedNote itemId={id} />}
      footer={ask}
    >
      <div className="command-body">
        {inputText && (
          <>
            <p className="label">Input</p>
            <Output text={inputText} live={false} label={`Input of ${name}`} />
          </>
        )}
        {error && <p className="error-text">{error}</p>}
        {output && (
          <>
            <p className="label">Result</p>
            <div className="command-output">
              <Output text={output} live={false} label={`Result of ${name}`} />
              <CopyButton text={() => output} label="Copy result" />
            </div>
          </>
        )}
        {more}
        {progress && <p className="hint">{progress}</p>}
        {!inputText && !output && !error && !more && (
          <p className="hint">{status === 'inProgress' ? 'No result yet.' : 'No result.'}</p>
        )}
      </div>
    </Step>
  );
}

export const DynamicToolCard = memo(function DynamicToolCard({
  item,
  ask,
}: {
  item: DynamicToolCallThreadItem;
  ask: ReactNode;
}) {
  const output = contentText(item.contentItems ?? []);
  return (
    <ToolStep
      id={item.id}
      icon="tools"
      name={item.tool}
      from={item.namespace ?? null}
      status={item.status}
      input={item.arguments}
      output={output}
      error={item.status === 'failed' && !output ? 'The tool gave no reason.' : null}
      durationMs={item.durationMs}
      ask={ask}
    />
  );
});

export const FunctionOutputCard = memo(function FunctionOutputCard({ item }: { item: FunctionCallOutputThreadItem }) {
  const output = typeof item.output === 'string' ? item.output : contentText(item.output);
  return (
    <ToolStep
      id={item.id}
      icon="tools"
      name={item.name}
      from={item.namespace ?? null}
      status="completed"
      input={null}
      output={output}
      error={null}
      durationMs={null}
    />
  );
});
