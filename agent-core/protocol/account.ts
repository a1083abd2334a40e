/** Who is signed in; with a provider of the user's own there is no account and `requiresOpenaiAuth` is false. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const PlanType = z.enum([
  'free',
  'go',
  'plus',
  'pro',
  'prolite',
  'promax',
  'team',
  'self_serve_business_prolite',
  'self_serve_business_usage_based',
  'business',
  'ent26',
  'enterprise_cbp_automation',
  'enterprise_cbp_usage_based',
  'enterprise',
  'edu',
  'edu_plus',
  'edu_pro',
  'sci',
  'sci_plus',
  'unknown',
]);
export type PlanType = z.infer<typeof PlanType>;

export const Account = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('apiKey') }),
    z.object({
      type: z.literal('chatgpt'),
      email: z.nullable(z.string()),
      planType: PlanType,
      workspaceName: z.nullish(z.string()),
    }),
    z.object({ type: z.literal('amazonBedrock'), usesCodexManagedCredentials: z._default(z.boolean(), false) }),
    z.object({ type: z.literal('gcp') }),
  ]),
);
export type Account = z.infer<typeof Account>;

export const GetAccountParams = lazy(() => z.object({ refreshToken: z.optional(z.boolean()) }));
export type GetAccountParams = z.infer<typeof GetAccountParams>;

export const GetAccountResponse = lazy(() =>
  z.object({ requiresOpenaiAuth: z.boolean(), account: z.nullish(Account), userId: z.nullish(z.string()) }),
);
export type GetAccountResponse = z.infer<typeof GetAccountResponse>;
