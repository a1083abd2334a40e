/** What is wrong with `-c`, `--enable` and `-p`: a run under other settings than those that were asked for helps nobody. */
import type { LoadedConfig } from '../config/index.ts';

const namedProfile = (overrides: readonly string[]): string | null =>
  overrides.map((one) => /^profile\s*=\s*"?([^"]*)"?$/.exec(one)?.[1] ?? null).findLast((name) => name !== null) ??
  null;

/** A sentence for whoever typed it; null: nothing is wrong. Faults of files are not the command line's. */
export function commandLineProblem(
  { problems, config }: Pick<LoadedConfig, 'problems' | 'config'>,
  overrides: readonly string[],
): string | null {
  const profile = namedProfile(overrides);
  const wrong = problems.find(({ file, severity, message }) => {
    // A profile that nobody has is told of the file that it was looked for in.
    const isOurs = file === '-c' || (profile !== null && message.startsWith('profile = '));
    return isOurs && severity === 'error';
  });
  if (!wrong) return unusedPermissions(problems, overrides);
  // What the message says of going on without it is not so here.
  const said = wrong.message.replace(/ (Its default|The profile) is (not )?used\.$/, '');
  const isPermissions = profile !== null && Object.hasOwn(config.permissions ?? {}, profile);
  const other =
    isPermissions && wrong.message.startsWith('profile = ')
      ? ` [permissions.${profile}] is a permission profile: choose it with -c default_permissions=${JSON.stringify(profile)}, or gantry sandbox --profile ${profile}.`
      : '';
  return `${wrong.file === '-c' ? '-c ' : ''}${said}${other} Nothing was run.`;
}

/** A permission profile that the command line chose, and that is not there or cannot be used. */
function unusedPermissions(problems: LoadedConfig['problems'], overrides: readonly string[]): string | null {
  if (!overrides.some((one) => /^default_permissions\s*=/.test(one))) return null;
  const wrong = problems.find(
    ({ severity, message }) => severity === 'error' && message.startsWith('default_permissions '),
  );
  return wrong ? `-c ${withoutFallback(wrong.message)} Nothing was run.` : null;
}

/** What a message of a permission profile says of going on, which a program that ends there does not. */
export const withoutFallback = (message: string): string =>
  message.replace(/ (Where the profile is chosen, the|The) sandbox is read-only until it is( right)?\.$/, '');
