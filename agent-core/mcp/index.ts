// The client of MCP servers. Loaded when the first server is configured: it brings the protocol's library with it.
export { authStatus } from './auth-status.ts';
export { NO_TIMEOUT } from './connect.ts';
export { createHttpFetch } from './http-fetch.ts';
export { startLogin } from './oauth-login.ts';
export { storedProvider } from './oauth-provider.ts';
export { createOAuthStore, type OAuthStore } from './oauth-store.ts';
export type { McpServer, ServerState } from './server.ts';
export { ThreadServers } from './thread-servers.ts';
