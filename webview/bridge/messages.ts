/**
 * What the host and the webview say to each other. The webview shows text that a model wrote, so the host parses all
 * that comes from it; the other direction is our own host of the same build.
 */
import * as z from 'zod';
import { MODES, type Mode, type PanelPatch, type PanelState, WEBVIEW_COMMANDS } from './panel-state.ts';
import { SLASH_NAMES } from './slash-commands.ts';

/** 20 MB as base64, and what stands before it. */
export const MAX_IMAGE_URL = 28_000_000;

export const webviewMessage = z.discriminatedUnion('type', [
  /** The page is up (also after a reload): answer with a snapshot. */
  z.object({ type: z.literal('ready') }),
  /** Starts a turn, or steers the running one. `attachmentIds` are those still on the composer. */
  z.object({
    type: z.literal('send'),
    text: z.string(),
    attachmentIds: z.array(z.string()),
    /** Files and skills that the text names. */
    mentions: z.optional(
      z.array(z.object({ kind: z.enum(['file', 'skill']), name: z.string(), path: z.string() })).max(100),
    ),
    /** After the running turn, as a turn of its own. */
    later: z.optional(z.literal(true)),
  }),
  z.object({ type: z.literal('slash'), name: z.enum(SLASH_NAMES), argument: z.string() }),
  z.object({ type: z.literal('shell'), command: z.string() }),
  z.object({ type: z.literal('withdraw'), turnId: z.string() }),
  z.object({ type: z.literal('stopTerminal'), itemId: z.string(), processId: z.string() }),
  z.object({ type: z.literal('setGoal'), status: z.enum(['active', 'paused', 'cleared']) }),
  z.object({ type: z.literal('setPlan'), plan: z.boolean() }),
  z.object({ type: z.literal('readContext') }),
  z.object({ type: z.literal('answer'), id: z.string(), answers: z.record(z.string(), z.array(z.string())) }),
  /** Whether files are saved before the command runs that waits for it. */
  z.object({ type: z.literal('answerSave'), id: z.string(), save: z.boolean() }),
  /** What was filled in for an MCP server; the host checks it again. */
  z.object({
    type: z.literal('submitElicitation'),
    id: z.string(),
    values: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])),
  }),
  z.object({ type: z.literal('refuseElicitation'), id: z.string(), action: z.enum(['decline', 'cancel']) }),
  /** Opens the page that an MCP server asked to be opened, which says yes to it. */
  z.object({ type: z.literal('openElicitation'), id: z.string() }),
  /** What may complete the word at the cursor; `query` null ends it. */
  z.object({ type: z.literal('complete'), kind: z.enum(['file', 'skill']), query: z.nullable(z.string()) }),
  /** An image that was pasted or dropped, as a data URL. */
  z.object({
    type: z.literal('addImage'),
    name: z.string().max(300),
    url: z.string().max(MAX_IMAGE_URL).startsWith('data:image/'),
  }),
  /** Files that were dropped from the editor's own trees. */
  z.object({ type: z.literal('addFiles'), uris: z.array(z.string()).max(50) }),
  z.object({ type: z.literal('interrupt') }),
  z.object({ type: z.literal('newThread') }),
  z.object({
    type: z.literal('listThreads'),
    cursor: z.nullable(z.string()),
    search: z.nullable(z.string()),
    archived: z.optional(z.boolean()),
  }),
  z.object({ type: z.literal('closeHistory') }),
  z.object({ type: z.literal('resumeThread'), threadId: z.string() }),
  z.object({ type: z.literal('renameThread'), threadId: z.string(), name: z.string() }),
  z.object({ type: z.literal('archiveThread'), threadId: z.string() }),
  z.object({ type: z.literal('unarchiveThread'), threadId: z.string() }),
  z.object({ type: z.literal('deleteThread'), threadId: z.string() }),
  z.object({ type: z.literal('setMode'), mode: z.enum(MODES as [Mode, ...Mode[]]) }),
  z.object({ type: z.literal('setModel'), provider: z.string(), model: z.string() }),
  z.object({
    type: z.literal('decide'),
    approvalId: z.string(),
    decision: z.enum(['accept', 'acceptForSession', 'acceptAlways', 'decline', 'declineAlways', 'cancel']),
  }),
  /** Takes a hunk of a proposal or leaves it out; without an id, all of the file. */
  z.object({
    type: z.literal('chooseHunk'),
    approvalId: z.string(),
    path: z.string(),
    hunkId: z.nullable(z.string()),
    take: z.boolean(),
  }),
  /** A proposal that does not fit its file any more is compared with the file as it is now. */
  z.object({ type: z.literal('compareWithNow'), approvalId: z.string(), path: z.string() }),
  /** Opens the native diff of one file of a pending approval or of a finished file change. */
  z.object({ type: z.literal('openDiff'), itemId: z.string(), path: z.string() }),
  z.object({ type: z.literal('openFile'), path: z.string(), line: z.number().int().nullable() }),
  z.object({ type: z.literal('openLink'), href: z.string() }),
  z.object({ type: z.literal('stopCommand'), itemId: z.string() }),
  /** Keeps, undoes or opens what was written; without a `uri`, all of it. */
  z.object({
    type: z.literal('review'),
    action: z.enum(['keep', 'undo', 'open']),
    uri: z.nullable(z.string()),
  }),
  /** Of a review that ended without a decision: writes the agent's text again, or takes the word of it away. Without a `uri`, all. */
  z.object({ type: z.literal('endedReview'), action: z.enum(['bringBack', 'dismiss']), uri: z.nullable(z.string()) }),
  /** Shows what going back to a checkpoint would do. */
  z.object({ type: z.literal('previewRestore'), checkpointId: z.string() }),
  /** Does what is shown; `overwrite` are the paths whose conflicts the person decided against. */
  z.object({
    type: z.literal('restore'),
    scope: z.enum(['code', 'thread', 'both']),
    overwrite: z.array(z.string()).max(10_000),
  }),
  z.object({ type: z.literal('undoRestore') }),
  z.object({ type: z.literal('closeRestore') }),
  z.object({ type: z.literal('openRestoreDiff'), path: z.string() }),
  /** Takes an offer of what was blocked, by their places in the lists that the page was given. */
  z.object({
    type: z.literal('grant'),
    itemId: z.string(),
    blocked: z.number().int().nonnegative(),
    offer: z.number().int().nonnegative(),
  }),
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
  /** Something that a person asked for in the composer was not done; why, and what to do. */
  | { type: 'composerNote'; message: string }
  /** Something happened in the editor that a screen reader should say. */
  | { type: 'announce'; text: string }
  /** Opens what shows the context's parts. */
  | { type: 'openContext' }
  /** Sent text that could not be delivered comes back, so that nothing typed is lost. */
  | { type: 'sendFailed'; text: string; message: string };
