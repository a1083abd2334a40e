/** Refuses what requirements.toml does not allow, whoever asks: a client's override, or a thread from before. */
import { isAllowedMode, isAllowedPolicy, modeOf, type Requirements } from '../config/index.ts';
import type { TurnSettings } from '../ports.ts';
import { AgentError, type AskForApproval, type SandboxMode, type SandboxPolicy } from '../protocol/index.ts';
import type { Handlers } from './connection.ts';

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

/** The handlers, with those that open a thread or begin a turn held to what is allowed. */
export function limited(handlers: Handlers, { requirements, settingsOf }: LimitOptions): Handlers {
  const held: Handlers = { ...handlers };
  for (const method of ['thread/start', 'thread/resume', 'thread/fork'] as const) {
    const handler = handlers[method] as ((...given: unknown[]) => unknown) | undefined;
    if (!handler) continue;
    const checked = (params: Asked, context: unknown): unknown => {
      checkLimits(requirements(), params);
      return handler(params, context);
    };
    Object.assign(held, { [method]: checked });
  }
  const start = handlers['turn/start'];
  if (start) {
    held['turn/start'] = (params, context) => {
      const before = settingsOf(params.threadId);
      checkLimits(requirements(), {
        approvalPolicy: params.approvalPolicy ?? before?.approvalPolicy,
        sandboxPolicy: params.sandboxPolicy ?? before?.sandboxPolicy,
      });
      return start(params, context);
    };
  }
  return held;
}
