/** Threads' files as they would be on disk, without a disk. */
import { emptyHeads, type LineHeads, parseLine, scanLines } from '../../../agent-core/threads/line-heads.ts';
import type { LineReader } from '../../../agent-core/threads/line-reader.ts';
import { lineText, type RolloutLine, type ThreadLine } from '../../../agent-core/threads/rollout.ts';
import { type Past, type ThreadView, viewOf } from '../../../agent-core/threads/thread-view.ts';

export const settings = {
  cwd: '/w',
  roots: ['/w'],
  model: { provider: 'p', model: 'm' },
  effort: null,
  approvalPolicy: 'never' as const,
  sandboxPolicy: {
    type: 'workspaceWrite' as const,
    writableRoots: ['/x'],
    networkAccess: true,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: true,
  },
  editApproval: 'askFirst' as const,
  developerInstructions: 'Be kind.',
  outputSchema: null,
};
export const usage = { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 3, reasoningOutput: 1 };
export const first: ThreadLine = {
  type: 'thread',
  version: 2,
  at: 1000,
  threadId: 't',
  cwd: '/w',
  source: 'vscode',
  originator: 'test',
  cliVersion: '1.0.0',
  provider: 'p',
  model: 'm',
  forkedFromId: null,
  gitInfo: null,
};
export const text = (value: string) => [{ type: 'text' as const, text: value }];
export const said = (value: string) => ({ type: 'message' as const, role: 'user' as const, content: text(value) });

export function turn(id: string, at: number, over: { end?: boolean; cwd?: string } = {}): RolloutLine[] {
  const lines: RolloutLine[] = [
    { type: 'turnStarted', at, turnId: id },
    { type: 'settings', at, settings: { ...settings, cwd: over.cwd ?? '/w' } },
    { type: 'item', at, turnId: id, item: { type: 'userMessage', id: `${id}u`, content: text(`ask ${id}`) } },
    { type: 'history', at, turnId: id, items: [said(`ask ${id}`)] },
    { type: 'item', at, turnId: id, item: { type: 'agentMessage', id: `${id}a`, text: `answer ${id}` } },
    { type: 'usage', at, turnId: id, usage, contextWindow: 1000 },
  ];
  if (over.end ?? true) {
    lines.push({ type: 'turnCompleted', at: at + 500, turnId: id, status: 'completed', error: null, durationMs: 500 });
  }
  return lines;
}

/** Files by name. */
export class Files {
  readonly #bytes = new Map<string, Buffer>();

  write(name: string, lines: readonly (RolloutLine | string)[]): LineHeads {
    const texts = lines.map((line) => `${typeof line === 'string' ? line : lineText(line)}\n`);
    const bytes = Buffer.from(texts.join(''));
    this.#bytes.set(name, bytes);
    const heads = emptyHeads();
    heads.scanned = scanLines(heads, bytes, 0);
    heads.size = bytes.length;
    return heads;
  }

  view(name: string, lines: readonly (RolloutLine | string)[], past: Past | null = null, bytes?: number): ThreadView {
    return viewOf(name, this.write(name, lines), past, bytes);
  }

  reader(view: ThreadView): LineReader {
    const textOf = ({ file, offset, length }: { file: number; offset: number; length: number }): string =>
      (this.#bytes.get(view.files[file] ?? '') ?? Buffer.alloc(0)).toString('utf8', offset, offset + length);
    return {
      problems: [],
      text: textOf,
      read(ref) {
        const parsed = parseLine(textOf(ref));
        return 'line' in parsed ? parsed.line : null;
      },
    };
  }
}
