/** Accept and Reject above the places that a pending proposal would change, in the real file and in the proposal. */
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import { PROPOSAL_SCHEME } from './proposal-fs.ts';
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
    const { oldText, newText } = file.file;
    const onReal = document.uri.scheme !== PROPOSAL_SCHEME;
    const lines = changedLines(document.getText(), (onReal ? newText : oldText) ?? '');
    const places = lines.length > MAX_PLACES ? lines.slice(0, 1) : lines;
    const many = lines.length > 1 ? ` (${lines.length} places)` : '';
    return places.flatMap((line) => {
      const at = Math.min(line, document.lineCount - 1);
      const range = new vscode.Range(at, 0, at, 0);
      const lens = (title: string, command: string) =>
        new vscode.CodeLens(range, { title, command, arguments: [file.proposal] });
      return [
        lens(`$(check) Accept proposed change${many}`, COMMANDS.acceptProposal),
        lens('$(close) Reject', COMMANDS.rejectProposal),
        ...(onReal ? [lens('$(diff) Show', COMMANDS.showProposal)] : []),
      ];
    });
  }
}
