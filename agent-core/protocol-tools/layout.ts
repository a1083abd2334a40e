/**
 * Which folder a generated type is in: the one where the reference's own generators put it, so that a program which
 * imports `./v2/Thread` from what they wrote finds it in what ours wrote. Types that are ours alone are in `v2/`.
 */
import type { Row } from './definitions.ts';

/** Where a generated file is, below the folder that is written. */
export type Place = '' | 'v1/' | 'v2/';

const UNIONS = ['ClientNotification', 'ClientRequest', 'ServerNotification', 'ServerRequest'];

/** Types that the reference has had since before `v2/` was there. */
const TOP_TYPES: ReadonlySet<string> = new Set([
  ...UNIONS,
  'AbsolutePathBuf',
  'AgentPath',
  'ApplyPatchApprovalParams',
  'ApplyPatchApprovalResponse',
  'AuthMode',
  'AutoCompactTokenLimitScope',
  'ClientInfo',
  'CollaborationMode',
  'ExecCommandApprovalParams',
  'ExecCommandApprovalResponse',
  'FileChange',
  'ForcedLoginMethod',
  'FunctionCallOutputBody',
  'FunctionCallOutputContentItem',
  'FuzzyFileSearchMatchType',
  'FuzzyFileSearchParams',
  'FuzzyFileSearchResponse',
  'FuzzyFileSearchResult',
  'FuzzyFileSearchSessionCompletedNotification',
  'FuzzyFileSearchSessionStartParams',
  'FuzzyFileSearchSessionStartResponse',
  'FuzzyFileSearchSessionStopParams',
  'FuzzyFileSearchSessionStopResponse',
  'FuzzyFileSearchSessionUpdateParams',
  'FuzzyFileSearchSessionUpdateResponse',
  'FuzzyFileSearchSessionUpdatedNotification',
  'ImageDetail',
  'ImageGenerationFailure',
  'ImageGenerationInputImage',
  'InitializeCapabilities',
  'InitializeParams',
  'InitializeResponse',
  'InputModality',
  'LegacyAppPathString',
  'McpServerInfo',
  'MessagePhase',
  'ModeKind',
  'MultiAgentMode',
  'ParsedCommand',
  'Personality',
  'PlanType',
  'ReasoningEffort',
  'ReasoningSummary',
  'RequestId',
  'Resource',
  'ResourceContent',
  'ResourceTemplate',
  'ReviewDecision',
  'Settings',
  'SubAgentSource',
  'ThreadId',
  'Tool',
  'Verbosity',
  'WebSearchContextSize',
  'WebSearchLocation',
  'WebSearchMode',
  'WebSearchProvider',
  'WebSearchToolConfig',
]);

/** Where the TypeScript of a type is. */
export const typeScriptPlace = (name: string): '' | 'v2/' => (TOP_TYPES.has(name) ? '' : 'v2/');

/** Where the JSON Schema of a message's type is. `serverRequests`: the rows of requests that the server sends. */
export function jsonSchemaPlaces(serverRequests: readonly Row[]): (name: string) => Place {
  const asked = new Set(serverRequests.flatMap(({ params, result }) => [params, result]));
  return (name) => {
    if (name === 'InitializeParams' || name === 'InitializeResponse') return 'v1/';
    return asked.has(name) || TOP_TYPES.has(name) ? '' : 'v2/';
  };
}
