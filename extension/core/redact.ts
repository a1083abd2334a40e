/** What of a message may go into the log. */

const SECRET_METHODS = new Set(['gantry/secret/set']);
const SECRET_FIELD = /^(key|apiKey|api_key|token|accessToken|refreshToken|idToken|authorization|password|secret)$/i;
/** A trace is for reading; long texts are cut. */
const MAX_TEXT = 2_000;

const SECRET_ARGUMENT = /((?:key|token|secret|password|authorization)[\w-]*[=:\s]+).*/i;

/** A program with its arguments, for the log: people put keys even there. */
export function commandLine({ command, args }: { command: string; args: readonly string[] }): string {
  const shown = args.map((arg, index) =>
    /^--?[\w-]*(key|token|secret|password)$/i.test(args[index - 1] ?? '')
      ? '(secret)'
      : arg.replace(SECRET_ARGUMENT, '$1(secret)'),
  );
  return [command, ...shown].join(' ');
}

/** One line for the trace: the message with every secret and every long text replaced. */
export function traceLine(direction: 'to' | 'from', message: object): string {
  const method = 'method' in message ? message.method : undefined;
  const all = typeof method === 'string' && SECRET_METHODS.has(method);
  const text = JSON.stringify(message, (field, value: unknown) => {
    // What a person typed into a question of the agent, which may have asked for a secret.
    if (field === 'answers' && Array.isArray(value)) return value.map(() => '(answer)');
    if (typeof value !== 'string') return value;
    if (SECRET_FIELD.test(field)) return '(secret)';
    if (all && field !== 'method' && field !== 'provider' && field !== 'jsonrpc') return '(secret)';
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  });
  return `${direction === 'to' ? '-->' : '<--'} ${text}`;
}
