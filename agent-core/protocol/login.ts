/** Signing in and out. Without OpenAI's cloud, only API keys can be signed in with. */
import * as z from 'zod/mini';
import { PlanType } from './account.ts';
import { lazy } from './lazy.ts';

/** How the active provider is signed in to. */
export const AuthMode = z.enum([
  'apikey',
  'chatgpt',
  'chatgptAuthTokens',
  'headers',
  'agentIdentity',
  'personalAccessToken',
  'bedrockApiKey',
  'bedrockAccessKeys',
]);
export type AuthMode = z.infer<typeof AuthMode>;

export const LoginAppBrand = z.enum(['codex', 'chatgpt']);
export type LoginAppBrand = z.infer<typeof LoginAppBrand>;

export const DesktopOnboardingEntrypoint = z.literal('life_sciences');
export type DesktopOnboardingEntrypoint = z.infer<typeof DesktopOnboardingEntrypoint>;

/** All but `apiKey` go to OpenAI's or a cloud's own sign-in. */
export const LoginAccountParams = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('apiKey'), apiKey: z.string() }),
    z.object({
      type: z.literal('chatgpt'),
      appBrand: z.nullish(LoginAppBrand),
      codexStreamlinedLogin: z.optional(z.boolean()),
      useHostedLoginSuccessPage: z.optional(z.boolean()),
    }),
    z.object({ type: z.literal('chatgptDeviceCode') }),
    z.object({
      type: z.literal('chatgptAuthTokens'),
      accessToken: z.string(),
      chatgptAccountId: z.string(),
      chatgptPlanType: z.nullish(z.string()),
    }),
    z.object({ type: z.literal('amazonBedrock'), apiKey: z.string(), region: z.string() }),
    z.object({
      type: z.literal('amazonBedrockAccessKeys'),
      accessKeyId: z.string(),
      region: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.nullish(z.string()),
    }),
  ]),
);
export type LoginAccountParams = z.infer<typeof LoginAccountParams>;

export const LoginAccountResponse = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('apiKey') }),
    z.object({ type: z.literal('chatgpt'), authUrl: z.string(), loginId: z.string() }),
    z.object({
      type: z.literal('chatgptDeviceCode'),
      loginId: z.string(),
      userCode: z.string(),
      verificationUrl: z.string(),
    }),
    z.object({ type: z.literal('chatgptAuthTokens') }),
    z.object({ type: z.literal('amazonBedrock') }),
  ]),
);
export type LoginAccountResponse = z.infer<typeof LoginAccountResponse>;

export const CancelLoginAccountParams = lazy(() => z.object({ loginId: z.string() }));
export type CancelLoginAccountParams = z.infer<typeof CancelLoginAccountParams>;

export const CancelLoginAccountStatus = z.enum(['canceled', 'notFound']);
export type CancelLoginAccountStatus = z.infer<typeof CancelLoginAccountStatus>;

export const CancelLoginAccountResponse = lazy(() => z.object({ status: CancelLoginAccountStatus }));
export type CancelLoginAccountResponse = z.infer<typeof CancelLoginAccountResponse>;

export const LogoutAccountResponse = lazy(() => z.object({}));
export type LogoutAccountResponse = z.infer<typeof LogoutAccountResponse>;

export const AccountLoginCompletedNotification = lazy(() =>
  z.object({
    success: z.boolean(),
    error: z.nullish(z.string()),
    loginId: z.nullish(z.string()),
    onboardingEntrypoint: z.nullish(DesktopOnboardingEntrypoint),
  }),
);
export type AccountLoginCompletedNotification = z.infer<typeof AccountLoginCompletedNotification>;

export const AccountUpdatedNotification = lazy(() =>
  z.object({ authMode: z.nullish(AuthMode), planType: z.nullish(PlanType) }),
);
export type AccountUpdatedNotification = z.infer<typeof AccountUpdatedNotification>;
