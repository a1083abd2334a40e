/** Refuses what requirements.toml does not allow, whoever asks: a client's override, or a thread from before. */
import { isAllowedMode, isAllowedPolicy, modeOf, type Requirements } from '../../config/index.ts';
import type { TurnSettings } from '../../ports.ts';
import { AgentError, type AskForApproval, type SandboxMode, type SandboxPolicy } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';

export type Asked = {
  approvalPolicy?: AskForApproval | null | undefined;
  sandbox?: SandboxMode | null | undefined;
  sandboxPolicy?: SandboxPolicy | null | undefined;
};

const list = (values: readonly unknown[] | undefined): string =>
  (values ?? []).map((each) => JSON.stringify(each)).join(', ');

/** Throws `AgentError` for what is not allowed. What is not asked for is not looked at. */
export function checkLimits(requirements: Requirements, { approvalPolicy, sandbox, sandboxPolicy }: Asked): void {
  const mode = sandboxPolicy ? modeOf(sandboxPolicy) : sandbox;
  if (mode && !isAllowedMode(requirements, mode)) {
    const allowed = list(requirements.allowed_sandbox_modes);
    throw new AgentError(
      'invalidRequest',
      `The sandbox mode "${mode}" is not allowed by requirements.toml: use one of ${allowed}.`,
    );
  }
  if (approvalPolicy && !isAllowedPolicy(requirements, approvalPolicy)) {
    const [asked, allowed] = [JSON.stringify(approvalPolicy), list(requirements.allowed_approval_policies)];
    throw new AgentError(
      'invalidRequest',
      `The approval policy ${asked} is not allowed by requirements.toml: use one of ${allowed}.`,
    );
  }
}

export type LimitOptions = {
  requirements: () => Requirements;
  /** Of a loaded thread. */
  settingsOf: (threadId: string) => TurnSettings | undefined;
};

/** Methods whose params say what a thread, a turn or a command runs under. */
const ASKING = ['thread/start', 'thread/resume', 'thread/fork', 'turn/start', 'command/exec'] as const;

/** Methods that run under what their thread was given before. */
const RUNNING = ['turn/start', 'review/start', 'thread/shellCommand'] as const;

type AnyHandler = (params: Asked & { threadId?: string }, context: unknown) => unknown;

/** The handlers, with those that open a thread, begin a turn or run a command held to what is allowed. */
export function limited(handlers: Handlers, { requirements, settingsOf }: LimitOptions): Handlers {
  const held: Record<string, AnyHandler | undefined> = { ...(handlers as Record<string, AnyHandler>) };
  for (const method of new Set([...ASKING, ...RUNNING])) {
    const handler = held[method];
    if (!handler) continue;
    const isRunning = (RUNNING as readonly string[]).includes(method);
    held[method] = (params, context) => {
      const before = isRunning && params.threadId !== undefined ? settingsOf(params.threadId) : undefined;
      checkLimits(requirements(), {
        approvalPolicy: params.approvalPolicy ?? before?.approvalPolicy,
        sandbox: params.sandbox,
        sandboxPolicy: params.sandboxPolicy ?? before?.sandboxPolicy,
      });
      return handler(params, context);
    };
  }
  return held as Handlers;
}
