import type { ClipboardEvent, DragEvent } from 'react';
import type { ModelChoice } from '../bridge/panel-state.ts';
import { useActions, useStoreApi } from '../state/context.tsx';
import type { Actions } from '../state/store.ts';

/** What providers take; `MAX_IMAGE_URL` of the bridge is this as base64. */
const MAX_BYTES = 20 * 1024 * 1024;
const TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Why a picture is not taken, in words; null when it is. Pure. */
export function imageProblem(file: { name: string; type: string; size: number }, model: ModelChoice | undefined) {
  if (model?.supportsImages === false)
    return `${model.displayName} cannot see images. Choose a model that can, then paste it again.`;
  if (!TYPES.includes(file.type)) return `${file.name} was not attached: only PNG, JPEG, GIF and WebP images are.`;
  if (file.size > MAX_BYTES) return `${file.name} was not attached: it has more than 20 MB. Make it smaller.`;
  return null;
}

function attach(files: readonly File[], model: ModelChoice | undefined, actions: Actions): void {
  for (const file of files) {
    const problem = imageProblem(file, model);
    if (problem) {
      actions.setNote(problem);
      continue;
    }
    const reader = new FileReader();
    reader.onload = () => {
      actions.post({ type: 'addImage', name: file.name || 'Pasted image', url: String(reader.result) });
    };
    reader.onerror = () => actions.setNote(`${file.name} could not be read: ${reader.error?.message ?? 'unknown'}`);
    reader.readAsDataURL(file);
  }
}

/** Pictures that are pasted or dropped, and files from the editor's trees that are dropped. */
export function useImages() {
  const actions = useActions();
  const store = useStoreApi();
  const model = () => {
    const { models, model: chosen } = store.getState().panel;
    return models.find((one) => one.provider === chosen?.provider && one.model === chosen.model);
  };
  return {
    onPaste: (event: ClipboardEvent) => {
      const images = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (images.length === 0) return;
      event.preventDefault();
      attach(images, model(), actions);
    },
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    },
    onDrop: (event: DragEvent) => {
      const { dataTransfer } = event;
      const list = dataTransfer.getData('application/vnd.code.uri-list') || dataTransfer.getData('text/uri-list');
      const uris = list.split(/\r?\n/).filter((line) => /^[a-z][a-z0-9+.-]*:/i.test(line));
      const files = [...dataTransfer.files];
      if (uris.length === 0 && files.length === 0) return;
      event.preventDefault();
      if (uris.length > 0) actions.post({ type: 'addFiles', uris: uris.slice(0, 50) });
      else attach(files, model(), actions);
    },
  };
}
