import type { Environment } from '../environment.js';

/** Node tells nothing about the network, and has no page. */
export const nodeEnvironment: Environment = {
  isOnline: () => true,
  canSendHeaders: true,
  baseUrl: undefined,
  watch: () => () => undefined,
};
