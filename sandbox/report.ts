// What a machine's sandbox can hold.

/**
 * `namespaces`: Linux namespaces, Landlock and seccomp. `landlock`: Landlock and seccomp, where user namespaces are
 * forbidden. `seatbelt`: macOS. `none`: no sandbox; every command needs the user's approval.
 */
export type SandboxLevel = 'namespaces' | 'landlock' | 'seatbelt' | 'none';

export type SandboxReport = {
  level: SandboxLevel;
  platform: NodeJS.Platform;
  /** What holds, as short phrases for the user: each says what is the case, not what is forbidden. */
  enforced: string[];
  /** What does not hold here and would on a better level or kernel, in the same words. */
  missing: string[];
  /** Why not better, and what the user can do; null when nothing is missing. */
  reason: string | null;
  /** The checked helper (Linux). */
  helper: string | null;
  /** Whether the broker works: unix sockets, names at any depth, missing protected paths. */
  broker: boolean;
  /** Landlock's version in this kernel; 0 where there is none. */
  landlock: number;
};
