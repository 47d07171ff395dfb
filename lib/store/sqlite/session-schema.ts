import { randomId } from '../../primitives/random-id.js';
import type { Schema } from './schema.js';

/**
 * Of sessions. What changes is one log of all sessions, so that what is written together lies together; the latest row of a
 * session tells how far it has come. Settled messages stay long: when some have gathered in the log they are moved to where
 * those of their session lie together.
 */
export const sessionSchema: Schema = {
  // "gwse"
  applicationId: 0x67777365,
  version: 1,
  tables: `
    CREATE TABLE store (
      id BLOB NOT NULL, commits INTEGER NOT NULL, unsynced BLOB NOT NULL,
      sessions INTEGER NOT NULL, steps INTEGER NOT NULL, settled INTEGER NOT NULL
    );
    CREATE TABLE sessions (
      id INTEGER PRIMARY KEY, owner BLOB NOT NULL, record BLOB NOT NULL, rooms BLOB NOT NULL, checksum INTEGER NOT NULL
    );
    CREATE TABLE steps (
      place INTEGER PRIMARY KEY, session INTEGER NOT NULL, last INTEGER NOT NULL, forgotten INTEGER NOT NULL,
      moved INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, settled INTEGER NOT NULL,
      size INTEGER NOT NULL, sum INTEGER NOT NULL, checksum INTEGER NOT NULL, frames BLOB NOT NULL, outcomes BLOB NOT NULL
    );
    CREATE TABLE settled (
      session INTEGER NOT NULL, name BLOB NOT NULL, place INTEGER NOT NULL, place_again INTEGER NOT NULL,
      outcome BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (session, name)
    ) WITHOUT ROWID;
  `,
  fill(db) {
    db.prepare('INSERT INTO store VALUES (?, ?, ?, 0, 0, 0)').run(
      Buffer.from(randomId()),
      0,
      Buffer.from(''),
    );
  },
};
