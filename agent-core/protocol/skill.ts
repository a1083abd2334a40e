/** Skills: instructions in folders that the agent reads when they fit, or when the user names them. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, LegacyAppPathString } from './common.ts';
import { lazy } from './lazy.ts';

export const SkillScope = z.enum(['user', 'repo', 'system', 'admin']);
export type SkillScope = z.infer<typeof SkillScope>;

export const SkillToolDependency = lazy(() =>
  z.object({
    type: z.string(),
    value: z.string(),
    command: z.nullish(z.string()),
    description: z.nullish(z.string()),
    transport: z.nullish(z.string()),
    url: z.nullish(z.string()),
  }),
);
export type SkillToolDependency = z.infer<typeof SkillToolDependency>;

export const SkillDependencies = lazy(() => z.object({ tools: z.array(SkillToolDependency) }));
export type SkillDependencies = z.infer<typeof SkillDependencies>;

export const SkillInterface = lazy(() =>
  z.object({
    brandColor: z.nullish(z.string()),
    defaultPrompt: z.nullish(z.string()),
    displayName: z.nullish(z.string()),
    iconLarge: z.nullish(AbsolutePathBuf),
    iconLargeUrl: z.nullish(z.string()),
    iconSmall: z.nullish(AbsolutePathBuf),
    iconSmallUrl: z.nullish(z.string()),
    shortDescription: z.nullish(z.string()),
  }),
);
export type SkillInterface = z.infer<typeof SkillInterface>;

export const SkillMetadata = lazy(() =>
  z.object({
    description: z.string(),
    enabled: z.boolean(),
    name: z.string(),
    path: LegacyAppPathString,
    scope: SkillScope,
    dependencies: z.nullish(SkillDependencies),
    interface: z.nullish(SkillInterface),
    pluginId: z.nullish(z.string()),
    shortDescription: z.nullish(z.string()),
  }),
);
export type SkillMetadata = z.infer<typeof SkillMetadata>;

export const SkillErrorInfo = lazy(() => z.object({ message: z.string(), path: z.string() }));
export type SkillErrorInfo = z.infer<typeof SkillErrorInfo>;

export const SkillsListEntry = lazy(() =>
  z.object({ cwd: z.string(), errors: z.array(SkillErrorInfo), skills: z.array(SkillMetadata) }),
);
export type SkillsListEntry = z.infer<typeof SkillsListEntry>;

/** Without `cwds`, the server's own folder. `forceReload` reads the folders again. */
export const SkillsListParams = lazy(() =>
  z.object({ cwds: z.optional(z.array(z.string())), forceReload: z.optional(z.boolean()) }),
);
export type SkillsListParams = z.infer<typeof SkillsListParams>;

export const SkillsListResponse = lazy(() => z.object({ data: z.array(SkillsListEntry) }));
export type SkillsListResponse = z.infer<typeof SkillsListResponse>;

export const SkillsExtraRootsSetParams = lazy(() => z.object({ extraRoots: z.array(AbsolutePathBuf) }));
export type SkillsExtraRootsSetParams = z.infer<typeof SkillsExtraRootsSetParams>;

export const SkillsExtraRootsSetResponse = lazy(() => z.object({}));
export type SkillsExtraRootsSetResponse = z.infer<typeof SkillsExtraRootsSetResponse>;

/** The skill is meant by `name` or by `path`. */
export const SkillsConfigWriteParams = lazy(() =>
  z.object({ enabled: z.boolean(), name: z.nullish(z.string()), path: z.nullish(AbsolutePathBuf) }),
);
export type SkillsConfigWriteParams = z.infer<typeof SkillsConfigWriteParams>;

export const SkillsConfigWriteResponse = lazy(() => z.object({ effectiveEnabled: z.boolean() }));
export type SkillsConfigWriteResponse = z.infer<typeof SkillsConfigWriteResponse>;

/** Skill files have changed; ask `skills/list` again. */
export const SkillsChangedNotification = lazy(() => z.object({}));
export type SkillsChangedNotification = z.infer<typeof SkillsChangedNotification>;
