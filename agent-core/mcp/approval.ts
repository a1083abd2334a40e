/** Whether a person is asked before a tool of a server is called, and how. (pure) */
import type { AskForApproval, SandboxPolicy } from '../protocol/index.ts';
import type { ApprovalMode } from './server-config.ts';

/** A server's own word on what its tool does: a hint, and taken as one. */
export type Annotations = {
  readOnlyHint?: boolean | undefined;
  destructiveHint?: boolean | undefined;
  openWorldHint?: boolean | undefined;
};

export type ApprovalQuestion = {
  mode: ApprovalMode;
  annotations: Annotations;
  approvalPolicy: AskForApproval;
  sandboxPolicy: SandboxPolicy;
  /** The person said yes to this tool for the session. */
  acceptedForSession: boolean;
};

export type ApprovalVerdict = 'allow' | 'ask' | 'refuse';

/** `auto` and `writes`: what calls itself read-only, and not destructive beside it, runs unasked. */
const needsYes = (mode: ApprovalMode, { readOnlyHint, destructiveHint }: Annotations): boolean =>
  mode === 'prompt' || (mode !== 'approve' && (readOnlyHint !== true || destructiveHint === true));

export function judgeToolCall(question: ApprovalQuestion): ApprovalVerdict {
  const { mode, annotations, approvalPolicy, sandboxPolicy, acceptedForSession } = question;
  if (!needsYes(mode, annotations) || acceptedForSession) return 'allow';
  const isOpen = sandboxPolicy.type === 'dangerFullAccess' || sandboxPolicy.type === 'externalSandbox';
  if (approvalPolicy === 'never') return isOpen ? 'allow' : 'refuse';
  return mayElicit(approvalPolicy) ? 'ask' : 'refuse';
}

/** Whether the policy lets a server, or Gantry for it, ask the person at all. */
export const mayElicit = (policy: AskForApproval): boolean =>
  typeof policy === 'string' ? policy !== 'never' : policy.granular.mcp_elicitations;

export type AskedTool = {
  server: string;
  tool: string;
  title: string | null;
  description: string | null;
  arguments: unknown;
  /** "Always" is offered: it can be written into the user's configuration. */
  canRemember: boolean;
};

/** The question as the wire has it. */
export function approvalForm(asked: AskedTool) {
  const params = asked.arguments;
  const isTable = typeof params === 'object' && params !== null && !Array.isArray(params);
  return {
    mode: 'form' as const,
    message: `Allow the ${asked.server} MCP server to run tool "${asked.tool}"?`,
    requestedSchema: { type: 'object' as const, properties: {} },
    _meta: {
      codex_approval_kind: 'mcp_tool_call',
      persist: asked.canRemember ? ['session', 'always'] : ['session'],
      ...(asked.title === null ? {} : { tool_title: asked.title }),
      ...(asked.description === null ? {} : { tool_description: asked.description }),
      ...(isTable ? { tool_params: params } : {}),
      ...(isTable
        ? {
            tool_params_display: Object.entries(params).map(([name, value]) => ({
              name,
              value,
              display_name: name,
            })),
          }
        : {}),
    },
  };
}

/** How long a yes holds, from the answer's `_meta`. */
export function persistOf(meta: unknown): 'once' | 'session' | 'always' {
  const persist = typeof meta === 'object' && meta !== null && 'persist' in meta ? meta.persist : null;
  return persist === 'session' || persist === 'always' ? persist : 'once';
}
