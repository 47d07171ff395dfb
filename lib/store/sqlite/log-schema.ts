import { randomId } from '../../primitives/random-id.js';
import type { Schema } from './schema.js';

/**
 * Of logs. Texts are kept as UTF-8 in BLOBs, and whatever is read is cast: a driver that finds a text in a damaged file that
 * is none may end the process (libsql), or stop at a zero byte.
 */
export const logSchema: Schema = {
  // "gwir"
  applicationId: 0x67776972,
  version: 1,
  tables: `
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
  `,
  fill(db) {
    db.prepare('INSERT INTO store VALUES (?, ?, 0, ?, 0)').run(
      Buffer.from(randomId()),
      Buffer.from(randomId()),
      Buffer.from(''),
    );
  },
};
