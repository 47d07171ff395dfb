import { crc32 } from 'node:zlib';

import type { SentMessages } from '../session-store.js';
import type { BookRow } from './book.js';
import { bytes, numbers } from './columns.js';
import type { SessionRow } from './open-session.js';
import type { PackedSettled } from './session-asks.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';
import { bytesOf, damaged, textOf } from './stored-body.js';

/** The one row of the table `store`. */
export interface SessionStoreRow extends BookRow {
  sessions: number;
  steps: number;
  settled: number;
}

/** A row of what was sent; with no message it tells only how far the session has come. */
export interface StepRow extends SentMessages {
  readonly place: number;
  readonly session: number;
  readonly last: number;
  readonly forgotten: number;
}

type Row = Record<string, unknown>;

const stepsTogether = 1_000;

const stepNumbers = ['place', 'session', 'last', 'forgotten', 'first', 'count', 'sum', 'checksum'] as const;

/** The statements, each prepared once. What is read is what was written, or is refused. */
export class SessionTables {
  readonly #db: SqliteDatabase;
  readonly #prepared = new Map<string, SqliteStatement>();
  readonly #insertStep: SqliteStatement;
  readonly #deleteStep: SqliteStatement;
  readonly #settle: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#insertStep = db.prepare('INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#deleteStep = db.prepare('DELETE FROM steps WHERE place = ?');
    this.#settle = db.prepare(
      `INSERT INTO settled VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (session, name) DO UPDATE SET outcome = excluded.outcome, checksum = excluded.checksum
        RETURNING ${numbers('place')}`,
    );
  }

  store(): SessionStoreRow {
    const row = this.#sql(
      `SELECT ${numbers('commits', 'sessions', 'steps', 'settled')}, ${bytes('id', 'unsynced')} FROM store`,
    ).get() as Row | undefined;
    if (row === undefined) throw damaged();
    const { id, unsynced, ...counts } = row;
    return {
      ...(counts as { commits: number; sessions: number; steps: number; settled: number }),
      id: textOf(id),
      unsynced: textOf(unsynced),
    };
  }

  saveStore({ commits, unsynced, sessions, steps, settled }: SessionStoreRow): void {
    this.#sql('UPDATE store SET commits = ?, unsynced = ?, sessions = ?, steps = ?, settled = ?').run(
      commits,
      Buffer.from(unsynced),
      sessions,
      steps,
      settled,
    );
  }

  sessions(): SessionRow[] {
    return this.#sql(`SELECT ${sessionColumns} FROM sessions`).all().map(sessionOf);
  }

  session(id: number): SessionRow {
    return sessionOf(this.#sql(`SELECT ${sessionColumns} FROM sessions WHERE id = ?`).get(id));
  }

  /** Begins a session, or takes the place of what was known of it. */
  saveSession(row: SessionRow): void {
    const { id, owner, record, rooms } = row;
    this.#sql('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)').run(
      id,
      Buffer.from(owner),
      record,
      rooms,
      checksumOfSession(row),
    );
  }

  /** How far each session has come, and with what, in order; without frames. */
  *steps(): Generator<Omit<StepRow, 'frames'>> {
    const next = this.#sql(
      `SELECT ${numbers(...stepNumbers)} FROM steps WHERE place > ? ORDER BY steps.place LIMIT ?`,
    );
    for (let after = -1; ;) {
      const rows = next.all(after, stepsTogether);
      for (const row of rows) {
        const step = stepOf(row);
        if (step.place <= after) throw damaged();
        after = step.place;
        yield step;
      }
      if (rows.length < stepsTogether) return;
    }
  }

  step(place: number): StepRow {
    const row = this.#sql(
      `SELECT ${numbers(...stepNumbers)}, ${bytes('frames')} FROM steps WHERE place = ?`,
    ).get(place) as Row | undefined;
    const frames = bytesOf(row?.['frames']);
    if (crc32(frames) !== row?.['sum']) throw damaged();
    return { ...stepOf(row), frames };
  }

  insertStep(step: StepRow): void {
    const { place, session, last, forgotten, first, count, frames } = step;
    const sum = crc32(frames);
    const checksum = checksumOfStep(step, sum);
    this.#insertStep.run(place, session, last, forgotten, first, count, sum, checksum, frames);
  }

  deleteStep(place: number): void {
    this.#deleteStep.run(place);
  }

  /** How many there are of each session, and the last place that was taken. */
  settledCounts(): { session: number; count: number; place: number }[] {
    const rows = this.#sql(
      `SELECT CAST(session AS INTEGER) AS session, count(*) AS count, CAST(max(place) AS INTEGER) AS place
        FROM settled GROUP BY settled.session`,
    ).all();
    return rows as { session: number; count: number; place: number }[];
  }

  settled(session: number): PackedSettled[] {
    return this.#sql(
      `SELECT ${numbers('place', 'place_again', 'checksum')}, ${bytes('name', 'outcome')} FROM settled
        WHERE session = ? ORDER BY settled.place`,
    )
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
    this.#sql('DELETE FROM settled WHERE session = ? AND place <= ?').run(session, through);
  }

  deleteSession(id: number): void {
    this.#sql('DELETE FROM sessions WHERE id = ?').run(id);
    this.#sql('DELETE FROM settled WHERE session = ?').run(id);
  }

  clear(): void {
    this.#db.exec('DELETE FROM sessions; DELETE FROM steps; DELETE FROM settled');
  }

  #sql(text: string): SqliteStatement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) this.#prepared.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }
}

const sessionColumns = `${numbers('id', 'checksum')}, ${bytes('owner', 'record', 'rooms')}`;

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

function stepOf(found: unknown): Omit<StepRow, 'frames'> {
  const { sum, checksum, ...step } = found as Omit<StepRow, 'frames'> & { sum: number; checksum: number };
  if (checksumOfStep(step, sum) !== checksum) throw damaged();
  return step;
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

/** Of the frames there is a sum beside it: how far sessions have come is read without them. */
function checksumOfStep(
  { place, session, last, forgotten, first, count }: Omit<StepRow, 'frames'>,
  sum: number,
): number {
  return crc32(`${place} ${session} ${last} ${forgotten} ${first} ${count} ${sum}`);
}

function checksumOfSettled(session: number, name: Uint8Array, outcome: Uint8Array): number {
  return crc32(`${session} ${name.length}`, crc32(outcome, crc32(name)));
}
