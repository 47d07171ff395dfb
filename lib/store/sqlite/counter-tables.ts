import { crc32 } from 'node:zlib';

import type { KeyCounterState } from '../counting/key-counter.js';
import type { BookRow } from './book.js';
import { bytes, numbers } from './columns.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';
import { bytesOf, damaged, textOf } from './stored-body.js';

/** The one row of the table `store`. */
export interface CounterStoreRow extends BookRow {
  /** Rows of counters. */
  keys: number;
}

type Row = Record<string, unknown>;

/** The statements, each prepared once. */
export class CounterTables {
  readonly #store: SqliteStatement;
  readonly #saveStore: SqliteStatement;
  readonly #find: SqliteStatement;
  readonly #put: SqliteStatement;
  readonly #first: SqliteStatement;
  readonly #remove: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#store = db.prepare(`SELECT ${numbers('commits', 'keys')}, ${bytes('id', 'unsynced')} FROM store`);
    this.#saveStore = db.prepare('UPDATE store SET commits = ?, unsynced = ?, keys = ?');
    // Two values each: bytes alone are taken by libsql for an object of named ones.
    this.#find = db.prepare(
      `SELECT ${numbers('checksum')}, ${bytes('state')} FROM counters WHERE name = ? LIMIT ?`,
    );
    this.#put = db.prepare('REPLACE INTO counters (name, idle_at, state, checksum) VALUES (?, ?, ?, ?)');
    this.#first = db.prepare(
      `SELECT ${bytes('name')} FROM counters WHERE counters.idle_at <= ?
        ORDER BY counters.idle_at LIMIT ?`,
    );
    this.#remove = db.prepare('DELETE FROM counters WHERE name = ? AND idle_at <= ?');
  }

  store(): CounterStoreRow {
    const row = this.#store.get() as Row | undefined;
    if (row === undefined) throw damaged();
    return {
      id: textOf(row['id']),
      commits: row['commits'] as number,
      unsynced: textOf(row['unsynced']),
      keys: row['keys'] as number,
    };
  }

  saveStore({ commits, unsynced, keys }: CounterStoreRow): void {
    this.#saveStore.run(commits, Buffer.from(unsynced), keys);
  }

  find(name: Uint8Array): KeyCounterState | undefined {
    const row = this.#find.get(name, 1) as Row | undefined;
    if (row === undefined) return undefined;
    const state = bytesOf(row['state']);
    if (row['checksum'] !== checksumOf(name, state)) throw damaged();
    return JSON.parse(state.toString()) as KeyCounterState;
  }

  put(name: Uint8Array, idleAt: number, state: KeyCounterState): void {
    const stored = Buffer.from(JSON.stringify(state));
    this.#put.run(name, Math.ceil(idleAt), stored, checksumOf(name, stored));
  }

  /** Those that are idle at this time, the longest first. */
  idle(at: number, most: number): Uint8Array[] {
    return (this.#first.all(at, most) as Row[]).map(({ name }) => bytesOf(name));
  }

  remove(name: Uint8Array): void {
    this.#remove.run(name, Number.MAX_SAFE_INTEGER);
  }
}

function checksumOf(name: Uint8Array, state: Uint8Array): number {
  return crc32(state, crc32(name));
}
