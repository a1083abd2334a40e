/** A table [permissions.NAME]: Codex's keys and meanings as far as Gantry enforces them, and a few of ours. */
import * as z from 'zod/mini';

const text = z.string('a text in quotes');
const flag = z.boolean('true or false');
const whole = z.int('a whole number').check(z.positive('a whole number above 0'));
const table = 'a table';

/** `deny` and `none` are the same. */
export const access = z.enum(['read', 'write', 'none', 'deny'], 'one of "read", "write", "none"');
export type Access = z.infer<typeof access>;

/** Keys of Codex's network table that change nothing here: the proxy is Gantry's own, and always speaks SOCKS5. */
export const WITHOUT_EFFECT: readonly string[] = [
  'proxy_url',
  'enable_socks5',
  'socks_url',
  'enable_socks5_udp',
  'allow_upstream_proxy',
  'dangerously_allow_non_loopback_proxy',
  'dangerously_allow_all_unix_sockets',
  'unix_sockets',
  'allow_local_binding',
];

export const networkTable = z.strictObject(
  {
    enabled: z.optional(flag),
    mode: z.optional(z.literal('full', '"full": requests are not limited by their method')),
    domains: z.optional(
      z.record(
        z.string(),
        z.enum(['allow', 'deny'], '"allow" or "deny"'),
        'a table of hosts, such as { "example.com" = "allow" }',
      ),
    ),
    ...Object.fromEntries(WITHOUT_EFFECT.map((key) => [key, z.optional(z.unknown())])),
  },
  'a table with enabled and domains, or true or false',
);

export const permissionProfile = z.strictObject(
  {
    description: z.optional(text),
    /** Ours: another profile, over which this one goes key by key. */
    extends: z.optional(text),
    filesystem: z.optional(
      z.record(
        z.string(),
        z.union(
          [access, flag, z.record(z.string(), access)],
          '"read", "write" or "none", or a table of them for the folders below',
        ),
        'a table of paths, such as { ":workspace_roots" = "write", "~/.cache" = "write", "~/notes" = "none" }',
      ),
    ),
    network: z.optional(z.union([flag, networkTable], 'true, false, or a table with enabled and domains')),
    /** Ours: whether commits work. */
    git: z.optional(z.enum(['ro', 'commit'], '"ro" or "commit"')),
    /** Ours: what build servers run is kept as it is. */
    protect_ci: z.optional(flag),
    /** Ours. */
    limits: z.optional(
      z.strictObject(
        { processes: z.optional(whole), memory_mb: z.optional(whole) },
        'a table with processes and memory_mb',
      ),
    ),
  },
  table,
);
export type PermissionProfile = z.infer<typeof permissionProfile>;
