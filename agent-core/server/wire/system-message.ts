import { getSystemErrorMessage } from 'node:util';

/** Where the runtime has words of its own for what the system calls otherwise. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EEXIST: 'file exists',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
};

/** Begins with the system's own words and number, which clients look for; then what was refused. */
export function systemMessage(error: NodeJS.ErrnoException): string {
  const { errno, code = '', message } = error;
  const known = errno === undefined || errno >= 0 ? undefined : (SYSTEM_WORDS[code] ?? getSystemErrorMessage(errno));
  if (errno === undefined || known === undefined) return message;
  const [, what = ''] = message.split(/, (.*)/s);
  return `${known.charAt(0).toUpperCase()}${known.slice(1)} (os error ${-errno})${what === '' ? '' : `: ${what}`}`;
}
