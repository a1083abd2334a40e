/**
 * The keys of config.toml that Gantry uses: the same names and meanings as Codex, so that one file serves both. Every
 * key may be missing; who reads one names its default. The message of each part says what is expected there.
 */
import * as z from 'zod/mini';
import { AskForApproval } from '../protocol/index.ts';
import { mcpServer } from './mcp-schema.ts';

const text = z.string('a text in quotes');
const flag = z.boolean('true or false');
const whole = z.int('a whole number').check(z.nonnegative('a whole number, not negative'));
const texts = z.array(text, 'a list of texts, such as ["a", "b"]');
const table = 'a table';
const textTable = z.record(z.string(), text, 'a table of texts, such as { name = "value" }');

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `one of ${values.map((value) => `"${value}"`).join(', ')}`);
}

/** A command that prints a key: run when one is needed, its output kept in memory for a while. */
const tokenCommand = z.object(
  {
    command: z.string('the command as a text in quotes'),
    args: z.optional(texts),
    /** Default 5,000. */
    timeout_ms: z.optional(whole.check(z.positive('a whole number above 0'))),
    /** Default 300,000; 0: only after the server refused the key. */
    refresh_interval_ms: z.optional(whole),
    cwd: z.optional(text),
  },
  table,
);
export type TokenCommandConfig = z.infer<typeof tokenCommand>;

const dollars = z.number('US dollars for a million tokens').check(z.nonnegative('not negative'));
const modelFacts = z.object(
  {
    context_window: z.optional(whole.check(z.positive('a whole number above 0'))),
    max_output_tokens: z.optional(whole.check(z.positive('a whole number above 0'))),
    supports_tools: z.optional(flag),
    supports_images: z.optional(flag),
    supports_parallel_tool_calls: z.optional(flag),
    tool_family: z.optional(oneOf(['gpt', 'claude', 'plain'])),
    reasoning_efforts: z.optional(
      z.array(oneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']), 'a list of efforts'),
    ),
    price: z.optional(
      z.object(
        { input: dollars, output: dollars, cache_read: z.optional(dollars), cache_write: z.optional(dollars) },
        'a table { input = …, output = … }, in US dollars for a million tokens',
      ),
    ),
  },
  table,
);

export const modelProvider = z.object(
  {
    name: z.optional(text),
    base_url: z.optional(
      z.string('a URL in quotes').check(z.regex(/^https?:\/\/\S+$/, 'a URL that begins with http:// or https://')),
    ),
    env_key: z.optional(
      z
        .string('the name of an environment variable')
        .check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, not the key itself')),
    ),
    env_key_instructions: z.optional(text),
    auth: z.optional(tokenCommand),
    wire_api: z.optional(oneOf(['responses', 'chat', 'anthropic', 'gemini'])),
    http_headers: z.optional(textTable),
    env_http_headers: z.optional(textTable),
    query_params: z.optional(textTable),
    request_max_retries: z.optional(whole),
    stream_max_retries: z.optional(whole),
    stream_idle_timeout_ms: z.optional(whole.check(z.positive('a whole number above 0'))),
    requires_openai_auth: z.optional(flag),
    supports_websockets: z.optional(flag),
    /** Ours: the model to use when `model` is not set. */
    default_model: z.optional(text),
    /** Ours: what the provider's models can do and cost, where Gantry does not know it, or knows it wrong. */
    models: z.optional(z.record(z.string(), modelFacts, table)),
  },
  table,
);
export type ModelProviderConfig = z.infer<typeof modelProvider>;

const sandboxWorkspaceWrite = z.object(
  {
    writable_roots: z.optional(texts),
    network_access: z.optional(flag),
    exclude_tmpdir_env_var: z.optional(flag),
    exclude_slash_tmp: z.optional(flag),
  },
  table,
);

const shellEnvironmentPolicy = z.object(
  {
    inherit: z.optional(oneOf(['all', 'core', 'none'])),
    ignore_default_excludes: z.optional(flag),
    exclude: z.optional(texts),
    include_only: z.optional(texts),
    set: z.optional(textTable),
    experimental_use_profile: z.optional(flag),
  },
  table,
);

export const approvalPolicy = z.custom<AskForApproval>(
  (value) => AskForApproval.safeParse(value).success,
  'one of "untrusted", "on-request", "never", or a table { granular = { … } }',
);

const skills = z.object(
  {
    config: z.optional(
      z.array(
        z.object(
          { path: z.optional(text), name: z.optional(text), enabled: flag },
          'a table with path or name, and enabled',
        ),
        'tables [[skills.config]] with path or name, and enabled',
      ),
    ),
    /** Ours: whether the skills of other agents (`~/.claude/skills`, …) are taken in; true when left out. */
    other_agents: z.optional(flag),
    bundled: z.optional(z.looseObject({}, table)),
    include_instructions: z.optional(flag),
  },
  table,
);

/** Ours. */
const checkpoints = z.object(
  {
    enabled: z.optional(flag),
    include_ignored: z.optional(flag),
    max_file_size: z.optional(whole),
    max_total: z.optional(whole),
    max_age_days: z.optional(whole.check(z.positive('a whole number above 0'))),
  },
  table,
);

/** What may stand at the top of the file and in a profile. */
const shared = {
  model: z.optional(text),
  model_provider: z.optional(text),
  model_reasoning_effort: z.optional(oneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
  model_reasoning_summary: z.optional(oneOf(['auto', 'concise', 'detailed', 'none'])),
  model_verbosity: z.optional(oneOf(['low', 'medium', 'high'])),
  model_context_window: z.optional(whole.check(z.positive('a whole number above 0'))),
  model_auto_compact_token_limit: z.optional(whole),
  tool_output_token_limit: z.optional(whole.check(z.positive('a whole number above 0'))),
  review_model: z.optional(text),
  approval_policy: z.optional(approvalPolicy),
  approvals_reviewer: z.optional(oneOf(['user', 'auto_review', 'guardian_subagent'])),
  sandbox_mode: z.optional(oneOf(['read-only', 'workspace-write', 'danger-full-access'])),
  sandbox_workspace_write: z.optional(sandboxWorkspaceWrite),
  shell_environment_policy: z.optional(shellEnvironmentPolicy),
  developer_instructions: z.optional(text),
  instructions: z.optional(text),
  compact_prompt: z.optional(text),
  project_doc_max_bytes: z.optional(whole),
  project_doc_fallback_filenames: z.optional(texts),
  features: z.optional(z.record(z.string(), z.union([flag, z.looseObject({})], 'true or false'), table)),
};

const top = {
  ...shared,
  model_providers: z.optional(z.record(z.string(), modelProvider, table)),
  openai_base_url: z.optional(
    z.string('a URL in quotes').check(z.regex(/^https?:\/\/\S+$/, 'a URL that begins with http:// or https://')),
  ),
  default_permissions: z.optional(text),
  permissions: z.optional(z.record(z.string(), z.looseObject({}, table), table)),
  project_root_markers: z.optional(texts),
  projects: z.optional(
    z.record(z.string(), z.object({ trust_level: z.optional(oneOf(['trusted', 'untrusted'])) }, table), table),
  ),
  skills: z.optional(skills),
  checkpoints: z.optional(checkpoints),
  mcp_servers: z.optional(z.record(z.string(), mcpServer, table)),
  /** How long the first turn waits for servers that are not `required`; as long as they may take to start when left out. */
  mcp_optional_startup_grace_ms: z.optional(whole),
  forced_login_method: z.optional(oneOf(['chatgpt', 'api'])),
  profile: z.optional(text),
};

/** The configuration that counts, all layers together. */
export const configSchema = z.object(top, table);

/** One file. */
export const fileSchema = z.object(
  { ...top, profiles: z.optional(z.record(z.string(), z.object(shared, table), table)) },
  table,
);

/** `approval_policy` and the rest hold as Codex has them; a key that is missing has its default. */
export type Config = z.infer<typeof configSchema>;
