/** Keys and their values, in the order of the keys. */
export type StoredEntries = readonly (readonly [key: string, value: unknown])[];

/**
 * Where a client keeps what must survive it: messages that wait, its session, received messages of rooms.
 * Values are JSON data, or hold `Uint8Array`s. Keys sort as strings do.
 *
 * Any of the methods may reject: the client goes on without and tells its `error` listeners.
 */
export interface ClientStorage {
  /** Everything whose key begins with `prefix`, in the order of the keys. */
  load(prefix: string): Promise<StoredEntries>;
  /** Puts each value under its key; `undefined` deletes. All of it or nothing; durable when the promise resolves. Calls take effect in their order. */
  save(changes: ReadonlyMap<string, unknown>): Promise<void>;
  /** Tells from now on of entries that have come by another way than {@link save}: from a tab that is gone, for example. */
  watch?(prefix: string, told: (entries: StoredEntries) => void): void;
  /** Lets go of files and locks. */
  close(): Promise<void>;
}
