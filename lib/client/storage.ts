/**
 * Where a client keeps what must survive it: messages that wait, its session, received messages of rooms.
 * Values are JSON data, or hold `Uint8Array`s. Keys sort as strings do.
 *
 * Any of the methods may reject: the client goes on without and tells its `error` listeners.
 */
export interface ClientStorage {
  /** Everything whose key begins with `prefix`, in the order of the keys. */
  load(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
  /** Puts each value under its key; `undefined` deletes. All of it or nothing; durable when the promise resolves. Calls take effect in their order. */
  save(changes: ReadonlyMap<string, unknown>): Promise<void>;
  /** Lets go of files and locks. */
  close(): Promise<void>;
}
