/** What commands may touch (`SandboxPolicy`), its short form in `thread/start` (`SandboxMode`), and when to ask. */
import * as z from 'zod/mini';
import { AbsolutePathBuf } from './common.ts';
import { lazy } from './lazy.ts';

export const SandboxMode = z.enum(['read-only', 'workspace-write', 'danger-full-access']);
export type SandboxMode = z.infer<typeof SandboxMode>;

export const NetworkAccess = z.enum(['restricted', 'enabled']);
export type NetworkAccess = z.infer<typeof NetworkAccess>;

export const SandboxPolicy = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('dangerFullAccess') }),
    z.object({ type: z.literal('readOnly'), networkAccess: z._default(z.boolean(), false) }),
    z.object({ type: z.literal('externalSandbox'), networkAccess: z._default(NetworkAccess, 'restricted') }),
    z.object({
      type: z.literal('workspaceWrite'),
      excludeSlashTmp: z._default(z.boolean(), false),
      excludeTmpdirEnvVar: z._default(z.boolean(), false),
      networkAccess: z._default(z.boolean(), false),
      writableRoots: z._default(z.array(AbsolutePathBuf), []),
    }),
  ]),
);
export type SandboxPolicy = z.infer<typeof SandboxPolicy>;

export const AskForApproval = lazy(() =>
  z.union([
    z.enum(['untrusted', 'on-request', 'never']),
    z.object({
      granular: z.object({
        mcp_elicitations: z.boolean(),
        rules: z.boolean(),
        sandbox_approval: z.boolean(),
        request_permissions: z._default(z.boolean(), false),
        skill_approval: z._default(z.boolean(), false),
      }),
    }),
  ]),
);
export type AskForApproval = z.infer<typeof AskForApproval>;

export const ApprovalsReviewer = z.enum(['user', 'auto_review', 'guardian_subagent']);
export type ApprovalsReviewer = z.infer<typeof ApprovalsReviewer>;

export const ActivePermissionProfile = lazy(() => z.object({ id: z.string(), extends: z.nullish(z.string()) }));
export type ActivePermissionProfile = z.infer<typeof ActivePermissionProfile>;
