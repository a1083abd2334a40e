/** requirements.toml: what whoever administrates this machine allows, over all configuration. */
import path from 'node:path';
import * as z from 'zod/mini';
import { AskForApproval, type SandboxMode, type SandboxPolicy } from '../protocol/index.ts';
import { type Env, type Homes, systemFolders } from './home.ts';
import { type ConfigProblem, type ConfigReader, placed } from './layers.ts';
import { parseToml } from './toml-text.ts';

/** The keys that Gantry enforces, as the reference names them. */
const keys = {
  allowed_approval_policies: z.array(AskForApproval).check(z.minLength(1)),
  allowed_sandbox_modes: z.array(z.enum(['read-only', 'workspace-write', 'danger-full-access'])).check(z.minLength(1)),
  allowed_permission_profiles: z.record(z.string(), z.boolean()),
  feature_requirements: z.record(z.string(), z.boolean()),
  feedback: z.object({ enabled: z.optional(z.boolean()) }),
};

type Key = keyof typeof keys;

/** A key that is missing allows everything. */
export type Requirements = { readonly [K in Key]?: z.infer<(typeof keys)[K]> };

/** What holds when the file cannot be understood: whoever wrote it meant to forbid something. */
const STRICTEST: Requirements = {
  allowed_approval_policies: ['untrusted', 'on-request'],
  allowed_sandbox_modes: ['read-only'],
};

export const isAllowedPolicy = (
  { allowed_approval_policies: allowed }: Requirements,
  policy: AskForApproval,
): boolean => allowed === undefined || allowed.some((each) => JSON.stringify(each) === JSON.stringify(policy));

export const isAllowedMode = ({ allowed_sandbox_modes: allowed }: Requirements, mode: SandboxMode): boolean =>
  allowed === undefined || allowed.includes(mode);

/** The mode of which a policy is a form. A sandbox that somebody else promises is none of ours. */
export function modeOf(policy: SandboxPolicy): SandboxMode {
  switch (policy.type) {
    case 'readOnly':
      return 'read-only';
    case 'workspaceWrite':
      return 'workspace-write';
    case 'dangerFullAccess':
    case 'externalSandbox':
      return 'danger-full-access';
    default:
      return policy satisfies never;
  }
}

function readOne(file: string, reader: ConfigReader): { requirements: Requirements; problems: ConfigProblem[] } | null {
  const { text, exists, problems: unread } = reader(file);
  if (!exists && unread.length === 0) return null;
  if (!exists) {
    const message = `${file} cannot be read: the strictest requirements hold. Ask whoever administrates this machine.`;
    const problem = { file, line: null, column: null, message, expected: null, severity: 'error' } as const;
    return { requirements: STRICTEST, problems: [problem] };
  }
  const { value, problems: broken } = parseToml(text);
  const problems: ConfigProblem[] = broken.map(({ line, column, message }) => ({
    file,
    line,
    column,
    message: `${path.basename(file)} line ${line}: ${message}. The strictest requirements hold until it is corrected.`,
    expected: 'TOML, such as key = "value"',
    severity: 'error',
  }));
  let requirements: Requirements = broken.length > 0 ? STRICTEST : {};
  for (const [key, given] of Object.entries(value)) {
    const schema = Object.hasOwn(keys, key) ? keys[key as Key] : null;
    const parsed = schema?.safeParse(given);
    if (parsed?.success) {
      if (broken.length === 0) requirements = { ...requirements, [key]: parsed.data };
      continue;
    }
    const message = parsed
      ? `${key} is not understood: the strictest requirements hold until it is corrected.`
      : `${key} is not enforced by Gantry.`;
    if (parsed) requirements = { ...requirements, ...STRICTEST };
    const severity = parsed ? 'error' : 'warning';
    problems.push(...placed(file, text, [{ path: [key], message, expected: null, severity }]));
  }
  return { requirements, problems };
}

/** Of all files that there are; a key of an earlier one wins. Looks at them anew with each call, and never throws. */
export function loadRequirements(
  env: Env,
  { readHome }: Homes,
  reader: ConfigReader,
): { requirements: Requirements; problems: ConfigProblem[] } {
  const folders = [...systemFolders(env), readHome];
  const found = folders.flatMap((folder) => readOne(path.join(folder, 'requirements.toml'), reader) ?? []);
  return {
    requirements: Object.assign({}, ...found.map((each) => each.requirements).reverse()),
    problems: found.flatMap((each) => each.problems),
  };
}
