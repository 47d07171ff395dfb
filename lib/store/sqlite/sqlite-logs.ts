import type { LogAnswer, LogAsk } from './log-asks.js';
import { LogBook, type LogBookSettings } from './log-book.js';
import { logSchema } from './log-schema.js';
import { LogTables } from './log-tables.js';
import { MessageTable } from './message-table.js';
import { PreparedStatements } from './prepared-statements.js';
import { prepareSchema } from './schema.js';
import type { SqliteDatabase } from './sqlite-driver.js';
import { type FileSettings, Transactions } from './transactions.js';

export type SqliteLogsSettings = FileSettings & LogBookSettings;

/** Logs in a database; see {@link Transactions}. @throws {StoreError} */
export function openLogs(
  db: SqliteDatabase,
  settings: SqliteLogsSettings,
  doubt?: string,
  boot?: string,
): Transactions<LogAsk, LogAnswer> {
  const open = (): LogBook => {
    prepareSchema(db, logSchema);
    const statements = new PreparedStatements(db);
    return new LogBook(new LogTables(statements), new MessageTable(statements), settings);
  };
  return new Transactions(db, settings, open, doubt, boot);
}
