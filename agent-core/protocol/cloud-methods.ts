/**
 * Methods of the reference that work only with OpenAI's own cloud. They have no schemas here: a request of one of these
 * names is answered with `needsCloud`, a notification is passed over.
 */
import { AgentError } from './errors.ts';

/** Requests from the client; `experimental` ones of the reference too. */
export const cloudMethods: ReadonlySet<string> = new Set([
  'account/bedrock/checkGovCloudRequirements',
  'account/bedrock/discover',
  'account/bedrock/setup',
  'account/gatewayOAuth/cancel',
  'account/gatewayOAuth/login',
  'account/gatewayOAuth/read',
  'account/gcp/setup',
  'account/rateLimitResetCredit/consume',
  'account/rateLimits/read',
  'account/securitySetup/read',
  'account/sendAddCreditsNudgeEmail',
  'account/usage/read',
  'account/workspaceMessages/read',
  'accountSession/list',
  'accountSession/switch',
  'app/installed',
  'app/list',
  'app/read',
  'feedback/upload',
  'marketplace/add',
  'marketplace/remove',
  'marketplace/upgrade',
  'plugin/install',
  'plugin/installed',
  'plugin/list',
  'plugin/read',
  'plugin/reconcile',
  'plugin/search',
  'plugin/share/checkout',
  'plugin/share/delete',
  'plugin/share/list',
  'plugin/share/save',
  'plugin/share/updateTargets',
  'plugin/skill/read',
  'plugin/uninstall',
  'remoteControl/client/list',
  'remoteControl/client/revoke',
  'remoteControl/disable',
  'remoteControl/enable',
  'remoteControl/pairing/start',
  'remoteControl/pairing/status',
  'remoteControl/status/read',
  'thread/realtime/appendAudio',
  'thread/realtime/appendSpeech',
  'thread/realtime/appendText',
  'thread/realtime/listVoices',
  'thread/realtime/start',
  'thread/realtime/stop',
  'userVerification/cancel',
  'userVerification/delete',
  'userVerification/enroll',
  'userVerification/status',
  'userVerification/verify',
]);

/** Requests from the server, which Gantry's core never sends. */
export const cloudServerRequests: ReadonlySet<string> = new Set([
  'account/chatgptAuthTokens/refresh',
  'attestation/generate',
]);

/** Notifications from the server, which Gantry's core never sends. */
export const cloudServerNotifications: ReadonlySet<string> = new Set([
  'account/gatewayOAuth/changed',
  'account/rateLimits/updated',
  'app/list/updated',
  'remoteControl/status/changed',
  'thread/realtime/closed',
  'thread/realtime/error',
  'thread/realtime/item/completed',
  'thread/realtime/item/started',
  'thread/realtime/item/transcript/delta',
  'thread/realtime/itemAdded',
  'thread/realtime/outputAudio/delta',
  'thread/realtime/sdp',
  'thread/realtime/started',
  'thread/realtime/transcript/delta',
  'thread/realtime/transcript/done',
]);

/** The answer to a method of `cloudMethods`. */
export const needsCloud = (method: string): AgentError =>
  new AgentError('notSupported', `${method} needs OpenAI's cloud, which Gantry does not use.`);
