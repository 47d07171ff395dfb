/** `gatewire/redis`: what several servers share, on the application's own client of Redis. */
export type { CounterRule, CounterStore, CounterVerdict, CountingAlgorithm } from '../counter-store.js';
export type {
  LogEntry,
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  MessageLog,
  Retention,
} from '../message-log.js';
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
export { RedisCounterStore } from './redis-counter-store.js';
export type { RedisCounterStoreOptions } from './redis-counter-store.options.js';
export { RedisMessageLog } from './redis-message-log.js';
export type { RedisMessageLogOptions } from './redis-message-log.options.js';
export { RedisSessionStore } from './redis-session-store.js';
export type { RedisSessionStoreOptions } from './redis-session-store.options.js';
