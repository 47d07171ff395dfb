/** `gatewire/client/shared`: one connection for all pages of an origin. */
export type { Port } from './messages.js';
export type { SharedWorkerLike } from './page-link.js';
export { type ServedClient, serveClient, type SharedWorkerScope } from './serve-client.js';
export { sharedClient, type SharedClientOptions } from './shared-client.js';
