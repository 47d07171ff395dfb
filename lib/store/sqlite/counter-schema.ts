import { randomId } from '../../primitives/random-id.js';
import type { Schema } from './schema.js';

/** Of counters. `idle_at`: from when on a key is as good as new. */
export const counterSchema: Schema = {
  // "gwco"
  applicationId: 0x6777636f,
  version: 1,
  tables: `
    CREATE TABLE store (id BLOB NOT NULL, commits INTEGER NOT NULL, unsynced BLOB NOT NULL, keys INTEGER NOT NULL);
    CREATE TABLE counters (
      name BLOB PRIMARY KEY NOT NULL, idle_at INTEGER NOT NULL, state BLOB NOT NULL, checksum INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX counters_idle_at ON counters (idle_at);
  `,
  fill(db) {
    db.prepare('INSERT INTO store VALUES (?, ?, ?, 0)').run(Buffer.from(randomId()), 0, Buffer.from(''));
  },
};
