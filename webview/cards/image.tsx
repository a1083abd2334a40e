import { memo } from 'react';
import type { ImageGenerationThreadItem, ImageViewThreadItem } from '../../agent-core/protocol/index.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { relativePath } from '../ui/format.ts';
import { Step } from '../ui/step.tsx';

function OpenPath({ path }: { path: string }) {
  const { post } = useActions();
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  return (
    <button type="button" className="link" onClick={() => post({ type: 'openFile', path, line: null })}>
      Open {relativePath(path, cwd)}
    </button>
  );
}

export const ImageViewCard = memo(function ImageViewCard({ item }: { item: ImageViewThreadItem }) {
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  return (
    <Step
      id={item.id}
      icon="image"
      title={
        <>
          <span className="step-verb">Looked at</span>{' '}
          <span className="step-detail">{relativePath(item.path, cwd)}</span>
        </>
      }
    >
      <OpenPath path={item.path} />
    </Step>
  );
});

export const ImageCard = memo(function ImageCard({ item, done }: { item: ImageGenerationThreadItem; done: boolean }) {
  const failed = Boolean(item.failure) || item.status === 'failed';
  const verb = failed ? 'Could not make an image' : done ? 'Made an image' : 'Making an image';
  return (
    <Step
      id={item.id}
      icon="image"
      tone={failed ? 'failed' : done ? 'normal' : 'running'}
      title={
        <>
          <span className="step-verb">{verb}</span> <span className="step-detail">{item.revisedPrompt ?? ''}</span>
        </>
      }
    >
      {item.savedPath ? <OpenPath path={item.savedPath} /> : undefined}
    </Step>
  );
});
