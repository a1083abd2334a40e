/** What leads to what: events of the core, the editor and the parts, each with its effect. */
import * as vscode from 'vscode';
import type { GantryParts } from './context.ts';
import { COMMANDS, CONTEXT_KEYS, type ContextKey } from './contributions.ts';
import { showReviews } from './panel/review-requests.ts';
import { isOpenElsewhere } from './panel/thread-controller.ts';
import { proposalOfTab } from './review/diff-tabs.ts';
import { openFinishedDiff } from './review/finished-changes.ts';
import { openReviewDiff } from './review/surfaces/review-diffs.ts';
import { AGENT_COMMAND, settings } from './settings.ts';
import { StatusBar } from './status-bar.ts';

const LOCK_PATIENCE_MS = 5_000;
const LOCK_RETRY_MS = 250;

/** All subscriptions of the extension; disposing them undoes them. */
export function wire(parts: GantryParts): { dispose(): void }[] {
  return [
    ...wireCore(parts),
    ...wireEditor(parts),
    ...wireSurfaces(parts),
    showReviews({ ...parts, reviews: parts.reviews.store }),
  ];
}

function wireCore({
  core,
  status,
  threads,
  keys,
  hostModels,
  preferences,
  review,
  reviews,
  foreign,
  bases,
  store,
  log,
  controller,
  cards,
  elicitations,
  saveQuestions,
  approvals,
  blocked,
}: GantryParts) {
  /** A window that was just reloaded or closed may have its thread for a moment yet. */
  const resumePatiently = async (threadId: string) => {
    const giveUp = Date.now() + LOCK_PATIENCE_MS;
    for (;;) {
      try {
        return await threads.resume(threadId);
      } catch (error) {
        if (!isOpenElsewhere(error) || Date.now() > giveUp) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  };
  const resumeFirst = async (restarted: boolean) => {
    const last = restarted ? threads.threadId : preferences.threadId;
    if (!last) return;
    try {
      await resumePatiently(last);
    } catch (error) {
      if (isOpenElsewhere(error)) {
        void controller.offerCopy(last);
        return;
      }
      // A thread without a first message was never stored; nothing is lost with it.
      log.warn(`The thread ${last} could not be resumed: ${String(error)}`);
      if (restarted)
        controller.report(
          new Error('The open thread could not be loaded again. Start a new one; what it says stays until then.'),
        );
      else preferences.setThreadId(null);
    }
  };
  return [
    core.onReady(({ client, restarted }) => {
      threads.restore(status.load(client).then(() => resumeFirst(restarted)));
    }),
    core.onLost(() => {
      foreign.lost();
      hostModels.cancelAll();
      cards.takeBackAll();
      elicitations.takeBackAll();
      saveQuestions.endAll();
    }),
    core.onNotification((notification) => {
      status.hear(notification);
      const { method, params } = notification;
      if (method === 'serverRequest/resolved') {
        cards.takeBack(params.threadId, params.requestId);
        elicitations.takeBack(params.threadId, params.requestId);
      }
      if (method === 'turn/completed') {
        elicitations.endTurn(params.threadId, params.turn.id);
        saveQuestions.endTurn(params.threadId, params.turn.id);
        approvals.endTurn(params.threadId, params.turn.id);
      }
      if (method === 'fileReview/changed')
        reviews.store.commandChanged(params).catch((error) => log.error(`A change was not taken up: ${String(error)}`));
      const taken = core.client && !core.client.gantry ? foreign.hear(notification) : Promise.resolve();
      if (method === 'gantry/item/blocked') blocked.note(params);
      if (method === 'host/lm/cancel') hostModels.cancel(params);
      if (method === 'gantry/model/changed' && core.client)
        void status.loadModels(core.client).catch((error) => log.error(String(error)));
      if (method === 'item/completed' && params.item.type === 'fileChange' && settings.autoOpen() === 'always') {
        const { item } = params;
        const [first] = item.status === 'completed' && params.threadId === store.state.thread?.id ? item.changes : [];
        const options = { preserveFocus: true, preview: true };
        void taken.then(() => {
          const waiting = first && reviews.store.find(vscode.Uri.file(first.path));
          if (waiting) void openReviewDiff(waiting, bases, options);
          else if (first && !review.acceptedFile(item.id, first.path))
            void openFinishedDiff({ review, bases }, item, first.path, options);
        });
      }
    }),
    core.onState(({ status: state, message }) => {
      if (state === 'failed') void reportFailure(message, core.badSetting);
    }),
    keys.onDidChange(async ({ provider, key }) => {
      const client = core.client;
      if (!client?.gantry) return;
      try {
        await client.request('gantry/secret/set', { provider, key });
        await status.loadModels(client, true);
      } catch (error) {
        controller.report(error);
      }
    }),
    vscode.lm.onDidChangeChatModels(() => {
      if (core.client) void hostModels.offer(core.client).catch((error) => log.warn(String(error)));
    }),
  ];
}

const OPEN_SETTING = 'Open Setting';

async function reportFailure(message: string | null, badSetting: string | null): Promise<void> {
  const choice = await vscode.window.showErrorMessage(
    `Gantry: ${message ?? 'The agent does not run.'}`,
    ...(badSetting ? [OPEN_SETTING] : []),
    'Restart',
    'Show Log',
  );
  if (choice === OPEN_SETTING) await vscode.commands.executeCommand('workbench.action.openSettings', badSetting);
  if (choice === 'Restart') await vscode.commands.executeCommand(COMMANDS.restartAgent);
  if (choice === 'Show Log') await vscode.commands.executeCommand(COMMANDS.showLog);
}

function wireEditor({ status, threads }: GantryParts) {
  const placeChanged = () => {
    threads.forgetTrust();
    status.refresh();
  };
  return [
    vscode.workspace.onDidGrantWorkspaceTrust(placeChanged),
    vscode.workspace.onDidChangeWorkspaceFolders(placeChanged),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('gantry.mode') || event.affectsConfiguration('gantry.model')) status.refresh();
      if (!event.affectsConfiguration(AGENT_COMMAND)) return;
      status.refresh();
      const choice = await vscode.window.showInformationMessage('The agent’s command has changed.', 'Restart Agent');
      if (choice) await vscode.commands.executeCommand(COMMANDS.restartAgent);
    }),
  ];
}

function wireSurfaces({
  store,
  approvals,
  cards,
  checkpoints,
  elicitations,
  saveQuestions,
  review,
  surfaces,
  threads,
  panel,
  attachments,
}: GantryParts) {
  const statusBar = new StatusBar();
  const keys = new ContextKeys();
  const update = () => {
    const waiting = approvals.all.length + cards.size + elicitations.size + saveQuestions.size;
    statusBar.update({ state: store.state, waiting });
    panel.setBadge(waiting);
    keys.set(CONTEXT_KEYS.running, threads.isRunning);
  };
  const updateProposals = () => {
    const front =
      proposalOfTab(vscode.window.tabGroups.activeTabGroup.activeTab) ?? vscode.window.activeTextEditor?.document.uri;
    keys.set(CONTEXT_KEYS.proposalPending, review.pendingFiles.length > 0);
    keys.set(CONTEXT_KEYS.proposalActive, front !== undefined && review.find(front) !== undefined);
  };
  update();
  updateProposals();
  return [
    statusBar,
    store.onPatches((patches) => {
      if (patches.some(({ op }) => op !== 'delta')) update();
      if (!patches.some(({ op }) => op === 'thread')) return;
      checkpoints.leave(threads.threadId);
      attachments.show(threads.threadId);
    }),
    approvals.onAdded(update),
    approvals.onGone(update),
    cards.onChanged(update),
    elicitations.onChanged(update),
    saveQuestions.onChanged(update),
    review.onDidChange(updateProposals),
    surfaces.actions.onDidAnnounce((text) => panel.send({ type: 'announce', text })),
    vscode.window.onDidChangeActiveTextEditor(updateProposals),
    vscode.window.tabGroups.onDidChangeTabs(updateProposals),
    vscode.window.tabGroups.onDidChangeTabGroups(updateProposals),
  ];
}

/** Tells the editor of a key only when it has changed. */
class ContextKeys {
  readonly #values = new Map<ContextKey, boolean>();

  set(key: ContextKey, value: boolean): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
