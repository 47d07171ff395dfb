import { crc32 } from 'node:zlib';

import type { BookRow } from './book.js';
import { bytes, numbers } from './columns.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';
import { damaged, type StoredMessage, textOf } from './stored-body.js';

/** The one row of the table `store`. */
export interface StoreRow extends BookRow {
  /** Of the next log that begins. */
  next_epoch: string;
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

type Row = Record<string, unknown>;

const columns = ['place', 'lost', 'at', 'age_ms', 'is_keyed', 'messages', 'bytes'];
const messageColumns = `${numbers('place', 'at')}, ${bytes('name', 'body')}`;
const logColumns = `${numbers('id', 'checksum', ...columns)}, ${bytes('epoch')}`;
const storeColumns = `${numbers('commits', 'logs')}, ${bytes('id', 'next_epoch', 'unsynced')}`;

/** The statements, each prepared once. */
export class LogTables {
  readonly #db: SqliteDatabase;
  readonly #prepared = new Map<string, SqliteStatement>();
  readonly #insert: SqliteStatement;
  readonly #update: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#insert = db.prepare('INSERT INTO messages (log, place, at, size, body) VALUES (?, ?, ?, ?, ?)');
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
    const row = this.sql(`SELECT ${storeColumns} FROM store`).get() as Row | undefined;
    if (row === undefined) throw damaged();
    const { id, next_epoch, commits, unsynced, logs } = row;
    return {
      id: textOf(id),
      next_epoch: textOf(next_epoch),
      commits: commits as number,
      unsynced: textOf(unsynced),
      logs: logs as number,
    };
  }

  saveStore({ next_epoch, commits, unsynced, logs }: StoreRow): void {
    const values = [Buffer.from(next_epoch), commits, Buffer.from(unsynced), logs];
    this.sql('UPDATE store SET next_epoch = ?, commits = ?, unsynced = ?, logs = ?').run(...values);
  }

  /** Of all logs. */
  saveEpoch(epoch: string): void {
    this.sql('UPDATE logs SET epoch = ? WHERE id > ?').run(Buffer.from(epoch), 0);
  }

  /** Logs that are found by their name. */
  countLogs(): number {
    const row = this.sql(
      `SELECT count(*) AS count FROM logs AS each NOT INDEXED
        WHERE EXISTS (SELECT 1 FROM logs AS found WHERE found.name = each.name AND +found.id = each.id)`,
    ).get() as Row;
    return Number(row['count']);
  }

  find(name: string): LogRow | undefined {
    // Two values: bytes alone are taken by libsql for an object of named ones.
    const row = this.sql(`SELECT ${logColumns} FROM logs WHERE name = ? LIMIT ?`).get(
      Buffer.from(name),
      1,
    ) as Row | undefined;
    if (row === undefined) return undefined;
    if (row['checksum'] !== crc32(columns.map((column) => row[column]).join(' '), Number(row['id'])))
      throw damaged();
    const number = (column: string): number => row[column] as number;
    return {
      id: number('id'),
      epoch: textOf(row['epoch']),
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
    ).get(Buffer.from(name), Buffer.from(epoch)) as { id: number };
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
    const values = [
      place,
      lost,
      at,
      ageMs === Infinity ? null : Math.ceil(ageMs),
      isKeyed ? 1 : 0,
      messages,
      bytes,
    ];
    this.#update.run(...values, commit, crc32(values.join(' '), id), id);
  }

  drop(id: number): void {
    this.sql('DELETE FROM messages WHERE log = ?').run(id);
    this.sql('DELETE FROM logs WHERE id = ?').run(id);
  }

  /** The log that was appended to longest ago. */
  leastUsed(): { id: number; name: string } {
    const row = this.sql(
      `SELECT ${numbers('id')}, ${bytes('name')} FROM logs ORDER BY logs.used LIMIT 1`,
    ).get() as Row | undefined;
    if (row === undefined) throw damaged();
    return { id: row['id'] as number, name: textOf(row['name']) };
  }

  logAfter(id: number): { id: number; name: string; age_ms: number | null; messages: number } | undefined {
    const row = this.sql(
      `SELECT ${numbers('id', 'age_ms', 'messages')}, ${bytes('name')} FROM logs WHERE id > ? ORDER BY logs.id LIMIT 1`,
    ).get(id);
    if (row === undefined) return undefined;
    return {
      ...(row as { id: number; age_ms: number | null; messages: number }),
      name: textOf((row as Row)['name']),
    };
  }

  totals(id: number): { messages: number; bytes: number } {
    const row = this.sql('SELECT count(*) AS messages, total(size) AS bytes FROM messages WHERE log = ?').get(
      id,
    );
    return row as { messages: number; bytes: number };
  }

  /** Messages of a log that are found by their place, which is one that they may have. */
  countFound(id: number, lost: number, place: number): number {
    const row = this.sql(
      `SELECT count(*) AS count FROM messages AS each
        WHERE log = ? AND +place > ? AND +place <= ?
        AND EXISTS (SELECT 1 FROM messages AS found WHERE found.log = each.log AND found.place = each.place)`,
    ).get(id, lost, place) as Row;
    return Number(row['count']);
  }

  oldest(id: number, most: number): { place: number; at: number; size: number }[] {
    const rows = this.sql(
      `SELECT ${numbers('place', 'at', 'size')} FROM messages WHERE log = ? ORDER BY messages.place LIMIT ?`,
    ).all(id, most);
    return rows as { place: number; at: number; size: number }[];
  }

  /** The first message at `place` or beyond it. */
  from(id: number, place: number): { place: number; at: number } | undefined {
    const row = this.sql(
      `SELECT ${numbers('place', 'at')} FROM messages WHERE log = ? AND place >= ? ORDER BY messages.place LIMIT 1`,
    ).get(id, place);
    return row as { place: number; at: number } | undefined;
  }

  insert({ id, place, at }: LogRow, size: number, name: Uint8Array | null, body: Uint8Array): void {
    if (name === null) this.#insert.run(id, place, at, size, body);
    else this.sql('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)').run(id, place, at, size, name, body);
  }

  deleteThrough(id: number, place: number): void {
    this.sql('DELETE FROM messages WHERE log = ? AND place <= ?').run(id, place);
  }

  /** Forgets the message of a key, where only the latest is kept; its size, or undefined. */
  deleteNamed(id: number, name: string | Uint8Array): number | undefined {
    const row = this.sql(`SELECT ${numbers('place', 'size')} FROM messages WHERE log = ? AND name = ?`).get(
      id,
      name,
    );
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
      `SELECT ${numbers('place', 'size')} FROM messages
        WHERE log = ? AND place > ? AND place < ? ORDER BY messages.place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as { place: number; size: number }[];
  }

  messages(id: number, after: number, before: number, isNewest: boolean, most: number): StoredMessage[] {
    const order = isNewest ? 'DESC' : 'ASC';
    const rows = this.sql(
      `SELECT ${messageColumns} FROM messages WHERE log = ? AND place > ? AND place < ? ORDER BY messages.place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as StoredMessage[];
  }
}
