/** A command asks for more than its sandbox allows; what is granted holds for the turn or the session. */
import * as z from 'zod/mini';
import { LegacyAppPathString } from './common.ts';
import { lazy } from './lazy.ts';

export const FileSystemAccessMode = z.enum(['read', 'write', 'deny']);
export type FileSystemAccessMode = z.infer<typeof FileSystemAccessMode>;

export const FileSystemSpecialPath = lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('root') }),
    z.object({ kind: z.literal('minimal') }),
    z.object({ kind: z.literal('project_roots'), subpath: z.nullish(LegacyAppPathString) }),
    z.object({ kind: z.literal('tmpdir') }),
    z.object({ kind: z.literal('slash_tmp') }),
    z.object({ kind: z.literal('unknown'), path: z.string(), subpath: z.nullish(LegacyAppPathString) }),
  ]),
);
export type FileSystemSpecialPath = z.infer<typeof FileSystemSpecialPath>;

export const FileSystemPath = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('path'), path: LegacyAppPathString }),
    z.object({ type: z.literal('glob_pattern'), pattern: z.string() }),
    z.object({ type: z.literal('special'), value: FileSystemSpecialPath }),
  ]),
);
export type FileSystemPath = z.infer<typeof FileSystemPath>;

export const FileSystemSandboxEntry = lazy(() => z.object({ access: FileSystemAccessMode, path: FileSystemPath }));
export type FileSystemSandboxEntry = z.infer<typeof FileSystemSandboxEntry>;

export const AdditionalFileSystemPermissions = lazy(() =>
  z.object({
    entries: z.nullish(z.array(FileSystemSandboxEntry)),
    globScanMaxDepth: z.nullish(z.int().check(z.minimum(1))),
    read: z.nullish(z.array(LegacyAppPathString)),
    write: z.nullish(z.array(LegacyAppPathString)),
  }),
);
export type AdditionalFileSystemPermissions = z.infer<typeof AdditionalFileSystemPermissions>;

export const AdditionalNetworkPermissions = lazy(() => z.object({ enabled: z.nullish(z.boolean()) }));
export type AdditionalNetworkPermissions = z.infer<typeof AdditionalNetworkPermissions>;

export const RequestPermissionProfile = lazy(() =>
  z.object({
    fileSystem: z.nullish(AdditionalFileSystemPermissions),
    network: z.nullish(AdditionalNetworkPermissions),
  }),
);
export type RequestPermissionProfile = z.infer<typeof RequestPermissionProfile>;

export const GrantedPermissionProfile = lazy(() =>
  z.object({
    fileSystem: z.nullish(AdditionalFileSystemPermissions),
    network: z.nullish(AdditionalNetworkPermissions),
  }),
);
export type GrantedPermissionProfile = z.infer<typeof GrantedPermissionProfile>;

export const PermissionGrantScope = z.enum(['turn', 'session']);
export type PermissionGrantScope = z.infer<typeof PermissionGrantScope>;

export const PermissionsRequestApprovalParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.string(),
    cwd: LegacyAppPathString,
    permissions: RequestPermissionProfile,
    startedAtMs: z.int(),
    environmentId: z.nullish(z.string()),
    reason: z.nullish(z.string()),
  }),
);
export type PermissionsRequestApprovalParams = z.infer<typeof PermissionsRequestApprovalParams>;

export const PermissionsRequestApprovalResponse = lazy(() =>
  z.object({
    permissions: GrantedPermissionProfile,
    scope: z._default(PermissionGrantScope, 'turn'),
    strictAutoReview: z.nullish(z.boolean()),
  }),
);
export type PermissionsRequestApprovalResponse = z.infer<typeof PermissionsRequestApprovalResponse>;
