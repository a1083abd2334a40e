import type { IconName } from '../ui/icon.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

/** A quiet line, with a text behind it when there is one. */
export function NoteCard({
  id,
  icon,
  title,
  text,
}: {
  id: string;
  icon: IconName;
  title: string;
  text: string | null;
}) {
  return (
    <Step id={id} icon={icon} tone="muted" title={title}>
      {text ? <Markdown text={text} /> : undefined}
    </Step>
  );
}
