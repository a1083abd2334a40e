/** The command table. A command that is declared and missing here does not compile. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import { COMMANDS, type CommandId } from '../contributions.ts';
import { hooks } from './hook-commands.ts';
import { mcpServers } from './mcp-commands.ts';
import * as proposals from './proposal-commands.ts';
import * as review from './review-commands.ts';
import * as selection from './selection-commands.ts';
import * as setup from './setup-commands.ts';
import * as thread from './thread-commands.ts';

type Handler = (parts: GantryParts, ...given: unknown[]) => unknown;

const handlers: Record<CommandId, Handler> = {
  [COMMANDS.focusPanel]: async ({ panel, controller }) => {
    await panel.focus();
    controller.focusComposer();
  },
  [COMMANDS.newThread]: async ({ panel, threads, controller }) => {
    threads.newThread();
    await panel.focus();
    controller.focusComposer();
  },
  [COMMANDS.showHistory]: async ({ panel, history }) => {
    await panel.focus();
    await history.list(null, null);
  },
  [COMMANDS.interrupt]: ({ threads }) => threads.interrupt(),
  [COMMANDS.compact]: thread.compact,
  [COMMANDS.reviewChanges]: thread.reviewChanges,
  [COMMANDS.showLastPrompt]: thread.showLastPrompt,
  [COMMANDS.refreshModelPrices]: thread.refreshModelPrices,
  [COMMANDS.mcpServers]: mcpServers,
  [COMMANDS.hooks]: hooks,
  [COMMANDS.selectModel]: setup.selectModel,
  [COMMANDS.selectMode]: setup.selectMode,
  [COMMANDS.setApiKey]: setup.setApiKey,
  [COMMANDS.removeApiKey]: setup.removeApiKey,
  [COMMANDS.openConfig]: setup.openConfig,
  [COMMANDS.openCommandRules]: setup.openCommandRules,
  [COMMANDS.openSettings]: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:gantry.gantry'),
  [COMMANDS.showLog]: ({ log }) => log.show(true),
  [COMMANDS.restartAgent]: ({ core }) => core.restart(),
  [COMMANDS.openFolder]: () => vscode.commands.executeCommand('vscode.openFolder'),
  [COMMANDS.manageTrust]: () => vscode.commands.executeCommand('workbench.trust.manage'),
  [COMMANDS.askSelection]: selection.askSelection,
  [COMMANDS.explainSelection]: (parts) => selection.runSelectionAction(parts, 'explain'),
  [COMMANDS.fixSelection]: (parts) => selection.runSelectionAction(parts, 'fix'),
  [COMMANDS.writeTests]: (parts) => selection.runSelectionAction(parts, 'tests'),
  [COMMANDS.addFile]: selection.addFile,
  [COMMANDS.acceptProposal]: proposals.acceptProposal,
  [COMMANDS.rejectProposal]: proposals.rejectProposal,
  [COMMANDS.acceptAllProposals]: proposals.acceptAllProposals,
  [COMMANDS.rejectAllProposals]: proposals.rejectAllProposals,
  [COMMANDS.nextProposal]: proposals.nextProposal,
  [COMMANDS.showProposal]: proposals.showProposal,
  [COMMANDS.takeProposedHunk]: proposals.takeProposedHunk,
  [COMMANDS.dropProposedHunk]: proposals.dropProposedHunk,
  [COMMANDS.reviewKeepHunk]: review.keepHunk,
  [COMMANDS.reviewUndoHunk]: review.undoHunk,
  [COMMANDS.reviewNextHunk]: (parts) => review.goTo(parts, 'next'),
  [COMMANDS.reviewPreviousHunk]: (parts) => review.goTo(parts, 'previous'),
  [COMMANDS.reviewKeepFile]: review.keepFile,
  [COMMANDS.reviewUndoFile]: review.undoFile,
  [COMMANDS.reviewKeepAll]: review.keepAll,
  [COMMANDS.reviewUndoAll]: review.undoAll,
  [COMMANDS.reviewOpenChanges]: review.openChanges,
  [COMMANDS.reviewOpenAllChanges]: review.openAllChanges,
};

export function registerCommands(parts: GantryParts): vscode.Disposable[] {
  return Object.entries(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      try {
        return await handler(parts, ...given);
      } catch (error) {
        parts.controller.report(error);
        return undefined;
      }
    }),
  );
}
