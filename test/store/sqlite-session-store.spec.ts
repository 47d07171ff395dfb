import type { SqliteSessionStore } from '../../lib/store/sqlite/sqlite-session-store.js';
import { sessionStoreContract } from '../contract/session-store.contract.js';
import { SessionFiles } from './support/session-files.js';

// How durable it is shows when its process is killed: sqlite-session-crash.spec.ts has both ways.
sessionStoreContract({
  name: 'SQLite',
  cases: 15,
  create: () => {
    const files = new SessionFiles();
    let store = files.store();
    return Promise.resolve({
      get store(): SqliteSessionStore {
        return store;
      },
      reopen: async () => {
        await store.close();
        return (store = files.store());
      },
      close: () => files.remove(),
    });
  },
});
