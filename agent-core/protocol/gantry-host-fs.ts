/** `host/fs/*`: the core reads and writes through the editor, so that unsaved buffers are seen and never overwritten. */
import * as z from 'zod/mini';
import { AgentError } from './errors.ts';
import { lazy } from './lazy.ts';

const LineRange = lazy(() => z.object({ startLine: z.int(), endLine: z.int() }));

/** `range` counts lines from 1, both ends included; without it the whole text. */
export const HostFsReadParams = lazy(() => z.object({ uri: z.string(), range: z.nullish(LineRange) }));
export type HostFsReadParams = z.infer<typeof HostFsReadParams>;

/**
 * The document's text if one is open, else the file's: LF, no BOM. `hash` is SHA-256 (hex) over the whole text, also
 * when only a range was asked for. `dirty` says that the buffer differs from the disk.
 */
export const HostFsReadResponse = lazy(() =>
  z.object({
    text: z.string(),
    hash: z.string(),
    eol: z.enum(['lf', 'crlf']),
    encoding: z.string(),
    dirty: z.boolean(),
    version: z.nullish(z.int()),
  }),
);
export type HostFsReadResponse = z.infer<typeof HostFsReadResponse>;

/**
 * Lines `startLine` up to, but without, `endLine` (from 1) are replaced by `text`; edits are in order and apart.
 */
export const HostFsTextEdit = lazy(() => z.object({ startLine: z.int(), endLine: z.int(), text: z.string() }));
export type HostFsTextEdit = z.infer<typeof HostFsTextEdit>;

/**
 * The agent's step that a change comes from; left out when it is none. `decided`: the user accepted this very text before,
 * so nothing of it waits for a review any more.
 */
export const HostFsOrigin = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), decided: z.boolean() }),
);
export type HostFsOrigin = z.infer<typeof HostFsOrigin>;

/** Exactly one of `text` and `edits`. `baseHash` is of the text that the change was made from; null: the file must not exist. */
export const HostFsWriteParams = lazy(() =>
  z
    .object({
      uri: z.string(),
      baseHash: z.nullable(z.string()),
      text: z.optional(z.string()),
      edits: z.optional(z.array(HostFsTextEdit)),
      origin: z.optional(HostFsOrigin),
    })
    .check(
      z.refine((params) => (params.text === undefined) !== (params.edits === undefined), {
        error: 'exactly one of text and edits must be given',
      }),
    ),
);
export type HostFsWriteParams = z.infer<typeof HostFsWriteParams>;

/**
 * Either the write happened (`hash` of the text that is there now, with what a formatter changed on top), or the text
 * had changed since `baseHash` and nothing was written (`conflict`, with the fresh text; null when the file is gone).
 */
export const HostFsWriteResponse = lazy(() =>
  z.union([
    z.object({ conflict: z.literal(true), text: z.nullable(z.string()), hash: z.nullable(z.string()) }),
    z.object({ hash: z.string(), formatterDelta: z.nullish(z.string()) }),
  ]),
);
export type HostFsWriteResponse = z.infer<typeof HostFsWriteResponse>;

/** Asked before each model call. `known` are the hashes that the core has, so that unchanged texts are not sent again. */
export const HostFsDirtyParams = lazy(() =>
  z.object({ threadId: z.string(), known: z.optional(z.array(z.object({ uri: z.string(), hash: z.string() }))) }),
);
export type HostFsDirtyParams = z.infer<typeof HostFsDirtyParams>;

/** Every buffer that differs from the disk; `text` is left out when its hash is among `known`. */
export const HostFsDirtyResponse = lazy(() =>
  z.object({
    data: z.array(
      z.object({ uri: z.string(), hash: z.string(), text: z.nullish(z.string()), version: z.nullish(z.int()) }),
    ),
  }),
);
export type HostFsDirtyResponse = z.infer<typeof HostFsDirtyResponse>;

/** Why a file was neither created, deleted nor renamed: what the core believed of it does not hold any more. */
export const HostFsConflictReason = z.enum(['exists', 'missing', 'changed', 'targetExists']);
export type HostFsConflictReason = z.infer<typeof HostFsConflictReason>;

/** Nothing was done. `text` and `hash` are what is at `uri` now, null when nothing is. */
export const HostFsConflict = lazy(() =>
  z.object({
    conflict: z.literal(true),
    reason: HostFsConflictReason,
    text: z.nullable(z.string()),
    hash: z.nullable(z.string()),
  }),
);
export type HostFsConflict = z.infer<typeof HostFsConflict>;

/** A new file, with the folders that it needs. */
export const HostFsCreateParams = lazy(() =>
  z.object({ uri: z.string(), text: z.string(), origin: z.optional(HostFsOrigin) }),
);
export type HostFsCreateParams = z.infer<typeof HostFsCreateParams>;

export const HostFsCreateResponse = lazy(() => z.union([HostFsConflict, z.object({ hash: z.string() })]));
export type HostFsCreateResponse = z.infer<typeof HostFsCreateResponse>;

/** `baseHash` is of the text that was to be deleted. The user can undo it. */
export const HostFsDeleteParams = lazy(() =>
  z.object({ uri: z.string(), baseHash: z.string(), origin: z.optional(HostFsOrigin) }),
);
export type HostFsDeleteParams = z.infer<typeof HostFsDeleteParams>;

export const HostFsDeleteResponse = lazy(() => z.union([HostFsConflict, z.object({ deleted: z.literal(true) })]));
export type HostFsDeleteResponse = z.infer<typeof HostFsDeleteResponse>;

/** References to the file are not changed: the agent does that itself. */
export const HostFsRenameParams = lazy(() =>
  z.object({ uri: z.string(), newUri: z.string(), baseHash: z.string(), origin: z.optional(HostFsOrigin) }),
);
export type HostFsRenameParams = z.infer<typeof HostFsRenameParams>;

/** `hash` of the text under its new name. */
export const HostFsRenameResponse = lazy(() => z.union([HostFsConflict, z.object({ hash: z.string() })]));
export type HostFsRenameResponse = z.infer<typeof HostFsRenameResponse>;

/**
 * A command is about to run that would see these files as they are on the disk, older than the agent's own edits in the
 * editor. The user is asked to save them; `command` is what waits, for people.
 */
export const HostFsSaveParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.string(),
    uris: z.array(z.string()),
    command: z.string(),
  }),
);
export type HostFsSaveParams = z.infer<typeof HostFsSaveParams>;

/** Those of the `uris` that equal the disk now; none when the user would not save. The command runs either way. */
export const HostFsSaveResponse = lazy(() => z.object({ saved: z.array(z.string()) }));
export type HostFsSaveResponse = z.infer<typeof HostFsSaveResponse>;

/**
 * Why the editor did not do what a `host/fs/*` request asked. `noScheme`: it has no file system for this kind of URI, and
 * the core may look on the disk itself; after every other reason it does not.
 */
export const HostFsRefusalReason = z.enum([
  'notFound',
  'isDirectory',
  'binary',
  'tooLarge',
  'forbidden',
  'readOnly',
  'io',
  'noScheme',
]);
export type HostFsRefusalReason = z.infer<typeof HostFsRefusalReason>;

/** `data` of the error that answers such a request (code `hostFs`); its message is fit for the model. */
export const HostFsRefusal = lazy(() => z.object({ reason: HostFsRefusalReason }));
export type HostFsRefusal = z.infer<typeof HostFsRefusal>;

/** The error to answer a `host/fs/*` request with. `message` says what is wrong and what to do instead. */
export const hostFsRefused = (reason: HostFsRefusalReason, message: string): AgentError =>
  new AgentError('hostFs', message, { data: { reason } satisfies HostFsRefusal });
