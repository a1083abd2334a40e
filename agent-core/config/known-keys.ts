/** Keys that Gantry does not use and yet does not wonder at, and keys that it never reads. */

/** Keys of Codex that mean nothing to Gantry (yet): no reason to warn. */
export const OTHER_KEYS: ReadonlySet<string> = new Set(
  `agents allow_login_shell allow_symlinked_codex_home analytics apps apps_mcp_product_sku audio auto_review
  background_terminal_max_timeout browser_use chatgpt_base_url check_for_update_on_startup
  cli_auth_credentials_store client_search_provider cloud commit_attribution computer_use daybreak debug desktop
  disable_paste_burst disable_response_storage feedback file_opener forced_chatgpt_workspace_id ghost_snapshot
  goals hide_agent_reasoning history hooks include_apply_patch_tool include_apps_instructions
  include_collaboration_mode_instructions include_environment_context include_environment_context_time
  include_permissions_instructions js_repl_node_module_dirs js_repl_node_path log_dir marketplaces
  mcp_enterprise_managed_auth mcp_oauth_callback_port mcp_oauth_callback_url mcp_oauth_credentials_store
  memories model_auto_compact_token_limit_scope model_catalog_json
  model_instructions_file model_max_output_tokens model_post_turn_compact_threshold_percent
  model_supports_reasoning_summaries notice notify openai_file_api_base_url orchestrator oss_provider otel
  personality plan_mode_reasoning_effort plugins realtime responses_api_metadata service_tier
  show_raw_agent_reasoning sqlite sqlite_home suppress_unstable_features_warning thread_unload_delay_secs
  tool_suggest tools tools_view_image tui web_search windows windows_wsl_setup_acknowledged zsh_path`.split(/\s+/),
);

/** Keys of Codex's provider tables that mean nothing to Gantry. */
export const OTHER_PROVIDER_KEYS: ReadonlySet<string> = new Set(
  `aws capabilities credential_file gateway_oauth location model_catalog_url project_id
  supports_standalone_web_search websocket_connect_timeout_ms`.split(/\s+/),
);

/** Keys of Codex's shell_environment_policy that mean nothing to Gantry. */
export const OTHER_SHELL_KEYS: ReadonlySet<string> = new Set(['filters']);

/** Keys whose value would be a secret: never read. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'experimental_bearer_token',
  'api_key',
  'openai_api_key',
  'token',
]);

/** What to do in place of writing a key into the file. */
export const SECRET_HELP =
  'Name an environment variable with env_key, a command with auth = { command = "…" }, or use the command "Gantry: Set API Key".';

const SECRET_FORMS = [
  /\b(sk|rk|pk)[-_][A-Za-z0-9_-]{20,}/,
  /\b(ghp|gho|ghu|ghs|ghr|github_pat|glpat|hf|gsk|xai|pplx|r8|nvapi)[-_][A-Za-z0-9_-]{16,}/,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
  /\bAIza[A-Za-z0-9_-]{30,}/,
  /\bA(KIA|SIA)[A-Z0-9]{16}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/,
  /^Bearer\s+\S{8,}$/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** Whether a text has the form of a key or token. Ordinary words, names, URLs and paths have not. */
export const looksLikeSecret = (text: string): boolean => SECRET_FORMS.some((form) => form.test(text));

/** A text without what has the form of a key, and without the values that are known to be secret. */
export function scrubSecrets(text: string, known: readonly string[]): string {
  let rest = text;
  // Short values are words that would be found everywhere.
  for (const value of known) if (value.length >= 6) rest = rest.replaceAll(value, '(secret)');
  for (const form of SECRET_FORMS) {
    rest = rest.replace(new RegExp(form.source.replace(/^\^|\$$/g, ''), `g${form.flags}`), '(secret)');
  }
  return rest;
}
