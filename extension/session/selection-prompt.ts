/** What a message with attached code says to the model. Pure. */
import type { ClientRequestInput } from '../../agent-core/protocol/index.ts';
import { attachmentText } from '../../webview/bridge/attachment-text.ts';
import type { Attachment } from '../../webview/bridge/panel-state.ts';

export type AttachedText = Attachment & { languageId: string; text: string };
export type Input = ClientRequestInput<'turn/start'>['input'];

export type SelectionAction = 'explain' | 'fix' | 'tests';

/** A problem that the editor reports within the selection; `line` counts from 1. */
export type Problem = { line: number; message: string; source: string | null };

const MAX_PROBLEMS = 20;

/** The words that go with the selection; they show in the thread as the person's own message. */
export function actionPrompt(action: SelectionAction, problems: readonly Problem[]): string {
  if (action === 'explain') return 'Explain the selected code: what it does, how it works, and what to watch out for.';
  if (action === 'tests') {
    return 'Write tests for the selected code. Follow the conventions of the tests that this project has already, and run them.';
  }
  if (problems.length === 0) return 'Find what is wrong with the selected code and fix it.';
  const lines = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ line, message, source }) => `- line ${line}: ${message}${source ? ` (${source})` : ''}`);
  const rest = problems.length > MAX_PROBLEMS ? `\n- and ${problems.length - MAX_PROBLEMS} more` : '';
  return `Fix the problems in the selected code. The editor reports:\n${lines.join('\n')}${rest}`;
}

/** The attachments, each named by its place and fenced, and after them what the person typed. */
export function messageInput(typed: string, attachments: readonly AttachedText[]): Input {
  const parts = attachments.map((attachment) => {
    const { path, startLine, endLine } = attachment;
    return attachmentText({
      path,
      startLine,
      endLine,
      text: `${placeOf({ ...attachment, label: path })}\n${fenced(attachment)}`,
    });
  });
  const text = [...parts, typed].filter((part) => part !== '').join('\n\n');
  return [{ type: 'text', text }];
}

/** `src/a.ts:3-7`, for people and models alike. */
export function placeOf({ label, startLine, endLine }: Pick<Attachment, 'label' | 'startLine' | 'endLine'>): string {
  if (startLine === null) return label;
  return endLine === null || endLine === startLine ? `${label}:${startLine}` : `${label}:${startLine}-${endLine}`;
}

/** A fence that is longer than any inside. */
function fenced({ text, languageId }: AttachedText): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${languageId}\n${text.replace(/\n$/, '')}\n${fence}`;
}
