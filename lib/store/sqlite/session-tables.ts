import { crc32 } from 'node:zlib';

import type { BookRow } from './book.js';
import { bytes, numbers } from './columns.js';
import type { SessionRow } from './open-session.js';
import type { PackedSettled } from './session-asks.js';
import { PreparedStatements } from './prepared-statements.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';
import { bytesOf, damaged, textOf } from './stored-body.js';

/** The one row of the table `store`. */
export interface SessionStoreRow extends BookRow {
  sessions: number;
  steps: number;
  settled: number;
}

/** What a row of steps tells without its bytes. */
export interface StepHead {
  readonly place: number;
  readonly session: number;
  readonly last: number;
  readonly forgotten: number;
  /** Outcomes in rows up to this place are among the settled messages. */
  readonly moved: number;
  readonly first: number;
  /** Of messages that were sent; 0: none. */
  readonly count: number;
  /** Of outcomes. */
  readonly settled: number;
  /** Of its bytes. */
  readonly size: number;
}

export interface StepRow extends StepHead {
  readonly frames: Uint8Array;
  readonly outcomes: Uint8Array;
}

type Row = Record<string, unknown>;

const stepsTogether = 1_000;

const headColumns = [
  'place',
  'session',
  'last',
  'forgotten',
  'moved',
  'first',
  'count',
  'settled',
  'size',
] as const satisfies (keyof StepHead)[];
const stepNumbers = [...headColumns, 'sum', 'checksum'];

/** The tables of sessions. What is read is what was written, or is refused. */
export class SessionTables {
  readonly #db: SqliteDatabase;
  readonly #statements: PreparedStatements;
  readonly #insertStep: SqliteStatement;
  readonly #deleteStep: SqliteStatement;
  readonly #settle: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#statements = new PreparedStatements(db);
    this.#insertStep = db.prepare(`INSERT INTO steps VALUES (${'?, '.repeat(stepNumbers.length)}?, ?)`);
    this.#deleteStep = db.prepare('DELETE FROM steps WHERE place = ?');
    this.#settle = db.prepare(
      `INSERT INTO settled VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (session, name) DO UPDATE SET outcome = excluded.outcome, checksum = excluded.checksum
        RETURNING ${numbers('place')}`,
    );
  }

  store(): SessionStoreRow {
    const row = this.#statements
      .of(
        `SELECT ${numbers('commits', 'sessions', 'steps', 'settled')}, ${bytes('id', 'unsynced')} FROM store`,
      )
      .get() as Row | undefined;
    if (row === undefined) throw damaged();
    const { id, unsynced, ...counts } = row;
    return {
      ...(counts as { commits: number; sessions: number; steps: number; settled: number }),
      id: textOf(id),
      unsynced: textOf(unsynced),
    };
  }

  saveStore({ commits, unsynced, sessions, steps, settled }: SessionStoreRow): void {
    this.#statements
      .of('UPDATE store SET commits = ?, unsynced = ?, sessions = ?, steps = ?, settled = ?')
      .run(commits, Buffer.from(unsynced), sessions, steps, settled);
  }

  sessions(): SessionRow[] {
    return this.#statements.of(`SELECT ${sessionColumns} FROM sessions`).all().map(sessionOf);
  }

  session(id: number): SessionRow {
    return sessionOf(this.#statements.of(sessionSql).get(id));
  }

  /** Begins a session, or takes the place of what was known of it. */
  saveSession(row: SessionRow): void {
    const { id, owner, record, rooms } = row;
    this.#statements
      .of('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)')
      .run(id, Buffer.from(owner), record, rooms, checksumOfSession(row));
  }

  /** How far each session has come, and with what, in order. */
  *steps(): Generator<StepHead> {
    const next = this.#statements.of(
      `SELECT ${numbers(...stepNumbers)} FROM steps WHERE place > ? ORDER BY steps.place LIMIT ?`,
    );
    for (let after = -1; ;) {
      const rows = next.all(after, stepsTogether);
      for (const row of rows) {
        const step = headOf(row);
        if (step.place <= after) throw damaged();
        after = step.place;
        yield step;
      }
      if (rows.length < stepsTogether) return;
    }
  }

  /** All of these rows, in order. */
  stepsAt(places: readonly number[]): StepRow[] {
    if (places.length === 0) return [];
    const rows = this.#statements.of(stepsSql).all(JSON.stringify(places)) as Row[];
    if (rows.length !== places.length) throw damaged();
    return rows.map(stepOf);
  }

  insertStep(step: StepRow): void {
    const { frames, outcomes } = step;
    const head = headColumns.map((column) => step[column]);
    const sum = sumOf(frames, outcomes);
    this.#insertStep.run(...head, sum, checksumOfStep(head, sum), frames, outcomes);
  }

  deleteStep(place: number): void {
    this.#deleteStep.run(place);
  }

  /** How many there are of each session, and the last place that was taken. */
  settledCounts(): { session: number; count: number; place: number }[] {
    const rows = this.#statements
      .of(
        `SELECT CAST(session AS INTEGER) AS session, count(*) AS count, CAST(max(place) AS INTEGER) AS place
        FROM settled GROUP BY settled.session`,
      )
      .all();
    return rows as { session: number; count: number; place: number }[];
  }

  settled(session: number): PackedSettled[] {
    return this.#statements
      .of(settledSql)
      .all(session)
      .map((row) => settledOf(row as Row, session));
  }

  /** Takes `place`, unless it has one already. Whether it is new. */
  settle(session: number, { name, outcome }: PackedSettled, place: number): boolean {
    const checksum = checksumOfSettled(session, name, outcome);
    const row = this.#settle.get(session, name, place, -place, outcome, checksum) as { place: number };
    return row.place === place;
  }

  forgetSettled(session: number, through: number): void {
    this.#statements.of('DELETE FROM settled WHERE session = ? AND place <= ?').run(session, through);
  }

  deleteSession(id: number): void {
    this.#statements.of('DELETE FROM sessions WHERE id = ?').run(id);
    this.#statements.of('DELETE FROM settled WHERE session = ?').run(id);
  }

  clear(): void {
    this.#db.exec('DELETE FROM sessions; DELETE FROM steps; DELETE FROM settled');
  }
}

// A statement of many rows costs less than many statements.
const stepsSql = `SELECT ${numbers(...stepNumbers)}, ${bytes('frames', 'outcomes')} FROM steps
  WHERE place IN (SELECT value FROM json_each(?)) ORDER BY steps.place`;
const settledSql = `SELECT ${numbers('place', 'place_again', 'checksum')}, ${bytes('name', 'outcome')} FROM settled
  WHERE session = ? ORDER BY settled.place`;
const sessionColumns = `${numbers('id', 'checksum')}, ${bytes('owner', 'record', 'rooms')}`;

const sessionSql = `SELECT ${sessionColumns} FROM sessions WHERE id = ?`;

function sessionOf(found: unknown): SessionRow {
  if (found === undefined) throw damaged();
  const { id, owner, record, rooms, checksum } = found as Row;
  const row = {
    id: id as number,
    owner: textOf(owner),
    record: bytesOf(record),
    rooms: bytesOf(rooms),
  };
  if (checksumOfSession(row) !== checksum) throw damaged();
  return row;
}

function stepOf(row: Row): StepRow {
  const frames = bytesOf(row['frames']);
  const outcomes = bytesOf(row['outcomes']);
  if (sumOf(frames, outcomes) !== row['sum']) throw damaged();
  return { ...headOf(row), frames, outcomes };
}

function headOf(found: unknown): StepHead {
  const { sum, checksum, ...rest } = found as StepHead & { sum: number; checksum: number };
  const head = headColumns.map((column) => rest[column]);
  if (checksumOfStep(head, sum) !== checksum) throw damaged();
  return rest;
}

function settledOf(row: Row, session: number): PackedSettled {
  const settled = { name: bytesOf(row['name']), outcome: bytesOf(row['outcome']) };
  const isWhole = checksumOfSettled(session, settled.name, settled.outcome) === row['checksum'];
  // It has the place of the first, and so no part in a checksum that is written with the latest.
  if (!isWhole || row['place_again'] !== -(row['place'] as number)) throw damaged();
  return settled;
}

// None of them ends with what may be empty: zlib begins anew where there is nothing.

function checksumOfSession({ id, owner, record, rooms }: SessionRow): number {
  return crc32(`${owner} ${id} ${record.length}`, crc32(rooms, crc32(record)));
}

/** Of the bytes there is a sum beside it: how far sessions have come is read without them. */
function checksumOfStep(head: readonly number[], sum: number): number {
  return crc32(`${head.join(' ')} ${sum}`);
}

function sumOf(frames: Uint8Array, outcomes: Uint8Array): number {
  return outcomes.length === 0 ? crc32(frames) : crc32(outcomes, crc32(frames));
}

function checksumOfSettled(session: number, name: Uint8Array, outcome: Uint8Array): number {
  return crc32(`${session} ${name.length}`, crc32(outcome, crc32(name)));
}
