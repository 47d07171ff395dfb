/** `gatewire/sqlite`: what outlives the process, in a file. */
export type {
  LogEntry,
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  MessageLog,
  Retention,
} from '../message-log.js';
export type { CounterRule, CounterStore, CounterVerdict, CountingAlgorithm } from '../counter-store.js';
export type {
  SentMessages,
  SessionChange,
  SessionRecord,
  SessionStore,
  SettledMessage,
  StoredSession,
} from '../session-store.js';
export { StoreError, type StoreFault } from '../store-error.js';
export type { SqliteDriver } from './sqlite-driver.js';
export type { SqliteDurability } from './transactions.js';
export { SqliteCounterStore } from './sqlite-counter-store.js';
export type { SqliteCounterStoreOptions } from './sqlite-counter-store.options.js';
export { SqliteMessageLog } from './sqlite-message-log.js';
export type { SqliteMessageLogOptions } from './sqlite-message-log.options.js';
export { SqliteSessionStore } from './sqlite-session-store.js';
export type { SqliteSessionStoreOptions } from './sqlite-session-store.options.js';
