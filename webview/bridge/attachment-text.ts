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

/** Takes `attachmentText` parts out of a message. What is left is what the person typed. */
export function splitAttachments(message: string): { text: string; attachments: SentAttachment[] } {
  const attachments: SentAttachment[] = [];
  const text = message.replace(ATTACHMENT, (_, path: string, start?: string, end?: string, code?: string) => {
    attachments.push({
      path: path.replaceAll('&quot;', '"'),
      startLine: start ? Number(start) : null,
      endLine: end ? Number(end) : null,
      text: code ?? '',
    });
    return '';
  });
  return { text: attachments.length ? text.trim() : message, attachments };
}
