/**
 * How a selection travels inside the text of a user message, so that the model sees file and lines and the panel can
 * show a chip again (also for threads that are resumed). The host writes it, the panel takes it apart.
 */

export type SentAttachment = { path: string; startLine: number | null; endLine: number | null; text: string };

/** The text for a model: an element with path and 1-based inclusive lines, the code inside. */
export function attachmentText(attachment: SentAttachment): string {
  const { path, startLine, endLine, text } = attachment;
  const lines = startLine === null ? '' : ` lines="${startLine}-${endLine ?? startLine}"`;
  return `<attachment path="${path.replaceAll('"', '&quot;')}"${lines}>\n${text}\n</attachment>`;
}

const ATTACHMENT = /<attachment path="([^"\n]*)"(?: lines="(\d+)-(\d+)")?>\n([\s\S]*?)\n<\/attachment>\n*/g;

/** What the person undid or changed of the agent's work, for a model that learns of it with the next message. */
export const reviewText = (text: string): string => `<review>\n${text}\n</review>`;

const REVIEW = /^<review>\n([\s\S]*?)\n<\/review>\n*/;

export type SplitMessage = { text: string; attachments: SentAttachment[]; review: string | null };

/** Takes `attachmentText` parts and `reviewText` out of a message. What is left is what the person typed. */
export function splitAttachments(message: string): SplitMessage {
  const attachments: SentAttachment[] = [];
  const review = REVIEW.exec(message)?.[1] ?? null;
  const text = message
    .replace(REVIEW, '')
    .replace(ATTACHMENT, (_, path: string, start?: string, end?: string, code?: string) => {
      attachments.push({
        path: path.replaceAll('&quot;', '"'),
        startLine: start ? Number(start) : null,
        endLine: end ? Number(end) : null,
        text: code ?? '',
      });
      return '';
    });
  return { text: attachments.length || review !== null ? text.trim() : message, attachments, review };
}
