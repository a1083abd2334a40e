/** What the editor holds and the disk does not. */
import type { EditorBuffers, UnsavedFile } from '../ports.ts';
import type { HostFsDirtyResponse } from '../protocol/index.ts';
import { refuseRead } from './disk-fs.ts';
import { askEditor, type EditorAnswer, type EditorLine } from './host-line.ts';
import { asOpened, pathOfUri, textUri } from './host-uri.ts';
import { isUnder, realish } from './real-paths.ts';
import type { Homes } from './sandbox-settings.ts';

/** It is asked before every call of the model: an editor that hangs costs this once, and nothing after that. A busy one is waited for. */
const DIRTY_LIMIT_MS = 2_000;
/** More files than this are no user's typing. */
const MOST_FILES = 200;
const MOST_CHARS = 10 * 1024 * 1024;

export type HostBuffersOptions = {
  threadId: string;
  homes: Homes;
  editor: () => EditorLine | null;
  onDisk: EditorBuffers['onDisk'];
};

type Dirty = EditorAnswer<HostFsDirtyResponse>;

export function createHostBuffers({ threadId, homes, editor, onDisk }: HostBuffersOptions): EditorBuffers {
  /** By URI: texts that need not be sent again. */
  let seen = new Map<string, { hash: string; text: string; path: string }>();
  /** An editor that has not answered yet. */
  let slow: { line: EditorLine; answer: Promise<unknown> } | null = null;

  const ask = async (): Promise<HostFsDirtyResponse['data'] | null> => {
    const line = editor();
    if (line === null || slow?.line === line) return null;
    const known = [...seen].map(([uri, { hash }]) => ({ uri, hash }));
    const answer = askEditor(line, 'host/fs/dirty', { threadId, ...(known.length > 0 ? { known } : {}) }, {});
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, DIRTY_LIMIT_MS, null);
    });
    const first: Dirty | null = await Promise.race([answer, limit]);
    clearTimeout(timer);
    if (first !== null) return first.type === 'answered' ? first.value.data : null;
    const waiting = { line, answer };
    slow = waiting;
    void answer.then(() => {
      if (slow === waiting) slow = null;
    });
    return null;
  };

  return {
    onDisk,

    async unsaved(settings) {
      const data = await ask();
      if (data === null) return null;
      const now: typeof seen = new Map();
      const files = new Map<string, UnsavedFile>();
      const roots = [settings.cwd, ...settings.roots].map(realish);
      for (const { uri, hash, text } of data.slice(0, MOST_FILES)) {
        const before = seen.get(uri);
        const whole = text ?? (before?.hash === hash ? before.text : null);
        const file = pathOfUri(uri);
        if (whole === null || whole.length > MOST_CHARS || file === null) continue;
        const real = realish(file);
        if (!roots.some((root) => isUnder(real, root)) || refuseRead(file, settings, homes)) continue;
        const shown = asOpened(real, settings);
        now.set(uri, { hash, text: whole, path: shown });
        files.set(real, { path: shown, text: whole, hash });
      }
      seen = now;
      return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    },

    async askToSave({ turnId, itemId, command, paths }, signal) {
      // By the names that the editor itself uses.
      const uriOf = new Map([...seen].map(([uri, file]) => [file.path, uri]));
      const asked = paths.map((file) => ({ file, uri: uriOf.get(file) ?? textUri(file, undefined) }));
      const params = { threadId, turnId, itemId, command, uris: asked.map(({ uri }) => uri) };
      const answer = await askEditor(editor(), 'host/fs/save', params, { signal });
      if (answer.type !== 'answered') return [];
      const saved = new Set(answer.value.saved.map(pathOfUri));
      return asked.filter(({ uri }) => saved.has(pathOfUri(uri))).map(({ file }) => file);
    },
  };
}
