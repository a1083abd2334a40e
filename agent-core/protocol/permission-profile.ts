/** Named sets of permissions that a thread can be started with. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/** `allowed` is false when requirements forbid the profile. */
export const PermissionProfileSummary = lazy(() =>
  z.object({ id: z.string(), allowed: z.boolean(), description: z.nullish(z.string()) }),
);
export type PermissionProfileSummary = z.infer<typeof PermissionProfileSummary>;

export const PermissionProfileListParams = lazy(() =>
  z.object({ cursor: z.nullish(z.string()), cwd: z.nullish(z.string()), limit: z.nullish(Uint) }),
);
export type PermissionProfileListParams = z.infer<typeof PermissionProfileListParams>;

export const PermissionProfileListResponse = lazy(() =>
  z.object({ data: z.array(PermissionProfileSummary), nextCursor: z.nullish(z.string()) }),
);
export type PermissionProfileListResponse = z.infer<typeof PermissionProfileListResponse>;
