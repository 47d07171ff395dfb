import { crc32 } from 'node:zlib';

import type { BookRow } from './book.js';
import { bytes, numbers } from './columns.js';
import type { PreparedStatements } from './prepared-statements.js';
import type { SqliteStatement } from './sqlite-driver.js';
import { damaged, textOf } from './stored-body.js';

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
const logColumns = `${numbers('id', 'checksum', ...columns)}, ${bytes('epoch')}`;
const storeColumns = `${numbers('commits', 'logs')}, ${bytes('id', 'next_epoch', 'unsynced')}`;

/** The tables `store` and `logs`. */
export class LogTables {
  readonly #statements: PreparedStatements;
  readonly #update: SqliteStatement;

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
    this.#update = statements.of(
      `UPDATE logs SET ${columns.map((name) => `${name} = ?`).join(', ')}, used = max(used, ?), checksum = ? WHERE id = ?`,
    );
  }

  store(): StoreRow {
    const row = this.#statements.of(`SELECT ${storeColumns} FROM store`).get() as Row | undefined;
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
    this.#statements
      .of('UPDATE store SET next_epoch = ?, commits = ?, unsynced = ?, logs = ?')
      .run(...values);
  }

  /** Of all logs. */
  saveEpoch(epoch: string): void {
    this.#statements.of('UPDATE logs SET epoch = ? WHERE id > ?').run(Buffer.from(epoch), 0);
  }

  /** Logs that are found by their name. */
  countLogs(): number {
    const row = this.#statements
      .of(
        `SELECT count(*) AS count FROM logs AS each NOT INDEXED
        WHERE EXISTS (SELECT 1 FROM logs AS found WHERE found.name = each.name AND +found.id = each.id)`,
      )
      .get() as Row;
    return Number(row['count']);
  }

  find(name: string): LogRow | undefined {
    // Two values: bytes alone are taken by libsql for an object of named ones.
    const row = this.#statements
      .of(`SELECT ${logColumns} FROM logs WHERE name = ? LIMIT ?`)
      .get(Buffer.from(name), 1) as Row | undefined;
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
    const { id } = this.#statements
      .of('INSERT INTO logs VALUES (NULL, ?, ?, 0, 0, 0, NULL, 0, 0, 0, 0, 0) RETURNING id')
      .get(Buffer.from(name), Buffer.from(epoch)) as { id: number };
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
    this.#statements.of('DELETE FROM logs WHERE id = ?').run(id);
  }

  /** The log that was appended to longest ago. */
  leastUsed(): { id: number; name: string } {
    const row = this.#statements
      .of(`SELECT ${numbers('id')}, ${bytes('name')} FROM logs ORDER BY logs.used LIMIT 1`)
      .get() as Row | undefined;
    if (row === undefined) throw damaged();
    return { id: row['id'] as number, name: textOf(row['name']) };
  }

  logAfter(id: number): { id: number; name: string; age_ms: number | null; messages: number } | undefined {
    const row = this.#statements
      .of(
        `SELECT ${numbers('id', 'age_ms', 'messages')}, ${bytes('name')} FROM logs WHERE id > ? ORDER BY logs.id LIMIT 1`,
      )
      .get(id);
    if (row === undefined) return undefined;
    return {
      ...(row as { id: number; age_ms: number | null; messages: number }),
      name: textOf((row as Row)['name']),
    };
  }
}
