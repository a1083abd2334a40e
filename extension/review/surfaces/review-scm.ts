/** The review as a source control of its own, there only while something waits: gutter, peek and the list of files. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import { baselineUri } from '../base-provider.ts';
import type { ReviewedFile } from '../store/review-store.ts';
import { plural } from './hunk-text.ts';
import type { ReviewSource } from './review-source.ts';

export const SOURCE_CONTROL = 'gantry';

const ABOUT: Record<ReviewedFile['kind'], string> = {
  update: 'changed',
  add: 'new file',
  delete: 'deleted',
  rename: 'renamed',
};

export class ReviewScm implements vscode.Disposable {
  readonly #source: ReviewSource;
  #control: vscode.SourceControl | null = null;
  #group: vscode.SourceControlResourceGroup | null = null;

  constructor(source: ReviewSource) {
    this.#source = source;
  }

  /** Brings the list up to date; the editor then compares the open files with their baselines again. */
  update(): void {
    const { files } = this.#source;
    if (files.length === 0) {
      this.#remove();
      return;
    }
    const group = this.#group ?? this.#create();
    group.resourceStates = files.map(stateOf);
  }

  dispose(): void {
    this.#remove();
  }

  #create(): vscode.SourceControlResourceGroup {
    const control = vscode.scm.createSourceControl(SOURCE_CONTROL, 'Gantry');
    control.inputBox.visible = false;
    // Most of these files are changes to Git as well: the number at the view's icon would count them twice.
    control.count = 0;
    control.quickDiffProvider = { provideOriginalResource: (uri) => this.#original(uri) };
    this.#control = control;
    this.#group = control.createResourceGroup('pending', 'Changes to Review');
    this.#group.hideWhenEmpty = true;
    return this.#group;
  }

  #remove(): void {
    this.#control?.dispose();
    this.#control = null;
    this.#group = null;
  }

  #original(uri: vscode.Uri): vscode.Uri | undefined {
    const file = this.#source.find(uri);
    return file && file.hunks.length > 0 ? baselineUri(file.uri, 'gutter') : undefined;
  }
}

function stateOf(file: ReviewedFile): vscode.SourceControlResourceState {
  const { uri, kind, movedFrom, hunks } = file;
  const from = movedFrom ? ` from ${posix.basename(movedFrom.path)}` : '';
  return {
    resourceUri: uri,
    contextValue: kind,
    command: { command: COMMANDS.reviewOpenChanges, title: 'Open Changes', arguments: [uri] },
    decorations: {
      strikeThrough: kind === 'delete',
      tooltip: `${ABOUT[kind]}${from}, ${plural(Math.max(1, hunks.length), 'change')} to review`,
    },
  };
}
