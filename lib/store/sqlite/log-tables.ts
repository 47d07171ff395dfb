import { crc32 } from 'node:zlib';

import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';
import { damaged, sqlText, type StoredMessage, textOf } from './stored-body.js';

/** The one row of the table `store`. */
export interface StoreRow {
  readonly id: string;
  /** Of the next log that begins. */
  next_epoch: string;
  commits: number;
  /** The boot of the machine in which commits were made that may not have reached the disk, or nothing. */
  unsynced: string;
  logs: number;
}

/** The row of a log, with what is known of it besides. */
export interface LogRow {
  readonly id: number;
  epoch: string;
  /** Of its last message. */
  place: number;
  /** The last message that a bound has cost. */
  lost: number;
  /** Of its last message. */
  at: number;
  ageMs: number;
  isKeyed: boolean;
  messages: number;
  bytes: number;
}

type Row = Record<string, string | number | null>;

const columns = ['place', 'lost', 'at', 'age_ms', 'is_keyed', 'messages', 'bytes'];
const stored = 'place, at, kind, checksum, name, body';

/** The statements, each prepared once. */
export class LogTables {
  readonly #db: SqliteDatabase;
  readonly #prepared = new Map<string, SqliteStatement>();
  readonly insert: SqliteStatement;
  readonly #update: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.insert = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#update = db.prepare(
      `UPDATE logs SET ${columns.map((name) => `${name} = ?`).join(', ')}, used = max(used, ?), checksum = ? WHERE id = ?`,
    );
  }

  sql(text: string): SqliteStatement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) this.#prepared.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }

  store(): StoreRow {
    const row = this.sql('SELECT id, next_epoch, commits, unsynced, logs FROM store').get() as
      StoreRow | undefined;
    if (row === undefined) throw damaged();
    return { ...row };
  }

  saveStore({ next_epoch, commits, unsynced, logs }: StoreRow): void {
    this.sql('UPDATE store SET next_epoch = ?, commits = ?, unsynced = ?, logs = ?').run(
      next_epoch,
      commits,
      unsynced,
      logs,
    );
  }

  countLogs(): number {
    return Number((this.sql('SELECT count(*) AS count FROM logs').get() as Row)['count']);
  }

  find(name: string): LogRow | undefined {
    // Two values: bytes alone are taken by libsql for an object of named ones.
    const row = this.sql('SELECT * FROM logs WHERE name = ? LIMIT ?').get(sqlText(name), 1) as
      Row | undefined;
    if (row === undefined) return undefined;
    if (row['checksum'] !== crc32(columns.map((column) => row[column]).join(' '), Number(row['id'])))
      throw damaged();
    const number = (column: string): number => row[column] as number;
    return {
      id: number('id'),
      epoch: String(row['epoch']),
      place: number('place'),
      lost: number('lost'),
      at: number('at'),
      ageMs: (row['age_ms'] as number | null) ?? Infinity,
      isKeyed: number('is_keyed') === 1,
      messages: number('messages'),
      bytes: number('bytes'),
    };
  }

  create(name: string, epoch: string): LogRow {
    const { id } = this.sql(
      'INSERT INTO logs VALUES (NULL, ?, ?, 0, 0, 0, NULL, 0, 0, 0, 0, 0) RETURNING id',
    ).get(sqlText(name), epoch) as { id: number };
    return {
      id,
      epoch,
      place: 0,
      lost: 0,
      at: 0,
      ageMs: Infinity,
      isKeyed: false,
      messages: 0,
      bytes: 0,
    };
  }

  /** `commit`: in which it was appended to; 0 when it was not. */
  save({ id, place, lost, at, ageMs, isKeyed, messages, bytes }: LogRow, commit: number): void {
    const values = [place, lost, at, ageMs === Infinity ? null : ageMs, isKeyed ? 1 : 0, messages, bytes];
    this.#update.run(...values, commit, crc32(values.join(' '), id), id);
  }

  drop(id: number): void {
    this.sql('DELETE FROM messages WHERE log = ?').run(id);
    this.sql('DELETE FROM logs WHERE id = ?').run(id);
  }

  /** The log that was appended to longest ago. */
  leastUsed(): { id: number; name: string } {
    const row = this.sql('SELECT id, name FROM logs ORDER BY used LIMIT 1').get() as Row | undefined;
    if (row === undefined) throw damaged();
    return { id: row['id'] as number, name: textOf(row['name']) };
  }

  logAfter(id: number): { id: number; name: string; age_ms: number | null; messages: number } | undefined {
    const row = this.sql('SELECT id, name, age_ms, messages FROM logs WHERE id > ? ORDER BY id LIMIT 1').get(
      id,
    );
    if (row === undefined) return undefined;
    return {
      ...(row as { id: number; age_ms: number | null; messages: number }),
      name: textOf((row as Row)['name']),
    };
  }

  /** Of a log: what is there must be what was written. */
  totals(id: number): { messages: number; bytes: number } {
    const row = this.sql('SELECT count(*) AS messages, total(size) AS bytes FROM messages WHERE log = ?').get(
      id,
    );
    return row as { messages: number; bytes: number };
  }

  oldest(id: number, most: number): { place: number; at: number; size: number }[] {
    const rows = this.sql('SELECT place, at, size FROM messages WHERE log = ? ORDER BY place LIMIT ?').all(
      id,
      most,
    );
    return rows as { place: number; at: number; size: number }[];
  }

  /** The first message at `place` or beyond it. */
  from(id: number, place: number): { place: number; at: number } | undefined {
    const row = this.sql(
      'SELECT place, at FROM messages WHERE log = ? AND place >= ? ORDER BY place LIMIT 1',
    ).get(id, place);
    return row as { place: number; at: number } | undefined;
  }

  deleteThrough(id: number, place: number): void {
    this.sql('DELETE FROM messages WHERE log = ? AND place <= ?').run(id, place);
  }

  /** Forgets the message of a key, where only the latest is kept; its size, or undefined. */
  deleteNamed(id: number, name: string | Uint8Array): number | undefined {
    const row = this.sql('SELECT place, size FROM messages WHERE log = ? AND name = ?').get(id, name);
    if (row === undefined) return undefined;
    const { place, size } = row as { place: number; size: number };
    this.sql('DELETE FROM messages WHERE log = ? AND place = ?').run(id, place);
    return size;
  }

  /** Forgets each message that has a later one with its key. */
  keepLatest(id: number): void {
    this.sql(
      `DELETE FROM messages WHERE log = ? AND name IS NOT NULL AND place < (
        SELECT max(place) FROM messages AS later WHERE later.log = messages.log AND later.name = messages.name
      )`,
    ).run(id);
  }

  sizes(
    id: number,
    after: number,
    before: number,
    isNewest: boolean,
    most: number,
  ): { place: number; size: number }[] {
    const order = isNewest ? 'DESC' : 'ASC';
    const rows = this.sql(
      `SELECT place, size FROM messages WHERE log = ? AND place > ? AND place < ? ORDER BY place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as { place: number; size: number }[];
  }

  messages(id: number, after: number, before: number, isNewest: boolean, most: number): StoredMessage[] {
    const order = isNewest ? 'DESC' : 'ASC';
    const rows = this.sql(
      `SELECT ${stored} FROM messages WHERE log = ? AND place > ? AND place < ? ORDER BY place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as StoredMessage[];
  }
}
