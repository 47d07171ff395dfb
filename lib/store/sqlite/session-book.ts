import type { SentMessages, SessionRecord } from '../session-store.js';
import { movedAway } from '../store-error.js';
import type { Book } from './book.js';
import { ByteWriter } from './byte-writer.js';
import { type OpenSession, OpenSessions, type SessionRow } from './open-session.js';
import { packSession } from './packed-sessions.js';
import type {
  PackedChange,
  PackedSessions,
  PackedSettled,
  SessionAnswer,
  SessionAsk,
} from './session-asks.js';
import type { SessionStoreRow, SessionTables } from './session-tables.js';
import { damaged, textOf } from './stored-body.js';
import { type Failed, failureOf, type StoreFailure } from './store-failure.js';

/** An answer with several sessions has as many as begin within so many bytes. */
const pageBytes = 4_194_304;
/** Settled messages that may be kept beyond those that are to be: they go together. */
const fewestTogether = 32;
const noRooms = Buffer.from('[]');
const nothing = new Uint8Array(0);

/** All sessions, within one transaction at a time. */
export class SessionBook implements Book<SessionAsk, SessionAnswer> {
  readonly #tables: SessionTables;
  readonly #capacity: number;
  readonly #sessions = new OpenSessions();
  /** Those of which the file does not say yet how far they have come. */
  readonly #behind = new Set<OpenSession>();
  readonly #moved = failureOf(movedAway());
  readonly #full: StoreFailure;
  #nextId = 1;
  #place = 0;
  #isChanged = false;
  row: SessionStoreRow;

  /** @throws {StoreError} */
  constructor(tables: SessionTables, capacity: number) {
    this.#tables = tables;
    this.#capacity = capacity;
    const message = `the store has ${capacity} sessions: raise sessions, or end some`;
    this.#full = { fault: 'full', message };
    this.row = tables.store();
    this.#load();
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  answer(ask: SessionAsk): SessionAnswer {
    switch (ask.kind) {
      case 'write':
        return this.#write(ask.name, ask.owner, ask.change);
      case 'claim':
        return this.#claim(ask.name, ask.tokenHash, ask.owner);
      case 'adopt':
        return this.#adopt(ask.owner);
      case 'read':
        return undefined;
    }
  }

  setUnsynced(boot: string): void {
    this.row.unsynced = boot;
    this.#isChanged = true;
  }

  /** Nobody goes on in a session of which something may be missing. */
  renew(): void {
    this.#tables.clear();
    this.#sessions.clear();
    this.#behind.clear();
    this.row.sessions = this.row.steps = this.row.settled = 0;
    this.#isChanged = true;
  }

  save(): void {
    for (const session of this.#behind) this.#step(session, { first: 0, count: 0, frames: nothing });
    this.#behind.clear();
    this.row.commits++;
    this.#tables.saveStore(this.row);
    this.#isChanged = false;
  }

  committed(): void {
    this.#sessions.keep();
  }

  forget(): void {
    this.#sessions.restore();
    this.#behind.clear();
    this.#isChanged = false;
    this.row = this.#tables.store();
  }

  #write(name: string, owner: string, change: PackedChange): Failed | undefined {
    const known = this.#sessions.get(name);
    const isRefused = change.begin === undefined ? known?.owner !== owner : known !== undefined;
    if (isRefused) return { failure: this.#moved };
    if (known === undefined && this.row.sessions >= this.#capacity) return { failure: this.#full };
    const session = known ?? this.#begin(owner, change.begin!);
    this.#sessions.touch(session);
    this.#isChanged = true;
    if (change.isEnd) this.#end(session);
    else this.#apply(session, change);
    return undefined;
  }

  #begin(owner: string, record: Uint8Array): OpenSession {
    const session = newSession(this.#nextId++, owner, record);
    this.#tables.saveSession({ id: session.id, owner, record, rooms: noRooms });
    this.#sessions.add(session);
    this.row.sessions++;
    return session;
  }

  #apply(session: OpenSession, { rooms, sent, last, forget, settled }: PackedChange): void {
    if (rooms !== undefined) this.#save(session, { rooms });
    const { last: lastBefore, forgotten: forgottenBefore } = session;
    session.last = Math.max(session.last, last, ...sent.map(endOf));
    session.forgotten = Math.max(session.forgotten, forget);
    if (session.last !== lastBefore || session.forgotten !== forgottenBefore) this.#behind.add(session);
    for (const batch of sent) {
      if (batch.count > 0 && endOf(batch) > session.forgotten) this.#step(session, batch);
    }
    if (session.forgotten !== forgottenBefore) this.#forgetSent(session);
    for (const message of settled) this.#settle(session, message);
    this.#forgetSettled(session);
  }

  #step(session: OpenSession, batch: SentMessages): void {
    const { id, last, forgotten, steps } = session;
    const place = ++this.#place;
    this.#tables.insertStep({ place, session: id, last, forgotten, ...batch });
    this.row.steps++;
    // The one before tells nothing any more, unless its messages are needed.
    const before = steps.at(-1);
    if (before !== undefined && before.end <= forgotten) this.#deleteStep(steps.pop()!.place);
    steps.push({ place, end: endOf(batch) });
    this.#behind.delete(session);
  }

  #forgetSent({ steps, forgotten }: OpenSession): void {
    let count = 0;
    while (count < steps.length - 1 && steps[count]!.end <= forgotten)
      this.#deleteStep(steps[count++]!.place);
    steps.splice(0, count);
  }

  #deleteStep(place: number): void {
    this.#tables.deleteStep(place);
    this.row.steps--;
  }

  #settle(session: OpenSession, message: PackedSettled): void {
    if (!this.#tables.settle(session.id, message, session.settledPlace + 1)) return;
    session.settledPlace++;
    session.settledKept++;
    this.row.settled++;
  }

  #forgetSettled(session: OpenSession): void {
    const { id, remembers, settledPlace, settledKept } = session;
    if (settledKept <= remembers + Math.max(fewestTogether, remembers / 4)) return;
    this.#tables.forgetSettled(id, settledPlace - remembers);
    session.settledKept = remembers;
    this.row.settled -= settledKept - remembers;
  }

  #end(session: OpenSession): void {
    for (const { place } of session.steps) this.#deleteStep(place);
    this.#tables.deleteSession(session.id);
    this.#sessions.delete(session);
    this.#behind.delete(session);
    this.row.sessions--;
    this.row.settled -= session.settledKept;
  }

  #claim(name: string, tokenHash: string, owner: string): PackedSessions {
    const session = this.#sessions.get(name);
    if (session?.tokenHash !== tokenHash) return { sessions: nothing, isAll: true };
    const writer = new ByteWriter();
    this.#hand(session, owner, writer);
    return { sessions: writer.take(), isAll: true };
  }

  #adopt(owner: string): PackedSessions {
    const writer = new ByteWriter();
    for (const session of this.#sessions.values()) {
      if (session.owner === owner) continue;
      if (writer.length >= pageBytes) return { sessions: writer.take(), isAll: false };
      this.#hand(session, owner, writer);
    }
    return { sessions: writer.take(), isAll: true };
  }

  /** Gives a session to an owner: into the file, and as it is kept. */
  #hand(session: OpenSession, owner: string, writer: ByteWriter): void {
    const { id, steps, last, forgotten, settledKept } = session;
    const { record, rooms } = this.#save(session, { owner });
    const sent = steps.filter(({ end }) => end > forgotten).map(({ place }) => this.#tables.step(place));
    const settled = this.#tables.settled(id);
    if (settled.length !== settledKept) throw damaged();
    packSession(writer, { record, rooms, sent, last, forgotten, settled });
  }

  #save(session: OpenSession, part: { owner: string } | { rooms: Uint8Array }): SessionRow {
    this.#sessions.touch(session);
    this.#isChanged = true;
    const row = { ...this.#tables.session(session.id), ...part };
    this.#tables.saveSession(row);
    session.owner = row.owner;
    return row;
  }

  #load(): void {
    const byId = new Map<number, OpenSession>();
    for (const { id, owner, record } of this.#tables.sessions()) {
      const session = newSession(id, owner, record);
      this.#sessions.load(session);
      byId.set(id, session);
      this.#nextId = Math.max(this.#nextId, id + 1);
    }
    const counts = { sessions: byId.size, steps: 0, settled: 0 };
    const found = (id: number): OpenSession => byId.get(id) ?? refuse();
    for (const { place, session: id, last, forgotten, first, count } of this.#tables.steps()) {
      const session = found(id);
      session.last = last;
      session.forgotten = forgotten;
      session.steps.push({ place, end: endOf({ first, count }) });
      this.#place = place;
      counts.steps++;
    }
    for (const { session: id, count, place } of this.#tables.settledCounts()) {
      const session = found(id);
      session.settledPlace = place;
      session.settledKept = count;
      counts.settled += count;
    }
    const { sessions, steps, settled } = this.row;
    // What is not found was there: a damaged page hides it.
    if (counts.sessions !== sessions || counts.steps !== steps || counts.settled !== settled) refuse();
  }
}

function newSession(id: number, owner: string, packed: Uint8Array): OpenSession {
  const record = JSON.parse(textOf(packed)) as SessionRecord;
  return {
    id,
    name: JSON.stringify(record.id),
    tokenHash: JSON.stringify(record.tokenHash),
    remembers: record.remembers,
    owner,
    last: 0,
    forgotten: 0,
    steps: [],
    settledPlace: 0,
    settledKept: 0,
  };
}

/** Of the last of messages that are kept together; 0 where there are none. */
function endOf({ first, count }: { first: number; count: number }): number {
  return count === 0 ? 0 : first + count - 1;
}

function refuse(): never {
  throw damaged();
}
