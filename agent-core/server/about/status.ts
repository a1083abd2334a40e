/** How the core is: its sandbox, its config, its home. */
import type { SandboxReport } from '../../../sandbox/index.ts';
import type { ConfigProblem } from '../../config/index.ts';
import type { Log } from '../../ports.ts';
import type { ConfigWarningNotification, GantryStatus } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';

export type StatusOptions = {
  configuration: Configuration;
  cwd: string;
  version: string;
  /** Never rejects. */
  sandbox: () => Promise<SandboxReport>;
  log: Log;
  onChanged: (status: GantryStatus) => void;
  /** A problem that was not there before, for clients that do not read the status. */
  onWarning: (warning: ConfigWarningNotification) => void;
};

export type Status = {
  read(): Promise<GantryStatus>;
  /** What is wrong with config.toml now, for a client that has just come. */
  warnings(): ConfigWarningNotification[];
  /** Looks at config.toml again; `onChanged` hears when something else is wrong with it than before. */
  follow(): void;
};

function rangeOf({ line, column }: { line: number | null; column: number | null }) {
  if (line === null) return null;
  const position = { line, column: column ?? 1 };
  return { start: position, end: position };
}

/** The same problem on another line is no new one. */
export const problemKey = ({ file, message }: ConfigProblem): string =>
  `${file} ${message.replace(/ line \d+(, column \d+)?/, '')}`;

export const warningOf = (problem: ConfigProblem): ConfigWarningNotification => ({
  summary: problem.message,
  details: problem.expected,
  path: problem.file,
  range: rangeOf(problem),
});

export function createStatus({
  configuration,
  cwd,
  version,
  sandbox,
  log,
  onChanged,
  onWarning,
}: StatusOptions): Status {
  let last: readonly ConfigProblem[] = [];

  const read = async (): Promise<GantryStatus> => {
    const { level, enforced, missing, reason } = await sandbox();
    const { problems, path } = configuration.load(cwd);
    const wire = problems.map(({ severity: _, ...problem }) => problem);
    return {
      sandbox: { level, enforced, missing, reason },
      config: { path, problems: wire },
      home: configuration.home,
      version,
    };
  };

  return {
    read,
    warnings() {
      const { problems } = configuration.load(cwd);
      last = problems;
      return problems.map(warningOf);
    },
    follow() {
      const { problems } = configuration.load(cwd);
      const before = last;
      last = problems;
      if (JSON.stringify(before) === JSON.stringify(problems)) return;
      const told = new Set(before.map(problemKey));
      for (const problem of problems) if (!told.has(problemKey(problem))) onWarning(warningOf(problem));
      read().then(onChanged, (error: unknown) => log('error', 'the status could not be told', error));
    },
  };
}
