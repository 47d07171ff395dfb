import type { ClientStorage } from '../storage.js';
import { closedStorage, StorageError } from './storage-error.js';

/** What is used of IndexedDB 3.0 (W3C). */
export interface DatabaseFactory {
  open(name: string, version: number): OpenRequest;
}

interface Request<Result> {
  readonly result: Result;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}

interface Database {
  onclose: (() => void) | null;
  onversionchange: (() => void) | null;
  createObjectStore(name: string): unknown;
  transaction(
    store: string,
    mode: 'readonly' | 'readwrite',
    options: { durability: Durability },
  ): Transaction;
  close(): void;
}

interface Transaction {
  readonly error: { readonly name: string } | null;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  objectStore(name: string): ObjectStore;
  abort(): void;
}

interface ObjectStore {
  getAllKeys(range: unknown): Request<readonly string[]>;
  getAll(range: unknown): Request<readonly unknown[]>;
  put(value: unknown, key: string): unknown;
  delete(key: string): unknown;
}

interface RangeFactory {
  lowerBound(lower: string): unknown;
  bound(lower: string, upper: string, isLowerOpen: boolean, isUpperOpen: boolean): unknown;
}

/** `strict`: on the disk when `save` resolves. `relaxed`: with the operating system, which a crash of the browser survives. */
export type Durability = 'strict' | 'relaxed';

const storeName = 'kept';

/** One database with one table, from keys to values. Several tabs may have it open. */
export class IndexedDbStorage implements ClientStorage {
  readonly #name: string;
  readonly #durability: Durability;
  #database: Promise<Database> | null = null;
  /** Settles when every call until now has. */
  #calls: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(name: string, durability: Durability) {
    this.#name = name;
    this.#durability = durability;
  }

  load(prefix: string): Promise<[string, unknown][]> {
    let entries: () => [string, unknown][];
    return this.#transact('readonly', (store) => {
      const range = keysWith(prefix);
      const [keys, values] = [store.getAllKeys(range), store.getAll(range)];
      entries = () => keys.result.map((key, index) => [key, values.result[index]]);
    }).then(() => entries());
  }

  save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    const entries = Array.from(changes, ([key, value]) => [key, compact(value)] as const);
    return this.#transact('readwrite', (store) => {
      for (const [key, value] of entries) {
        if (value === undefined) store.delete(key);
        else store.put(value, key);
      }
    });
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  #transact(mode: 'readonly' | 'readwrite', work: (store: ObjectStore) => void): Promise<void> {
    if (this.#closed !== null) return Promise.reject(closedStorage());
    // IndexedDB keeps the order of transactions, and promises that of those who wait for the database.
    const call = this.#opened().then(
      (database) =>
        new Promise<void>((resolve, reject) => {
          const transaction = database.transaction(storeName, mode, { durability: this.#durability });
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(aborted(transaction.error));
          try {
            work(transaction.objectStore(storeName));
          } catch (error) {
            // What cannot be cloned. What was put before it is taken back.
            reject(error instanceof Error ? error : new Error(String(error)));
            transaction.abort();
          }
        }),
    );
    this.#calls = Promise.allSettled([this.#calls, call]);
    return call;
  }

  #opened(): Promise<Database> {
    return (this.#database ??= openDatabase(this.#name, () => (this.#database = null)).catch(
      (error: unknown) => {
        // Perhaps the next call has more luck.
        this.#database = null;
        throw new StorageError('unavailable', 'the browser does not open its database', error);
      },
    ));
  }

  async #close(): Promise<void> {
    await this.#calls;
    const database = await this.#database?.catch(() => undefined);
    database?.close();
  }
}

function openDatabase(name: string, lost: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    const { indexedDB } = globalThis as { indexedDB?: DatabaseFactory };
    if (indexedDB === undefined) throw new Error('there is no IndexedDB here');
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(storeName);
    request.onerror = () => reject(request.error ?? new Error('it says no reason'));
    request.onsuccess = () => {
      const database = request.result;
      // The browser has closed it: site data were cleared, for example.
      database.onclose = lost;
      // Somebody wants to delete it, and waits for us.
      database.onversionchange = () => {
        database.close();
        lost();
      };
      resolve(database);
    };
  });
}

/** Keys that begin with a prefix: from it up to the next string that does not, in the order of UTF-16 units. */
function keysWith(prefix: string): unknown {
  const { IDBKeyRange } = globalThis as unknown as { IDBKeyRange: RangeFactory };
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xffff) length--;
  if (length === 0) return IDBKeyRange.lowerBound(prefix);
  const end = prefix.slice(0, length - 1) + String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
  return IDBKeyRange.bound(prefix, end, false, true);
}

/** A copy as of now; of bytes that are a part of a longer buffer, that part: the browser would store all of the buffer. */
function compact(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compact(item)]));
}

function aborted(error: { readonly name: string } | null): Error {
  const isFull = error?.name === 'QuotaExceededError';
  return isFull
    ? new StorageError('full', 'the browser does not keep any more', error)
    : new StorageError('unavailable', 'the browser has given up a transaction', error ?? undefined);
}
