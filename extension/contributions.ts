/** Every id that package.json contributes and the code uses. Pure; a test compares both. */

export const COMMANDS = {
  focusPanel: 'gantry.focusPanel',
  newThread: 'gantry.newThread',
  showHistory: 'gantry.showHistory',
  interrupt: 'gantry.interrupt',
  compact: 'gantry.compact',
  reviewChanges: 'gantry.reviewChanges',
  showLastPrompt: 'gantry.showLastPrompt',
  refreshModelPrices: 'gantry.refreshModelPrices',
  mcpServers: 'gantry.mcpServers',
  hooks: 'gantry.hooks',
  selectModel: 'gantry.selectModel',
  selectMode: 'gantry.selectMode',
  setApiKey: 'gantry.setApiKey',
  removeApiKey: 'gantry.removeApiKey',
  openConfig: 'gantry.openConfig',
  openCommandRules: 'gantry.openCommandRules',
  openSettings: 'gantry.openSettings',
  showLog: 'gantry.showLog',
  restartAgent: 'gantry.restartAgent',
  openFolder: 'gantry.openFolder',
  manageTrust: 'gantry.manageTrust',
  askSelection: 'gantry.askSelection',
  explainSelection: 'gantry.explainSelection',
  fixSelection: 'gantry.fixSelection',
  writeTests: 'gantry.writeTests',
  addFile: 'gantry.addFile',
  acceptProposal: 'gantry.acceptProposal',
  rejectProposal: 'gantry.rejectProposal',
  acceptAllProposals: 'gantry.acceptAllProposals',
  rejectAllProposals: 'gantry.rejectAllProposals',
  nextProposal: 'gantry.nextProposal',
  showProposal: 'gantry.showProposal',
  takeProposedHunk: 'gantry.takeProposedHunk',
  dropProposedHunk: 'gantry.dropProposedHunk',
  reviewKeepHunk: 'gantry.review.keepHunk',
  reviewUndoHunk: 'gantry.review.undoHunk',
  reviewNextHunk: 'gantry.review.nextHunk',
  reviewPreviousHunk: 'gantry.review.previousHunk',
  reviewKeepFile: 'gantry.review.keepFile',
  reviewUndoFile: 'gantry.review.undoFile',
  reviewKeepAll: 'gantry.review.keepAll',
  reviewUndoAll: 'gantry.review.undoAll',
  reviewOpenChanges: 'gantry.review.openChanges',
  reviewOpenAllChanges: 'gantry.review.openAllChanges',
} as const;
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** Called with arguments by our own parts only; not declared, so not in the palette. */
export const INTERNAL_COMMANDS: readonly CommandId[] = [COMMANDS.showProposal];

export const VIEW_CONTAINER = 'gantry';
export const VIEWS = { panel: 'gantry.panel' } as const;

export const CONTEXT_KEYS = {
  /** A turn is running in the thread that is shown. */
  running: 'gantry.running',
  /** At least one proposed file waits for a decision. */
  proposalPending: 'gantry.proposalPending',
  /** The editor in front shows a file that waits for a decision, or its proposal. */
  proposalActive: 'gantry.proposalActive',
  /** At least one written change waits to be kept or undone. */
  reviewPending: 'gantry.reviewPending',
  /** The editor in front shows a file with such changes, or their diff. */
  reviewActive: 'gantry.reviewActive',
  /** The paths of such files. */
  reviewPaths: 'gantry.reviewPaths',
  /** The cursor of the editor in front is in one. */
  hunkAtCursor: 'gantry.hunkAtCursor',
} as const;
export type ContextKey = (typeof CONTEXT_KEYS)[keyof typeof CONTEXT_KEYS];

export type AutoOpen = 'never' | 'onApproval' | 'always';

/** Names without the prefix `gantry.`, with the default values. */
export const SETTINGS = {
  mode: 'ask',
  model: '',
  'agent.command': [] as string[],
  'review.autoOpen': 'onApproval',
  'review.codeLens': true,
  'review.decorations': true,
  'review.formatOnKeep': false,
  'modelPrices.source': '',
} as const;
export type SettingName = keyof typeof SETTINGS;
