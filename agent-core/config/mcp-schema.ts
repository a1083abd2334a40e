/** The tables `[mcp_servers.NAME]`: Codex's keys, and `sandbox`, which is ours. */
import * as z from 'zod/mini';

const text = z.string('a text in quotes');
const flag = z.boolean('true or false');
const texts = z.array(text, 'a list of texts, such as ["a", "b"]');
const table = 'a table';
const textTable = z.record(z.string(), text, 'a table of texts, such as { name = "value" }');
const seconds = z.number('a number of seconds').check(z.positive('a number of seconds above 0'));
const variable = z
  .string('the name of an environment variable')
  .check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, not its value'));
const approvalMode = z.enum(['auto', 'prompt', 'writes', 'approve'], 'one of "auto", "prompt", "writes", "approve"');

/** What a server that runs as a command may do. Relative paths are of the workspace, `~` is your home. */
const mcpSandbox = z.object(
  {
    /** `off`: the server runs with all your rights. */
    mode: z.optional(z.enum(['on', 'off'], '"on" or "off"')),
    /** Besides the workspace and the system's programs; `"all"`: everything but what holds secrets. */
    read: z.optional(z.union([z.literal('all'), texts], '"all" or a list of folders')),
    write: z.optional(texts),
    /** Off when left out. */
    network: z.optional(z.union([flag, texts], 'true, false, or a list of hosts')),
  },
  table,
);
export type McpSandboxConfig = z.infer<typeof mcpSandbox>;

export const mcpServer = z.object(
  {
    command: z.optional(text),
    args: z.optional(texts),
    env: z.optional(textTable),
    env_vars: z.optional(
      z.array(
        z.union([variable, z.object({ name: variable, source: z.optional(text) })], 'a name of a variable'),
        'a list of names of environment variables',
      ),
    ),
    cwd: z.optional(text),
    url: z.optional(
      z.string('a URL in quotes').check(z.regex(/^https?:\/\/\S+$/, 'a URL that begins with http:// or https://')),
    ),
    bearer_token_env_var: z.optional(variable),
    http_headers: z.optional(textTable),
    env_http_headers: z.optional(z.record(z.string(), variable, 'a table of names of environment variables')),
    scopes: z.optional(texts),
    oauth: z.optional(z.object({ client_id: z.optional(text) }, table)),
    oauth_resource: z.optional(text),
    startup_timeout_sec: z.optional(seconds),
    startup_timeout_ms: z.optional(z.number('a number of milliseconds').check(z.positive('a number above 0'))),
    tool_timeout_sec: z.optional(seconds),
    enabled: z.optional(flag),
    required: z.optional(flag),
    enabled_tools: z.optional(texts),
    disabled_tools: z.optional(texts),
    supports_parallel_tool_calls: z.optional(flag),
    default_tools_approval_mode: z.optional(approvalMode),
    tools: z.optional(z.record(z.string(), z.object({ approval_mode: z.optional(approvalMode) }, table), table)),
    sandbox: z.optional(mcpSandbox),
    experimental_environment: z.optional(text),
    name: z.optional(text),
  },
  table,
);
export type McpServerConfig = z.infer<typeof mcpServer>;
