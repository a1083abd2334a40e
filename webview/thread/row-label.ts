import type { PanelState } from '../bridge/panel-state.ts';
import { itemAt } from '../state/selectors.ts';
import type { ThreadRow } from './row.tsx';

const NAMES: Record<string, string> = {
  userMessage: 'You',
  agentMessage: 'Gantry',
  reasoning: 'Reasoning',
  commandExecution: 'Command',
  fileChange: 'File change',
  plan: 'Plan',
  mcpToolCall: 'Tool call',
  dynamicToolCall: 'Tool call',
  functionCallOutput: 'Tool result',
  webSearch: 'Web search',
  imageView: 'Image',
  imageGeneration: 'Image',
  contextCompaction: 'Context summarised',
  enteredReviewMode: 'Review',
  exitedReviewMode: 'Review',
  collabAgentToolCall: 'Helper agent',
  subAgentActivity: 'Helper agent',
  hookPrompt: 'Hook',
  sleep: 'Wait',
};

/** A short name of a row for a screen reader that goes from row to row. */
export function rowLabel(row: ThreadRow, panel: PanelState): string {
  if (row.kind === 'item') return NAMES[String(itemAt(panel, row.index, row.id)?.item.type)] ?? 'Step';
  return {
    approval: 'Approval',
    question: 'Question',
    elicitation: 'Question of an MCP server',
    save: 'Question to save',
    turnEnd: 'End of turn',
    running: 'Working',
    sending: 'Your message, being sent',
  }[row.kind];
}
