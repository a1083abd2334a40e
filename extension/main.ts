/** The extension's entry: puts the parts together, registers the tables, starts the core. No logic. */
import * as vscode from 'vscode';
import { registerCommands } from './commands/index.ts';
import { runSlash } from './commands/thread-commands.ts';
import { createParts, type GantryParts } from './context.ts';
import { COMMANDS, VIEWS } from './contributions.ts';
import { currentPlace } from './host/workspace-place.ts';
import { PROPOSAL_SCHEME } from './review/ask-first/proposal-fs.ts';
import { ProposalLenses } from './review/ask-first/proposal-lenses.ts';
import { BASE_SCHEME } from './review/base-provider.ts';
import { closeProposals } from './review/diff-tabs.ts';
import { wire } from './wiring.ts';

/** For tests, which look at the parts from inside. */
export type GantryApi = { parts: GantryParts };

/** Other extensions can read what is returned here, and the parts lead to the keys: so they get nothing. */
export function activate(extension: vscode.ExtensionContext): GantryApi | undefined {
  const parts = createParts(extension);
  const { bases, core, hostModels, log, panel, proposals, review, status } = parts;
  extension.subscriptions.push(
    { dispose: () => core.dispose() },
    hostModels,
    review,
    proposals,
    ...wire(parts),
    ...registerCommands(parts),
    vscode.window.registerWebviewViewProvider(VIEWS.panel, panel, {
      webviewOptions: { retainContextWhenHidden: true },
    }),
    vscode.workspace.registerFileSystemProvider(PROPOSAL_SCHEME, proposals, { isCaseSensitive: true }),
    vscode.workspace.registerTextDocumentContentProvider(BASE_SCHEME, bases),
    vscode.languages.registerCodeLensProvider(ProposalLenses.selector, new ProposalLenses(review)),
    // After all that writes into it.
    log,
  );
  parts.controller.onSlash((name, argument) => runSlash(parts, name, argument));
  status.refresh();
  core.start();
  closeLeftProposals(parts);
  if (currentPlace().folder !== null) void bringBackUnsent(parts);
  if (process.env.GANTRY_OPEN_PANEL === '1') void vscode.commands.executeCommand(COMMANDS.focusPanel);
  return extension.extensionMode === vscode.ExtensionMode.Test ? { parts } : undefined;
}

/** Diffs that the window has kept over a reload show nothing any more: what they proposed went with the session. */
function closeLeftProposals({ log, review }: GantryParts): void {
  closeProposals((uri) => review.find(uri) === undefined).then(undefined, (error: unknown) =>
    log.warn(`Diffs of an earlier session: ${String(error)}`),
  );
}

async function bringBackUnsent({ preferences, controller }: GantryParts): Promise<void> {
  const text = await preferences.takeUnsent();
  if (text !== null) controller.focusComposer(text);
}
