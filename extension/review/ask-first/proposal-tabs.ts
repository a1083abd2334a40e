/** The native diffs of pending files: opened without taking the focus, closed with what they propose. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { BaseProvider } from '../base-provider.ts';
import { closeProposals, type OpenOptions, openDiff } from '../diff-tabs.ts';
import type { PendingFile } from './pending-file.ts';

export type TabsDeps = {
  bases: BaseProvider;
  isPending(file: PendingFile): boolean;
  log: { warn(text: string): void };
};

/** More than this at once would bury the person's own tabs; the rest opens as the others are decided. */
const MAX_OPENED = 8;
/** An editor that takes longer than this to come up is not waited for. */
const OPENING_LIMIT_MS = 5_000;

export class ProposalTabs {
  readonly #deps: TabsDeps;
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor(deps: TabsDeps) {
    this.#deps = deps;
  }

  async show(file: PendingFile, options: OpenOptions): Promise<void> {
    const { real, proposal } = file;
    const left = file.file.kind === 'add' ? this.#deps.bases.put('empty', real, '') : vscode.Uri.file(file.file.path);
    const name = posix.basename(real.path);
    const action = { add: 'new file', delete: 'deletion', update: 'proposed change' }[file.file.kind];
    const whole =
      file.asOne === null ? '' : file.asOne > 1 ? `, all ${file.asOne} files or none` : ', whole or not at all';
    const opened = openDiff({ left, right: proposal, title: `${name} (${action}${whole})` }, options);
    // Several may be coming up at once.
    this.#opening.set(file.approvalId, Promise.allSettled([this.#opening.get(file.approvalId), opened]));
    await opened;
    // The editor may come up only after somebody has decided; it is then of no use.
    if (!this.#deps.isPending(file)) await this.close(file);
  }

  /** The first file ends up in front. */
  async open(files: readonly PendingFile[]): Promise<void> {
    const shown = files.slice(0, MAX_OPENED).reverse();
    for (const file of shown) {
      if (!this.#deps.isPending(file)) continue;
      try {
        await this.show(file, { preserveFocus: true, preview: shown.length === 1 });
      } catch (error) {
        this.#deps.log.warn(`The diff of ${file.real.fsPath} could not be opened: ${String(error)}`);
      }
    }
  }

  async close(file: PendingFile): Promise<void> {
    await closeProposals((uri) => uri.toString() === file.proposal.toString());
  }

  /** An editor that is just coming up must find its texts, and is closed with the others. */
  async closeAll(approvalId: string): Promise<void> {
    await within(OPENING_LIMIT_MS, this.#opening.get(approvalId));
    this.#opening.delete(approvalId);
    await closeProposals((uri) => uri.authority === approvalId);
  }
}

async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
