import type { SandboxReport } from '../../sandbox/index.ts';
import type { SandboxStatus } from '../protocol/index.ts';

/** What the sandbox can hold here, as the wire has it. (pure) */
export const sandboxStatus = ({ level, enforced, missing, reason }: SandboxReport): SandboxStatus => ({
  level,
  enforced,
  missing,
  reason,
});
