import { StoreError } from '../store-error.js';
import type { SqliteDatabase } from './sqlite-driver.js';

/** Counts up with each change to the tables that an earlier version of gatewire cannot read. */
export const schemaVersion = 1;
/** `file` shows it; "gwir". */
const applicationId = 0x67776972;

/**
 * Texts are kept as UTF-8 in BLOBs, and whatever is read is cast: a driver that finds a text in a damaged file that is none
 * may end the process (libsql), or stop at a zero byte.
 */
const tables = `
  CREATE TABLE store (
    id BLOB NOT NULL, next_epoch BLOB NOT NULL, commits INTEGER NOT NULL, unsynced BLOB NOT NULL, logs INTEGER NOT NULL
  );
  CREATE TABLE logs (
    id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, epoch BLOB NOT NULL, place INTEGER NOT NULL, lost INTEGER NOT NULL,
    at INTEGER NOT NULL, age_ms INTEGER, is_keyed INTEGER NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,
    used INTEGER NOT NULL, checksum INTEGER NOT NULL
  );
  CREATE INDEX logs_used ON logs (used);
  CREATE TABLE messages (
    log INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL, name BLOB,
    body BLOB NOT NULL, PRIMARY KEY (log, place)
  ) WITHOUT ROWID;
  CREATE INDEX messages_name ON messages (log, name) WHERE name IS NOT NULL;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/** Makes the tables in a new file, or makes sure that they are ours; in a transaction. @throws {StoreError} */
export function prepareSchema(db: SqliteDatabase, storeId: string, epoch: string): void {
  const version = pragma(db, 'user_version');
  const owner = pragma(db, 'application_id');
  const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  if (count === 0 && version === 0) {
    db.exec(tables);
    db.prepare('INSERT INTO store VALUES (?, ?, 0, ?, 0)').run(
      Buffer.from(storeId),
      Buffer.from(epoch),
      Buffer.from(''),
    );
  } else if (owner !== applicationId) {
    throw new StoreError('incompatible', 'the file holds another database: give the store one of its own');
  } else if (version !== schemaVersion) {
    throw new StoreError(
      'incompatible',
      `the file was written by a newer gatewire (tables of version ${version}, this one knows ${schemaVersion})`,
    );
  }
}

/** The value of a pragma that has one. */
export function pragma(db: SqliteDatabase, name: string): string | number | undefined {
  const row = db.prepare(`PRAGMA ${name}`).get() as Record<string, string | number> | undefined;
  return row?.[name.split('=')[0]!.trim()];
}
