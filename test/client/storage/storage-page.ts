/** What the tests of storages do in a page: they call it as `tests`. */
import { createClient } from '../../../lib/client/browser/index.js';
import type { Client } from '../../../lib/client/client-api.js';
import type { AnyContract } from '../../../lib/client/contract.js';
import { persist } from '../../../lib/client/keeper.js';
import { indexedDb, webStorage } from '../../../lib/client/storage/browser-storages.js';
import { IndexedDbStorage } from '../../../lib/client/storage/indexed-db.js';
import { type TextStorage, WebStorage } from '../../../lib/client/storage/web-storage.js';
import type { ClientStorage, StoredEntries } from '../../../lib/client/storage.js';
import { storageContract } from './contract.js';

const { localStorage } = globalThis as unknown as { localStorage: TextStorage };

const drivers = {
  'a database of IndexedDB': (name: string) => new IndexedDbStorage(name, 'relaxed'),
  'items of localStorage': (name: string) => new WebStorage(() => localStorage, name),
  'indexedDb()': (name: string) => indexedDb({ name }),
  'webStorage()': (name: string) => webStorage({ name }),
  'webStorage() that ends with the tab': (name: string) => webStorage({ name, kind: 'session' }),
};

export type DriverName = keyof typeof drivers;

let storage: ClientStorage;
let client: Client<AnyContract>;
const told: string[] = [];
const errors: string[] = [];

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => String((error as { fault?: string }).fault ?? error),
  );
}

const tests = {
  /** Runs a case of the contract; gives what is wrong, or an empty string. */
  async contract(driver: DriverName, name: string): Promise<string> {
    const one = storageContract.find((other) => other.name === name);
    const place = `${driver} ${name}`;
    return one!
      .run(() => drivers[driver](place))
      .then(
        () => '',
        (error: unknown) => String(error),
      );
  },

  async open(driver: DriverName, name: string): Promise<StoredEntries> {
    storage = drivers[driver](name);
    storage.watch?.('out/', (entries) => told.push(...entries.map(([key]) => key)));
    return storage.load('');
  },
  load: () => storage.load(''),
  save: (changes: Record<string, unknown>) => storage.save(new Map(Object.entries(changes))),
  close: () => storage.close(),
  told: () => told,

  /** What happens to items that do not fit; and what is there after that. */
  async full(name: string): Promise<unknown> {
    const items = new WebStorage(() => localStorage, name);
    const megabyte = 'x'.repeat(1_048_576);
    await items.save(
      new Map([
        ['kept', 1],
        ['replaced', 1],
      ]),
    );
    const changes = new Map<string, unknown>([
      ['replaced', 2],
      ['kept', undefined],
    ]);
    for (let number = 0; number < 8; number++) changes.set(`part ${number}`, megabyte);
    const one = await failure(items.save(new Map([['one', megabyte.repeat(8)]])));
    const several = await failure(items.save(changes));
    return { one, several, kept: await items.load('') };
  },

  /** A page that is killed between two items of one save leaves what undoes the first. */
  async interrupted(name: string): Promise<unknown> {
    const items = new WebStorage(() => localStorage, name);
    await items.save(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    let calls = 0;
    const dying = {
      get length() {
        return localStorage.length;
      },
      key: (index: number) => localStorage.key(index),
      getItem: (key: string) => localStorage.getItem(key),
      setItem(key: string, value: string) {
        // The note of what was there, the first item: then the end, for whatever comes.
        if (++calls > 2) throw new Error('killed');
        localStorage.setItem(key, value);
      },
      removeItem: () => {
        if (calls > 2) throw new Error('killed');
      },
    };
    const killed = await failure(
      new WebStorage(() => dying, name).save(
        new Map([
          ['a', 2],
          ['b', 2],
          ['c', 2],
        ]),
      ),
    );
    const between = localStorage.getItem(`gatewire:${JSON.stringify(name)}:a`);
    return { killed, between, after: await new WebStorage(() => localStorage, name).load('') };
  },

  connect(url: string): void {
    client = createClient({ url, storage: persist(indexedDb({ name: 'client' })) });
    client.when('error', (error) => errors.push(String(error)));
  },
  emit: (event: string, data: unknown) => void client.emit(event, data).delivered.catch(() => undefined),
  state: () => ({
    state: client.state,
    pending: client.pending,
    session: client.session,
    errors,
    closed: client.status.closed,
  }),
};

export type StorageTests = typeof tests;

(globalThis as unknown as { tests: StorageTests }).tests = tests;
