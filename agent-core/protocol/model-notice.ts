/** What a provider says about a model while it answers. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const ModelVerification = z.literal('trustedAccessForCyber');
export type ModelVerification = z.infer<typeof ModelVerification>;

export const ModelVerificationNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), verifications: z.array(ModelVerification) }),
);
export type ModelVerificationNotification = z.infer<typeof ModelVerificationNotification>;

export const ModelSafetyBufferingUpdatedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    model: z.string(),
    reasons: z.array(z.string()),
    showBufferingUi: z.boolean(),
    useCases: z.array(z.string()),
    fasterModel: z.nullish(z.string()),
  }),
);
export type ModelSafetyBufferingUpdatedNotification = z.infer<typeof ModelSafetyBufferingUpdatedNotification>;
