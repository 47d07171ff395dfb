import type { ClientStorage } from '../storage.js';
import { outboxPrefix } from '../keeper.js';
import { type Durability, IndexedDbStorage } from './indexed-db.js';
import { TabStorage } from './tab-storage.js';
import { type TextStorage, WebStorage } from './web-storage.js';

/** How a database of the browser is used. */
export interface IndexedDbOptions {
  /** Of the database. Clients with different servers or users have different ones. @default 'gatewire' */
  readonly name?: string;
  /** @default 'strict' */
  readonly durability?: Durability;
}

/**
 * Keeps things in IndexedDB: for pages and workers. Each tab has an area of its own (docs/client/storage.md, "Tabs"), which needs the
 * Web Locks API: without it every call rejects.
 *
 * @example createClient({ url: '/notes', storage: persist(indexedDb({ name: 'notes' })) })
 */
export function indexedDb({
  name = 'gatewire',
  durability = 'strict',
}: IndexedDbOptions = {}): ClientStorage {
  return new TabStorage(new IndexedDbStorage(name, durability), {
    name: `idb/${name}`,
    adopted: [outboxPrefix],
  });
}

/** Which of the browser's storages of text is used. */
export interface WebStorageOptions {
  /** Clients with different servers or users have different ones. @default 'gatewire' */
  readonly name?: string;
  /** `local`: outlives the browser. `session`: ends with the tab. @default 'local' */
  readonly kind?: 'local' | 'session';
}

/**
 * Keeps things in `localStorage` or `sessionStorage`: a few megabytes, written in the page's own time. For where IndexedDB is not
 * there, and for little things. Each tab has an area of its own, as in {@link indexedDb}.
 */
export function webStorage({ name = 'gatewire', kind = 'local' }: WebStorageOptions = {}): ClientStorage {
  const open = (): TextStorage => {
    const { localStorage, sessionStorage } = globalThis as unknown as Record<
      'localStorage' | 'sessionStorage',
      TextStorage
    >;
    return kind === 'local' ? localStorage : sessionStorage;
  };
  return new TabStorage(new WebStorage(open, name), {
    name: `${kind}/${name}`,
    adopted: [outboxPrefix],
    isCopied: kind === 'session',
  });
}
