/**
 * The keys of config.toml that Gantry uses: the same names and meanings as Codex, so that one file serves both. Every
 * key may be missing; who reads one names its default. The message of each part says what is expected there.
 */
import * as z from 'zod/mini';
import { AskForApproval } from '../protocol/index.ts';

const text = z.string('a text in quotes');
const flag = z.boolean('true or false');
const whole = z.int('a whole number').check(z.nonnegative('a whole number, not negative'));
const texts = z.array(text, 'a list of texts, such as ["a", "b"]');
const textTable = z.record(z.string(), text, 'a table of texts, such as { name = "value" }');

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `one of ${values.map((value) => `"${value}"`).join(', ')}`);
}

const table = 'a table';

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
    wire_api: z.optional(oneOf(['responses', 'chat'])),
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

const approvalPolicy = z.custom<AskForApproval>(
  (value) => AskForApproval.safeParse(value).success,
  'one of "untrusted", "on-request", "never", or a table { granular = { … } }',
);

export const configSchema = z.object(
  {
    model: z.optional(text),
    model_provider: z.optional(text),
    model_providers: z.optional(z.record(z.string(), modelProvider, table)),
    openai_base_url: z.optional(
      z.string('a URL in quotes').check(z.regex(/^https?:\/\/\S+$/, 'a URL that begins with http:// or https://')),
    ),
    model_reasoning_effort: z.optional(oneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
    model_context_window: z.optional(whole.check(z.positive('a whole number above 0'))),
    model_auto_compact_token_limit: z.optional(whole),
    approval_policy: z.optional(approvalPolicy),
    sandbox_mode: z.optional(oneOf(['read-only', 'workspace-write', 'danger-full-access'])),
    sandbox_workspace_write: z.optional(sandboxWorkspaceWrite),
    shell_environment_policy: z.optional(shellEnvironmentPolicy),
    developer_instructions: z.optional(text),
    instructions: z.optional(text),
    compact_prompt: z.optional(text),
    project_doc_max_bytes: z.optional(whole),
    project_doc_fallback_filenames: z.optional(texts),
    projects: z.optional(
      z.record(z.string(), z.object({ trust_level: z.optional(oneOf(['trusted', 'untrusted'])) }, table), table),
    ),
    mcp_servers: z.optional(z.record(z.string(), z.looseObject({}, table), table)),
    profile: z.optional(text),
  },
  table,
);

/** `approval_policy` and the rest hold as Codex has them; a key that is missing has its default. */
export type Config = z.infer<typeof configSchema>;

/** Keys of Codex that mean nothing to Gantry (yet): no reason to warn. */
export const OTHER_KEYS: ReadonlySet<string> = new Set(
  `agents allow_login_shell analytics approvals_reviewer apps audio auto_review background_terminal_max_timeout
  chatgpt_base_url check_for_update_on_startup cli_auth_credentials_store commit_attribution default_permissions
  desktop disable_paste_burst disable_response_storage features feedback file_opener forced_chatgpt_workspace_id
  forced_login_method ghost_snapshot hide_agent_reasoning history hooks include_apply_patch_tool include_apps_instructions
  include_environment_context include_permissions_instructions js_repl_node_path log_dir marketplaces
  mcp_oauth_callback_port mcp_oauth_callback_url mcp_oauth_credentials_store memories model_auto_compact_token_limit_scope
  model_catalog_json model_instructions_file model_max_output_tokens model_reasoning_summary
  model_supports_reasoning_summaries model_verbosity notice notify oss_provider otel permissions personality
  plan_mode_reasoning_effort plugins profiles project_root_markers realtime review_model service_tier
  show_raw_agent_reasoning skills sqlite_home suppress_unstable_features_warning tool_output_token_limit tools tui
  web_search windows windows_wsl_setup_acknowledged zsh_path`.split(/\s+/),
);

/** Keys of Codex's provider tables that mean nothing to Gantry. */
export const OTHER_PROVIDER_KEYS: ReadonlySet<string> = new Set(['auth', 'aws', 'websocket_connect_timeout_ms']);

/** Keys whose value would be a secret: never read. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'experimental_bearer_token',
  'api_key',
  'openai_api_key',
  'token',
]);
