import type { SentMessages } from '../session-store.js';
import { type OpenSession, type Step } from './open-session.js';
import { unpackOutcomes } from './packed-changes.js';
import type { KeptSession, PackedChange, PackedOutcomes, PackedSettled } from './session-asks.js';
import type { SessionStoreRow, SessionTables, StepRow } from './session-tables.js';
import { StepLog } from './step-log.js';
import { damaged } from './stored-body.js';

/** Settled messages that go together: into their table, and out of it beyond those that are to be kept. */
const together = 32;
const nothing = new Uint8Array(0);
const noMessages: SentMessages = { first: 0, count: 0, frames: nothing };
const noOutcomes: PackedOutcomes = { count: 0, block: nothing };

/** What was sent and settled in sessions, and how far each has come. */
export class SessionLedger {
  readonly #tables: SessionTables;
  readonly #log: StepLog;
  /** Those of which the file does not say yet how far they have come. */
  readonly #behind = new Set<OpenSession>();
  row: SessionStoreRow;

  constructor(tables: SessionTables) {
    this.#tables = tables;
    this.#log = new StepLog(tables);
    this.row = tables.store();
  }

  /** Everything that there is of sessions, by their ids. @throws {StoreError} there was more, or something is of nobody */
  load(sessions: ReadonlyMap<number, OpenSession>): { nextId: number } {
    const counts = { sessions: sessions.size, steps: 0, settled: 0 };
    let nextId = 1;
    for (const row of this.#tables.steps()) {
      const { place, session: id, settled } = row;
      const step = { place, end: endOf(row), settled, bytes: this.#log.load(place, row.size) };
      const session = sessions.get(id);
      // Of one that is over.
      if (session === undefined) this.#log.bury(step);
      else {
        // The latest tells how far it has come.
        const { last, forgotten, moved } = row;
        Object.assign(session, { last, forgotten, moved });
        session.steps.push(step);
      }
      nextId = Math.max(nextId, id + 1);
      counts.steps++;
    }
    for (const session of sessions.values()) {
      this.#forgetSteps(session);
      session.pending = pendingSteps(session).reduce((sum, { settled }) => sum + settled, 0);
      nextId = Math.max(nextId, session.id + 1);
    }
    for (const { session: id, count, place } of this.#tables.settledCounts()) {
      const session = sessions.get(id);
      if (session === undefined) throw damaged();
      session.settledPlace = place;
      session.settledKept = count;
      counts.settled += count;
    }
    this.#log.committed();
    const { sessions: known, steps, settled } = this.row;
    // What is not found was there: a damaged page hides it.
    if (counts.sessions !== known || counts.steps !== steps || counts.settled !== settled) throw damaged();
    return { nextId };
  }

  apply(session: OpenSession, { sent, last, forget, settled }: PackedChange): void {
    if (session.pending >= together) this.#moveSettled(session);
    const { last: lastBefore, forgotten: forgottenBefore } = session;
    session.last = Math.max(session.last, last, ...sent.map(endOf));
    session.forgotten = Math.max(session.forgotten, forget);
    if (session.last !== lastBefore || session.forgotten !== forgottenBefore) this.#behind.add(session);
    const needed = sent.filter((batch) => batch.count > 0 && endOf(batch) > session.forgotten);
    const final = needed.pop() ?? (settled.count > 0 ? noMessages : undefined);
    for (const batch of needed) this.#step(session, batch, noOutcomes);
    if (final !== undefined) this.#step(session, final, settled);
    if (session.forgotten !== forgottenBefore) this.#forgetSteps(session);
  }

  /** Nothing of it is needed. */
  end(session: OpenSession): void {
    for (const step of session.steps) this.#log.bury(step);
    this.#behind.delete(session);
    this.row.settled -= session.settledKept;
  }

  kept(session: OpenSession): Pick<KeptSession, 'sent' | 'last' | 'forgotten' | 'settled'> {
    const { steps, last, forgotten, moved } = session;
    const rows = this.#tables.stepsAt(
      steps.filter((step) => isNeeded(step, session)).map(({ place }) => place),
    );
    const sent = rows.filter((row) => endOf(row) > forgotten);
    const pending = rows.filter(({ place }) => place > moved);
    return { sent, last, forgotten, settled: this.#settled(session, pending) };
  }

  clear(): void {
    this.#behind.clear();
    this.#log.clear();
    this.row.sessions = this.row.steps = this.row.settled = 0;
  }

  /** Writes what has changed, before the commit. */
  save(): void {
    for (const session of this.#behind) this.#step(session, noMessages, noOutcomes);
    const { inserted, deleted } = this.#log.save();
    this.row.steps += inserted - deleted;
    this.row.commits++;
    this.#tables.saveStore(this.row);
  }

  committed(): void {
    this.#log.committed();
  }

  /** A transaction has failed. */
  restore(): void {
    this.#behind.clear();
    this.#log.restore();
    this.row = this.#tables.store();
  }

  #step(session: OpenSession, batch: SentMessages, settled: PackedOutcomes): void {
    const { id, last, forgotten, moved, steps } = session;
    const { count, block: outcomes } = settled;
    const row = { ...batch, session: id, last, forgotten, moved, settled: count, outcomes };
    // The one before tells nothing any more, unless something in it is needed.
    const before = steps.at(-1);
    if (before !== undefined && !isNeeded(before, session)) this.#log.bury(steps.pop()!);
    steps.push({ ...this.#log.insert(row), end: endOf(batch), settled: count });
    session.pending += count;
    this.#behind.delete(session);
  }

  #forgetSteps(session: OpenSession): void {
    const latest = session.steps.at(-1);
    session.steps = session.steps.filter((step) => {
      const stays = step === latest || isNeeded(step, session);
      if (!stays) this.#log.bury(step);
      return stays;
    });
  }

  /** From the log to where those of a session lie together. */
  #moveSettled(session: OpenSession): void {
    const rows = this.#tables.stepsAt(pendingSteps(session).map(({ place }) => place));
    for (const message of outcomesOf(rows)) this.#settle(session, message);
    session.moved = session.steps.at(-1)?.place ?? 0;
    session.pending = 0;
    this.#behind.add(session);
    this.#forgetSteps(session);
    this.#forgetSettled(session);
  }

  #settle(session: OpenSession, message: PackedSettled): void {
    if (!this.#tables.settle(session.id, message, session.settledPlace + 1)) return;
    session.settledPlace++;
    session.settledKept++;
    this.row.settled++;
  }

  #forgetSettled(session: OpenSession): void {
    const { id, remembers, settledPlace, settledKept } = session;
    if (settledKept <= remembers + Math.max(together, remembers / 4)) return;
    this.#tables.forgetSettled(id, settledPlace - remembers);
    session.settledKept = remembers;
    this.row.settled -= settledKept - remembers;
  }

  #settled(session: OpenSession, pending: readonly StepRow[]): PackedSettled[] {
    const moved = this.#tables.settled(session.id);
    if (moved.length !== session.settledKept) throw damaged();
    if (session.pending === 0) return moved;
    // One that was settled before keeps its place.
    const all = new Map(moved.map((message) => [keyOf(message), message]));
    for (const message of outcomesOf(pending)) all.set(keyOf(message), message);
    return [...all.values()];
  }
}

/** Of the last of messages that are kept together; 0 where there are none. */
function endOf({ first, count }: { first: number; count: number }): number {
  return count === 0 ? 0 : first + count - 1;
}

function pendingSteps({ steps, moved }: OpenSession): Step[] {
  return steps.filter(({ settled, place }) => settled > 0 && place > moved);
}

/** Whether there is something in it that is nowhere else. */
function isNeeded({ end, settled, place }: Step, { forgotten, moved }: OpenSession): boolean {
  return end > forgotten || (settled > 0 && place > moved);
}

function outcomesOf(rows: readonly StepRow[]): PackedSettled[] {
  return rows.flatMap(({ outcomes }) => unpackOutcomes(outcomes));
}

function keyOf({ name }: PackedSettled): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
