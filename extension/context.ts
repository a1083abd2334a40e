/** The parts of the extension, put together once; every command gets this one object. */
import { existsSync } from 'node:fs';
import * as os from 'node:os';
import * as vscode from 'vscode';
import { coreEnvironment } from './core/core-environment.ts';
import type { CoreCommand } from './core/core-process.ts';
import { CoreSupervisor } from './core/core-supervisor.ts';
import { HostModels } from './host/host-models.ts';
import { currentPlace } from './host/workspace-place.ts';
import { SaveQuestions } from './host-fs/save-question.ts';
import { WorkspaceWriter } from './host-fs/workspace-writer.ts';
import { Completions } from './panel/completions.ts';
import { PanelController } from './panel/controller.ts';
import { HistoryController } from './panel/history-controller.ts';
import { PanelStore } from './panel/panel-store.ts';
import { PanelView } from './panel/panel-view.ts';
import { ThreadActions } from './panel/thread-actions.ts';
import { ThreadController } from './panel/thread-controller.ts';
import { ThreadExtrasKeeper } from './panel/thread-extras.ts';
import { ProposalFileSystem } from './review/ask-first/proposal-fs.ts';
import { ProposalReview } from './review/ask-first/proposal-review.ts';
import { BaseProvider } from './review/base-provider.ts';
import { foreignReviews } from './review/foreign/editor-foreign.ts';
import type { ForeignReviews } from './review/foreign/foreign-reviews.ts';
import { toldLater, toldOf } from './review/foreign/told-later.ts';
import { EditorReviews } from './review/store/editor-reviews.ts';
import { ReviewSurfaces } from './review/surfaces/index.ts';
import { serverRequestHandlers } from './server-requests.ts';
import { ApprovalRegistry } from './session/approvals.ts';
import { Attachments } from './session/attachments.ts';
import { BlockedItems } from './session/blocked-items.ts';
import { Checkpoints } from './session/checkpoints.ts';
import { Elicitations } from './session/elicitations.ts';
import { McpServers } from './session/mcp-servers.ts';
import { McpStartups } from './session/mcp-startups.ts';
import { Preferences } from './session/preferences.ts';
import { Questions } from './session/questions.ts';
import { Remembered } from './session/remembered.ts';
import { ProviderKeys } from './session/secrets.ts';
import { SessionStatus } from './session/session-status.ts';
import { AGENT_COMMAND, settings } from './settings.ts';

export type GantryParts = {
  extension: vscode.ExtensionContext;
  log: vscode.LogOutputChannel;
  core: CoreSupervisor;
  store: PanelStore;
  status: SessionStatus;
  preferences: Preferences;
  keys: ProviderKeys;
  approvals: ApprovalRegistry;
  attachments: Attachments;
  remembered: Remembered;
  threads: ThreadController;
  history: HistoryController;
  hostModels: HostModels;
  cards: Questions;
  elicitations: Elicitations;
  blocked: BlockedItems;
  checkpoints: Checkpoints;
  mcp: McpServers;
  extras: ThreadExtrasKeeper;
  actions: ThreadActions;
  completions: Completions;
  proposals: ProposalFileSystem;
  bases: BaseProvider;
  writer: WorkspaceWriter;
  saveQuestions: SaveQuestions;
  review: ProposalReview;
  reviews: EditorReviews;
  foreign: ForeignReviews;
  surfaces: ReviewSurfaces;
  controller: PanelController;
  panel: PanelView;
};

function coreCommand(extension: vscode.ExtensionContext): CoreCommand {
  const own = settings.agentCommand();
  const { folder } = currentPlace();
  // A process cannot start in a folder that somebody has removed.
  const cwd = folder && existsSync(folder) ? folder : os.homedir();
  const env = coreEnvironment(process.env);
  if (own) return { command: own[0], args: own.slice(1), cwd, env, setting: AGENT_COMMAND };
  // The editor's own runtime is new enough for the core; a desktop editor runs it as plain Node.
  const args = [extension.asAbsolutePath('dist/gantry.js'), 'app-server'];
  return { command: process.execPath, args, cwd, env, setting: null };
}

/** What is wrong with the setting that names another agent, for the panel. */
function agentCommandProblem(badSetting: string | null): string | null {
  if (badSetting) return `The agent comes from the setting ${badSetting}. Empty it to use Gantry’s own.`;
  return settings.isAgentCommandValid()
    ? null
    : `The setting ${AGENT_COMMAND} must be a list of texts, as in ["codex", "app-server"]. Until then Gantry uses its own agent.`;
}

/** Starts nothing yet. */
export function createParts(extension: vscode.ExtensionContext): GantryParts {
  const log = vscode.window.createOutputChannel('Gantry', { log: true });
  const store = new PanelStore();
  const approvals = new ApprovalRegistry();
  const preferences = new Preferences(extension);
  const keys = new ProviderKeys(extension);
  const proposals = new ProposalFileSystem();
  const bases = new BaseProvider();
  const writer = new WorkspaceWriter();
  extension.subscriptions.push(writer);
  const remembered = new Remembered(extension.workspaceState);
  const labelOf = (path: string) => vscode.workspace.asRelativePath(path);
  const attachments: Attachments = new Attachments((list) => {
    store.set({ attachments: list });
    remembered.setTold(attachments.reviews);
  });
  for (const { threadId, decided } of remembered.told)
    if (decided.length > 0) attachments.setReview(threadId, toldOf(decided, labelOf));
  const hostModels = new HostModels(
    (requestId, delta) => void core.client?.notify('host/lm/delta', { requestId, delta }),
  );
  const cards = new Questions();
  const elicitations = new Elicitations();
  const saveQuestions: SaveQuestions = new SaveQuestions({
    isSeen: (threadId) => panel.isSeen && store.state.thread?.id === threadId,
    isChosen: (threadId) => store.state.thread?.id === threadId,
  });
  const blocked = new BlockedItems(remembered);
  const core: CoreSupervisor = new CoreSupervisor({
    command: () => coreCommand(extension),
    identity: {
      version: String(extension.extension.packageJSON.version),
      capabilities: { fs: true, review: true, secrets: true, lm: true },
    },
    handlers: serverRequestHandlers({ approvals, store, hostModels, cards, elicitations, writer, saveQuestions }),
    prepare: async (client) => {
      const done = await Promise.allSettled([keys.handOver(client), hostModels.offer(client)]);
      for (const one of done) if (one.status === 'rejected') log.error(`After the start: ${String(one.reason)}`);
    },
    log,
  });
  const review = new ProposalReview({
    approvals,
    proposals,
    bases,
    autoOpen: settings.autoOpen,
    writesThroughEditor: () => core.client?.gantry?.fs === true,
    itemOf: (threadId, itemId) => {
      const { thread } = store.state;
      return thread?.id === threadId ? thread.items.findLast(({ item }) => item.id === itemId)?.item : undefined;
    },
    log,
  });
  const reviews = new EditorReviews({
    writer,
    report: (params) => {
      const client = core.client;
      if (client && !client.gantry) {
        // It cannot be told now, so it hears of it with the next message.
        const known = attachments.reviewOf(params.threadId)?.decided ?? [];
        const told = toldLater(known, params, labelOf);
        if (told) attachments.setReview(params.threadId, told);
      }
      if (!client?.gantry?.review) return;
      client
        .request('fileReview/decided', params)
        .catch((error) => log.warn(`A decision was not told: ${String(error)}`));
    },
    notice: (message) => void vscode.window.showInformationMessage(`Gantry: ${message}`),
    storage: extension.storageUri ?? null,
    log,
  });
  const foreign = foreignReviews({
    ...{ reviews: reviews.store, writer, log },
    cwdOf: (threadId) => (store.state.thread?.id === threadId ? store.state.thread.cwd : null),
  });
  const surfaces = new ReviewSurfaces({ review: reviews.store, writer, bases, settings, log });
  extension.subscriptions.push(reviews, surfaces, bases);
  const status = new SessionStatus({
    core,
    store,
    wantedMode: () => preferences.mode,
    pickedModel: () => preferences.model,
    place: currentPlace,
    agentCommandProblem: () => agentCommandProblem(core.badSetting),
    log,
  });
  const threads = new ThreadController({
    core,
    store,
    approvals,
    place: currentPlace,
    remember: (threadId) => preferences.setThreadId(threadId),
  });
  const extras = new ThreadExtrasKeeper({
    core,
    store,
    questions: cards,
    elicitations,
    saves: saveQuestions,
    blocked,
    log,
  });
  const checkpoints = new Checkpoints({
    client: () => core.ready(),
    threadId: () => threads.threadId,
    isRunning: () => threads.isRunning,
    reload: (threadId) => threads.resume(threadId),
    labelOf,
    show: (restore) => store.set({ restore }),
    listChanged: () => extras.checkpointsChanged(),
  });
  const mcp = new McpServers({ core, threadId: () => threads.threadId, startups: new McpStartups(core) });
  const actions = new ThreadActions({ core, threads });
  const completions = new Completions({ core, store, roots: () => currentPlace().roots });
  const history = new HistoryController({ core, store, roots: () => currentPlace().roots });
  const parts = {
    extension,
    log,
    core,
    store,
    status,
    preferences,
    keys,
    approvals,
    attachments,
    remembered,
    threads,
    history,
    hostModels,
    cards,
    elicitations,
    blocked,
    checkpoints,
    mcp,
    extras,
    actions,
    completions,
    proposals,
    bases,
    writer,
    saveQuestions,
    review,
    reviews,
    foreign,
    surfaces,
  };
  const controller = new PanelController(parts);
  const panel = new PanelView(extension.extensionUri, {
    store,
    handle: (message) => controller.handle(message),
    onBadMessage: (why) => log.error(`The panel sent what it may not: ${why}`),
  });
  controller.attach(panel);
  return { ...parts, controller, panel };
}
