import { type SqliteSessionStore } from '../../lib/store/sqlite/sqlite-session-store.js';
import type { SqliteDurability } from '../../lib/store/sqlite/transactions.js';
import { sessionStoreContract } from '../contract/session-store.contract.js';
import { SessionFiles } from './support/session-files.js';

for (const durability of ['full', 'normal'] satisfies SqliteDurability[]) {
  sessionStoreContract({
    name: `SQLite, ${durability}`,
    cases: 15,
    create: () => {
      const files = new SessionFiles();
      let store = files.store({ durability });
      return Promise.resolve({
        get store(): SqliteSessionStore {
          return store;
        },
        reopen: async () => {
          await store.close();
          return (store = files.store({ durability }));
        },
        close: () => files.remove(),
      });
    },
  });
}
