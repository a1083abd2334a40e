/**
 * What a client gets only with `capabilities.experimentalApi`, as the reference has it: methods, and fields of types that
 * are published without them.
 */
export const experimentalMethods: ReadonlySet<string> = new Set([
  'fuzzyFileSearch/sessionStart',
  'fuzzyFileSearch/sessionUpdate',
  'fuzzyFileSearch/sessionStop',
]);

/** By the name of the type. */
export const experimentalFields: Readonly<Record<string, readonly string[]>> = {
  CommandExecParams: ['permissionProfile'],
  CommandExecutionRequestApprovalParams: ['availableDecisions'],
  ConfigRequirements: ['allowedApprovalsReviewers'],
  Thread: ['attachedToThreadId', 'canAcceptDirectInput'],
  ThreadForkParams: ['path', 'runtimeWorkspaceRoots'],
  ThreadForkResponse: ['activePermissionProfile', 'multiAgentMode', 'runtimeWorkspaceRoots'],
  ThreadListResponse: ['readStates'],
  ThreadMetadataUpdateParams: ['projectId'],
  ThreadReadResponse: ['readState'],
  ThreadResumeParams: ['history', 'initialTurnsPage', 'path', 'runtimeWorkspaceRoots'],
  ThreadResumeResponse: ['activePermissionProfile', 'initialTurnsPage', 'multiAgentMode', 'runtimeWorkspaceRoots'],
  ThreadSettings: ['multiAgentMode'],
  ThreadStartParams: ['dynamicTools', 'runtimeWorkspaceRoots'],
  ThreadStartResponse: ['activePermissionProfile', 'multiAgentMode', 'runtimeWorkspaceRoots'],
  TurnStartParams: ['collaborationMode', 'runtimeWorkspaceRoots'],
};
