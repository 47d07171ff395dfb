/** `gatewire/client/storage`: where a client keeps what is to survive it. */
export {
  roomHistory,
  type RoomHistoryFactory,
  type RoomHistoryLimits,
  type RoomHistoryOptions,
} from '../history.js';
export type { ClientStorage, StoredEntries } from '../storage.js';
export { indexedDb, type IndexedDbOptions, webStorage, type WebStorageOptions } from './browser-storages.js';
export type { Durability } from './indexed-db.js';
export { memoryStorage, type StorageMemory } from './memory-storage.js';
export { StorageError, type StorageFault } from './storage-error.js';
