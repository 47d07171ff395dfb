import { bytes, numbers } from './columns.js';
import type { PreparedStatements } from './prepared-statements.js';
import type { SqliteStatement, SqlValue } from './sqlite-driver.js';
import type { StoredMessage } from './stored-body.js';

/** What a row needs to know of its log. */
interface Place {
  readonly id: number;
  readonly place: number;
  readonly at: number;
}

type Row = Record<string, unknown>;

const messageColumns = `${numbers('place', 'at')}, ${bytes('name', 'body')}`;
/** What is gathered of a log is inserted by so many rows at a time, the most first. */
const together = [16, 4, 1];
const [mostTogether = 1] = together;
const perRow = 5;
/** A body of this size gains nothing by company. */
const largeBytes = 1_024;

/**
 * The table `messages`. Rows of a log are inserted together, as they lie together: it takes a third less time. What is gathered of
 * a log is written before anything else is done with its rows.
 */
export class MessageTable {
  readonly #statements: PreparedStatements;
  readonly #insertStatements: readonly SqliteStatement[];
  /** By log: the values of rows that are not inserted yet. */
  readonly #gathered = new Map<number, SqlValue[]>();

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
    this.#insertStatements = together.map((rows) =>
      statements.of(`INSERT INTO messages VALUES ${Array(rows).fill('(?, ?, ?, ?, NULL, ?)').join(', ')}`),
    );
  }

  /** Later rows of a log have later places. */
  insert({ id, place, at }: Place, size: number, name: Uint8Array | null, body: Uint8Array): void {
    if (name !== null) {
      this.#of(id, 'INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)').run(id, place, at, size, name, body);
      return;
    }
    let values = this.#gathered.get(id);
    if (values === undefined) this.#gathered.set(id, (values = []));
    values.push(id, place, at, size, body);
    if (values.length === mostTogether * perRow || body.length >= largeBytes) this.#write(id);
  }

  /** Inserts what has gathered of all logs. */
  flush(): void {
    for (const id of this.#gathered.keys()) this.#write(id);
    this.#gathered.clear();
  }

  /** The transaction is rolled back. */
  forget(): void {
    this.#gathered.clear();
  }

  drop(id: number): void {
    this.#gathered.delete(id);
    this.#of(id, 'DELETE FROM messages WHERE log = ?').run(id);
  }

  totals(id: number): { messages: number; bytes: number } {
    const row = this.#of(
      id,
      'SELECT count(*) AS messages, total(size) AS bytes FROM messages WHERE log = ?',
    ).get(id);
    return row as { messages: number; bytes: number };
  }

  /** Messages of a log that are found by their place, which is one that they may have. */
  countFound(id: number, lost: number, place: number): number {
    const row = this.#of(
      id,
      `SELECT count(*) AS count FROM messages AS each
        WHERE log = ? AND +place > ? AND +place <= ?
        AND EXISTS (SELECT 1 FROM messages AS found WHERE found.log = each.log AND found.place = each.place)`,
    ).get(id, lost, place) as Row;
    return Number(row['count']);
  }

  oldest(id: number, most: number): { place: number; at: number; size: number }[] {
    const rows = this.#of(
      id,
      `SELECT ${numbers('place', 'at', 'size')} FROM messages WHERE log = ? ORDER BY messages.place LIMIT ?`,
    ).all(id, most);
    return rows as { place: number; at: number; size: number }[];
  }

  /** The first message at `place` or beyond it. */
  from(id: number, place: number): { place: number; at: number } | undefined {
    const row = this.#of(
      id,
      `SELECT ${numbers('place', 'at')} FROM messages WHERE log = ? AND place >= ? ORDER BY messages.place LIMIT 1`,
    ).get(id, place);
    return row as { place: number; at: number } | undefined;
  }

  deleteThrough(id: number, place: number): void {
    this.#of(id, 'DELETE FROM messages WHERE log = ? AND place <= ?').run(id, place);
  }

  /** Forgets the message of a key, where only the latest is kept; its size, or undefined. */
  deleteNamed(id: number, name: string | Uint8Array): number | undefined {
    const row = this.#of(
      id,
      `SELECT ${numbers('place', 'size')} FROM messages WHERE log = ? AND name = ?`,
    ).get(id, name);
    if (row === undefined) return undefined;
    const { place, size } = row as { place: number; size: number };
    this.#of(id, 'DELETE FROM messages WHERE log = ? AND place = ?').run(id, place);
    return size;
  }

  /** Forgets each message that has a later one with its key. */
  keepLatest(id: number): void {
    this.#of(
      id,
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
    const rows = this.#of(
      id,
      `SELECT ${numbers('place', 'size')} FROM messages
        WHERE log = ? AND place > ? AND place < ? ORDER BY messages.place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as { place: number; size: number }[];
  }

  messages(id: number, after: number, before: number, isNewest: boolean, most: number): StoredMessage[] {
    const order = isNewest ? 'DESC' : 'ASC';
    const rows = this.#of(
      id,
      `SELECT ${messageColumns} FROM messages WHERE log = ? AND place > ? AND place < ? ORDER BY messages.place ${order} LIMIT ?`,
    ).all(id, after, before, most);
    return rows as StoredMessage[];
  }

  /** A statement about rows of a log: all of them are there. */
  #of(id: number, text: string): SqliteStatement {
    if (this.#gathered.size > 0) this.#write(id);
    return this.#statements.of(text);
  }

  #write(id: number): void {
    const values = this.#gathered.get(id);
    if (values === undefined || values.length === 0) return;
    // Before: what fails is not tried again.
    this.#gathered.set(id, []);
    let at = 0;
    for (const [index, rows] of together.entries()) {
      const statement = this.#insertStatements[index]!;
      for (; values.length - at >= rows * perRow; at += rows * perRow)
        statement.run(...values.slice(at, at + rows * perRow));
    }
  }
}
