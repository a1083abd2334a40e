/**
 * What the host and the webview say to each other. The webview shows text that a model wrote, so the host parses all
 * that comes from it; the other direction is our own host of the same build.
 */
import * as z from 'zod';
import { MODES, type Mode, type PanelPatch, type PanelState, WEBVIEW_COMMANDS } from './panel-state.ts';

export const webviewMessage = z.discriminatedUnion('type', [
  /** The page is up (also after a reload): answer with a snapshot. */
  z.object({ type: z.literal('ready') }),
  /** Starts a turn, or steers the running one. `attachmentIds` are those still on the composer. */
  z.object({ type: z.literal('send'), text: z.string(), attachmentIds: z.array(z.string()) }),
  z.object({ type: z.literal('interrupt') }),
  z.object({ type: z.literal('newThread') }),
  z.object({ type: z.literal('listThreads'), cursor: z.string().nullable(), search: z.string().nullable() }),
  z.object({ type: z.literal('closeHistory') }),
  z.object({ type: z.literal('resumeThread'), threadId: z.string() }),
  z.object({ type: z.literal('renameThread'), threadId: z.string(), name: z.string() }),
  z.object({ type: z.literal('archiveThread'), threadId: z.string() }),
  z.object({ type: z.literal('deleteThread'), threadId: z.string() }),
  z.object({ type: z.literal('setMode'), mode: z.enum(MODES as [Mode, ...Mode[]]) }),
  z.object({ type: z.literal('setModel'), provider: z.string(), model: z.string() }),
  z.object({
    type: z.literal('decide'),
    approvalId: z.string(),
    decision: z.enum(['accept', 'acceptForSession', 'decline', 'cancel']),
  }),
  /** Opens the native diff of one file of a pending approval or of a finished file change. */
  z.object({ type: z.literal('openDiff'), itemId: z.string(), path: z.string() }),
  z.object({ type: z.literal('openFile'), path: z.string(), line: z.number().int().nullable() }),
  z.object({ type: z.literal('openLink'), href: z.string() }),
  z.object({ type: z.literal('stopCommand'), itemId: z.string() }),
  z.object({ type: z.literal('removeAttachment'), id: z.string() }),
  z.object({ type: z.literal('copy'), text: z.string() }),
  z.object({ type: z.literal('command'), command: z.enum(WEBVIEW_COMMANDS) }),
  /** A defect in the page; goes to the log. */
  z.object({ type: z.literal('pageError'), message: z.string(), stack: z.string().nullable() }),
]);
export type WebviewMessage = z.infer<typeof webviewMessage>;

export type HostMessage =
  | { type: 'snapshot'; state: PanelState }
  /** Batched: at most one message a frame (about 16 ms). */
  | { type: 'patches'; patches: PanelPatch[] }
  /** Puts text into the composer (replacing what is there only when empty) and focuses it. */
  | { type: 'focusComposer'; text: string | null }
  /** Sent text that could not be delivered comes back, so that nothing typed is lost. */
  | { type: 'sendFailed'; text: string; message: string };
