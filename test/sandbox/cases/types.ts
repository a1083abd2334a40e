// What a case is.

export type Escape = {
  id: string;
  run: string;
  /** A shell test, run outside afterwards: success means that the attempt got through. `ESCAPED` in the output does too. */
  happened?: string;
  /** Leaves a `sleep $MARK` behind: whether it survived the command is what counts. */
  leaves?: true;
  /** A host listener that must not have been reached. */
  reaches?: 'tcp' | 'udp' | 'unix';
  policy?: 'read-only' | 'commit';
  /** The writable root, below $WS. */
  root?: string;
  /** Why the attempt is not also run without a sandbox. */
  notPlain?: string;
};

export type Control = {
  id: string;
  run: string;
  policy?: 'commit';
  root?: string;
  happened?: string;
  /** A shell test, run outside beforehand: where it fails, the program is not installed, and the control is skipped. */
  needs?: string;
};

export const TOO_DANGEROUS = 'would really change this machine';
