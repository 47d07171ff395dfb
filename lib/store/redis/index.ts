/** `gatewire/redis`: what processes share, in Redis. */
export type {
  SentMessages,
  SessionChange,
  SessionRecord,
  SessionStore,
  SettledMessage,
  StoredSession,
} from '../session-store.js';
export { StoreError, type StoreFault } from '../store-error.js';
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisArgument,
  RedisClient,
} from './redis-client.js';
export type { RedisConnectionOptions } from './redis-connection.js';
export { RedisSessionStore } from './redis-session-store.js';
export type { RedisSessionStoreOptions } from './redis-session-store.options.js';
