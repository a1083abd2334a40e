/** What can be decided above the places that a pending proposal would change, in the real file and in the proposal. */
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import type { PendingFile } from './pending-file.ts';
import { PROPOSAL_SCHEME } from './proposal-fs.ts';
import { type ProposedHunk, placeOf } from './proposal-hunks.ts';
import type { ProposalReview } from './proposal-review.ts';
import { changedLines } from './proposed-change.ts';

/** Beyond it only the first place gets its lenses. */
const MAX_PLACES = 50;

export class ProposalLenses implements vscode.CodeLensProvider {
  readonly #review: ProposalReview;
  readonly onDidChangeCodeLenses: vscode.Event<void>;
  static readonly selector: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: PROPOSAL_SCHEME }];

  constructor(review: ProposalReview) {
    this.#review = review;
    this.onDidChangeCodeLenses = review.onDidChange;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const file = this.#review.find(document.uri);
    if (!file) return [];
    const onReal = document.uri.scheme !== PROPOSAL_SCHEME;
    const hunks = this.#review.hunksOf(file);
    const isAsRead = !onReal || document.getText().replaceAll('\r\n', '\n') === file.file.oldText;
    if (hunks.length > 1 && hunks.length <= MAX_PLACES && isAsRead)
      return hunks.flatMap((hunk) => hunkLenses(document, file, hunks, hunk, onReal));
    const { oldText, newText } = file.file;
    const lines = changedLines(document.getText(), (onReal ? newText : oldText) ?? '');
    const places = lines.length > MAX_PLACES ? lines.slice(0, 1) : lines;
    const many = lines.length > 1 ? ` (${lines.length} places)` : '';
    return places.flatMap((line) => fileLenses(lensAt(document, line), file, many, onReal));
  }
}

type MakeLens = (title: string, command: string, given: readonly unknown[]) => vscode.CodeLens;

function lensAt(document: vscode.TextDocument, line: number): MakeLens {
  const at = Math.max(0, Math.min(line, document.lineCount - 1));
  const range = new vscode.Range(at, 0, at, 0);
  return (title, command, given) => new vscode.CodeLens(range, { title, command, arguments: [...given] });
}

function fileLenses(
  lens: MakeLens,
  { proposal, asOne }: PendingFile,
  many: string,
  onReal: boolean,
): vscode.CodeLens[] {
  // One decision is all that such an agent takes.
  const what = asOne === null || asOne === 1 ? `proposed change${many}` : `the whole change, ${asOne} files`;
  return [
    lens(`$(check) Accept ${what}`, COMMANDS.acceptProposal, [proposal]),
    lens('$(close) Reject', COMMANDS.rejectProposal, [proposal]),
    ...(onReal ? [lens('$(diff) Show', COMMANDS.showProposal, [proposal])] : []),
  ];
}

function hunkLenses(
  document: vscode.TextDocument,
  file: PendingFile,
  hunks: readonly ProposedHunk[],
  hunk: ProposedHunk,
  onReal: boolean,
): vscode.CodeLens[] {
  const [first] = hunk.present.length > 0 ? hunk.present : hunk.offered;
  const lens = lensAt(document, onReal ? (first?.start ?? 0) : placeOf(hunks, hunk).start);
  const taken = hunks.filter(({ state }) => state !== 'dropped').length;
  const choose =
    hunk.state === 'dropped'
      ? lens('$(add) Take this hunk', COMMANDS.takeProposedHunk, [file.proposal, hunk.id])
      : lens('$(close) Leave this hunk out', COMMANDS.dropProposedHunk, [file.proposal, hunk.id]);
  const all = taken === hunks.length ? `all ${taken}` : `${taken} of ${hunks.length}`;
  return [
    choose,
    lens(`$(check) Accept ${all}`, COMMANDS.acceptProposal, [file.proposal]),
    ...(onReal ? [lens('$(diff) Show', COMMANDS.showProposal, [file.proposal])] : []),
  ];
}
