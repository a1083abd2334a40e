/** `request_permissions`: the model asks for a little more than its sandbox allows; the person decides, and for how long. */
import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { mayAskForPermissions } from '../approvals/policy.ts';
import type { AskedPermissions } from '../approvals/reach.ts';
import { parseArguments } from './arguments.ts';
import { done, failed, rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';

const NAME = 'request_permissions';

const argumentsSchema = z.object({
  reason: z.string().nullish(),
  permissions: z.object({
    network: z.object({ enabled: z.boolean().nullish() }).nullish(),
    file_system: z
      .object({ read: z.array(z.string().min(1)).nullish(), write: z.array(z.string().min(1)).nullish() })
      .nullish(),
  }),
});

const paths = (description: string) => ({ type: 'array', items: { type: 'string' }, description });

export const requestPermissions: Tool = {
  name: NAME,
  parallel: false,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description:
      'Asks the user to widen the sandbox for the commands and edits that follow. Ask for the least that is needed; they decide whether it holds for this turn or longer.',
    parameters: {
      type: 'object',
      properties: {
        reason: { type: 'string', description: 'One sentence to the user, why.' },
        permissions: {
          type: 'object',
          properties: {
            network: { type: 'object', properties: { enabled: { type: 'boolean' } }, additionalProperties: false },
            file_system: {
              type: 'object',
              properties: { read: paths('Paths to read.'), write: paths('Folders to write to.') },
              additionalProperties: false,
            },
          },
          additionalProperties: false,
        },
      },
      required: ['permissions'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const { reason, permissions } = parsed.value;
    const placesOf = (list: readonly string[] | null | undefined) =>
      [...new Set(list ?? [])].map((place) =>
        context.runner.realPath(isAbsolute(place) ? place : resolve(context.settings.cwd, place)),
      );
    const asked: AskedPermissions = {
      read: placesOf(permissions.file_system?.read),
      write: placesOf(permissions.file_system?.write),
      network: permissions.network?.enabled === true,
    };
    return (await refusalOf(asked, context)) ?? ask(asked, reason ?? null, context);
  },
};

/** What needs no person to be refused. */
async function refusalOf(
  { read, write, network }: AskedPermissions,
  context: ToolContext,
): Promise<ToolOutcome | null> {
  const { settings, runner } = context;
  if (read.length + write.length === 0 && !network) return rejected(`${NAME} needs a path or the network.`);
  if (settings.sandboxPolicy.type === 'dangerFullAccess') {
    return rejected('Nothing has to be asked for: there is no sandbox in this mode.');
  }
  if (settings.mode?.kind === 'plan' && write.length > 0) return rejected('In plan mode nothing is written.');
  for (const [access, places] of [['read', read] as const, ['write', write] as const]) {
    for (const place of places) {
      const fault = runner.grantFault(place, access, settings);
      if (fault) return rejected(`This cannot be granted: ${fault} Do without it.`);
    }
  }
  return mayAskForPermissions(settings.approvalPolicy)
    ? null
    : rejected('The approval policy does not allow asking for permissions. Nothing was granted: do without.');
}

async function ask(asked: AskedPermissions, reason: string | null, context: ToolContext): Promise<ToolOutcome> {
  const { turnId, itemId, settings, signal, approvals } = context;
  const stopWaiting = context.waiting();
  const request = { turnId, itemId, cwd: settings.cwd, reason, asked };
  const answer = await context.approver.permissions(request, signal).finally(stopWaiting);
  if (answer === 'cancel' || signal.aborted)
    return { type: 'cancelled', text: 'The user stopped here. Nothing was granted.' };
  if (answer === 'failed') return failed('Nothing was granted: the client failed to answer. Go on without it.');
  const { granted, scope } = answer;
  if (granted.read.length + granted.write.length === 0 && !granted.network) {
    return rejected(
      'The user refused. Nothing was granted: go on without it, and do not try to get the same in another way.',
    );
  }
  approvals.grants.add(granted, scope === 'session' ? null : turnId);
  const { read, write, network } = granted;
  return done(
    JSON.stringify({
      permissions: {
        ...(network ? { network: { enabled: true } } : {}),
        ...(read.length + write.length > 0 ? { file_system: { read, write } } : {}),
      },
      scope,
    }),
  );
}
