/** `gatewire/client/storage`: where a client keeps what is to survive it. */
export type { ClientStorage } from '../storage.js';
export { memoryStorage, type StorageMemory } from './memory-storage.js';
export { StorageError, type StorageFault } from './storage-error.js';
