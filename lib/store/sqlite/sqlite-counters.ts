import type { CounterAnswer, CounterAsk } from './counter-asks.js';
import { CounterBook } from './counter-book.js';
import { counterSchema } from './counter-schema.js';
import { CounterTables } from './counter-tables.js';
import { prepareSchema } from './schema.js';
import type { SqliteDatabase } from './sqlite-driver.js';
import { type FileSettings, Transactions } from './transactions.js';

export interface SqliteCountersSettings extends FileSettings {
  readonly keys: number;
}

/** Counters in a database; see {@link Transactions}. @throws {StoreError} */
export function openCounters(
  db: SqliteDatabase,
  settings: SqliteCountersSettings,
): Transactions<CounterAsk, CounterAnswer> {
  const open = (): CounterBook => {
    prepareSchema(db, counterSchema);
    return new CounterBook(new CounterTables(db), settings.keys);
  };
  return new Transactions(db, settings, open);
}
