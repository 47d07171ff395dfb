import { join } from 'node:path';

import { SqliteCounterStore } from '../../../lib/store/sqlite/sqlite-counter-store.js';
import type { SqliteCounterStoreOptions } from '../../../lib/store/sqlite/sqlite-counter-store.options.js';
import { storeProgram } from '../../support/store-program.js';
import { StoreFolder } from './store-folder.js';

/** Counters in a file of their own. */
export class CounterFiles extends StoreFolder {
  store(options: Partial<SqliteCounterStoreOptions> = {}): SqliteCounterStore {
    const worker = join(storeProgram(), 'store/sqlite/counter-worker.js');
    return this.opened(new SqliteCounterStore({ file: this.file, worker, ...options }));
  }
}
