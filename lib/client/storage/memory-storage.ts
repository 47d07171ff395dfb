import type { ClientStorage } from '../storage.js';
import { closedStorage } from './storage-error.js';
import { sortedEntries, storedTexts } from './stored-text.js';

/** Where several {@link memoryStorage}s, one after the other, keep the same things. */
export type StorageMemory = Map<string, string>;

/**
 * Keeps things as long as the process (or the page) lives: for tests, and for received messages that need not outlive a reload.
 *
 * @param memory what is there already, and what is to be kept for another storage
 */
export function memoryStorage(memory: StorageMemory = new Map()): ClientStorage {
  return new MemoryStorage(memory);
}

class MemoryStorage implements ClientStorage {
  readonly #memory: StorageMemory;
  #isClosed = false;

  constructor(memory: StorageMemory) {
    this.#memory = memory;
  }

  // An error is a rejection, never a throw: that is what `async` is for.
  // eslint-disable-next-line @typescript-eslint/require-await
  async load(prefix: string): Promise<[string, unknown][]> {
    if (this.#isClosed) throw closedStorage();
    return sortedEntries(this.#memory, prefix);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    if (this.#isClosed) throw closedStorage();
    for (const [key, text] of storedTexts(changes)) {
      if (text === undefined) this.#memory.delete(key);
      else this.#memory.set(key, text);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
