/** What a message with attached code says to the model. Pure. */
import type { ClientRequestInput, FileReviewDecidedParams } from '../../agent-core/protocol/index.ts';
import { attachmentText, reviewText } from '../../webview/bridge/attachment-text.ts';
import type { Attachment } from '../../webview/bridge/panel-state.ts';
import type { Mention } from '../../webview/bridge/thread-extras.ts';

export type AttachedText = Attachment & { kind: 'selection' | 'file'; languageId: string; text: string };
/** A file that the core reads, or the picture itself as a data URL. */
export type AttachedImage = Attachment & { kind: 'image'; image: { localPath: string } | { url: string } };
/** Told to an agent that cannot be told otherwise, in the thread that it concerns. */
export type AttachedReview = Attachment & {
  kind: 'review';
  threadId: string;
  text: string;
  decided: readonly FileReviewDecidedParams[];
};
export type Attached = AttachedText | AttachedImage | AttachedReview;
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

/**
 * The attached texts, each named by its place and fenced, and after them what the person typed; then pictures, and the
 * files and skills that the text names.
 */
export function messageInput(typed: string, attached: readonly Attached[], mentions: readonly Mention[] = []): Input {
  const parts = attached.filter(isText).map((attachment) => {
    const { path, startLine, endLine } = attachment;
    return attachmentText({
      path,
      startLine,
      endLine,
      text: `${placeOf({ ...attachment, label: path })}\n${fenced(attachment)}`,
    });
  });
  const told = attached.flatMap((one) => (one.kind === 'review' ? [reviewText(one.text)] : []));
  const text = [...told, ...parts, typed].filter((part) => part !== '').join('\n\n');
  const images = attached.flatMap((one): Input => {
    if (one.kind !== 'image') return [];
    return [
      'url' in one.image ? { type: 'image', url: one.image.url } : { type: 'localImage', path: one.image.localPath },
    ];
  });
  const named = mentions.map(({ kind, name, path }) => ({
    type: kind === 'skill' ? kind : ('mention' as const),
    name,
    path,
  }));
  return [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...images, ...named];
}

const isText = (one: Attached): one is AttachedText => one.kind === 'selection' || one.kind === 'file';

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
