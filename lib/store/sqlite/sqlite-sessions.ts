import { prepareSchema } from './schema.js';
import type { SessionAnswer, SessionAsk } from './session-asks.js';
import { SessionBook } from './session-book.js';
import { sessionSchema } from './session-schema.js';
import { SessionTables } from './session-tables.js';
import type { SqliteDatabase } from './sqlite-driver.js';
import { type FileSettings, Transactions } from './transactions.js';

export interface SqliteSessionsSettings extends FileSettings {
  readonly sessions: number;
}

/** Sessions in a database; see {@link Transactions}. @throws {StoreError} */
export function openSessions(
  db: SqliteDatabase,
  settings: SqliteSessionsSettings,
  boot?: string,
): Transactions<SessionAsk, SessionAnswer> {
  const open = (): SessionBook => {
    prepareSchema(db, sessionSchema);
    return new SessionBook(new SessionTables(db), settings.sessions);
  };
  return new Transactions(db, settings, open, undefined, boot);
}
