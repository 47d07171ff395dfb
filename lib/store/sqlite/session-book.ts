import { movedAway } from '../store-error.js';
import type { Book } from './book.js';
import { ByteWriter } from './byte-writer.js';
import { newSession, type OpenSession, OpenSessions, type SessionRow } from './open-session.js';
import { packSession } from './packed-sessions.js';
import type { PackedChange, PackedSessions, SessionAnswer, SessionAsk } from './session-asks.js';
import { SessionLedger } from './session-ledger.js';
import type { SessionStoreRow, SessionTables } from './session-tables.js';
import { type Failed, failureOf, type StoreFailure } from './store-failure.js';

/** An answer with several sessions has as many as begin within so many bytes. */
const pageBytes = 4_194_304;
const noRooms = Buffer.from('[]');
const nothing = new Uint8Array(0);

/** All sessions, within one transaction at a time. */
export class SessionBook implements Book<SessionAsk, SessionAnswer> {
  readonly #tables: SessionTables;
  readonly #capacity: number;
  readonly #sessions = new OpenSessions();
  readonly #moved = failureOf(movedAway());
  readonly #full: StoreFailure;
  readonly #ledger: SessionLedger;
  #nextId: number;
  #isChanged = false;

  /** @throws {StoreError} */
  constructor(tables: SessionTables, capacity: number) {
    this.#tables = tables;
    this.#capacity = capacity;
    const message = `the store has ${capacity} sessions: raise sessions, or end some`;
    this.#full = { fault: 'full', message };
    this.#ledger = new SessionLedger(tables);
    const byId = new Map<number, OpenSession>();
    for (const { id, owner, record } of tables.sessions()) {
      const session = newSession(id, owner, record);
      this.#sessions.load(session);
      byId.set(id, session);
    }
    this.#nextId = this.#ledger.load(byId).nextId;
  }

  get row(): SessionStoreRow {
    return this.#ledger.row;
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
    this.#ledger.clear();
    this.#isChanged = true;
  }

  save(): void {
    this.#ledger.save();
    this.#isChanged = false;
  }

  committed(): void {
    this.#sessions.keep();
    this.#ledger.committed();
  }

  forget(): void {
    this.#sessions.restore();
    this.#ledger.restore();
    this.#isChanged = false;
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
    else {
      if (change.rooms !== undefined) this.#save(session, { rooms: change.rooms });
      this.#ledger.apply(session, change);
    }
    return undefined;
  }

  #begin(owner: string, record: Uint8Array): OpenSession {
    const session = newSession(this.#nextId++, owner, record);
    this.#tables.saveSession({ id: session.id, owner, record, rooms: noRooms });
    this.#sessions.add(session);
    this.row.sessions++;
    return session;
  }

  #end(session: OpenSession): void {
    this.#ledger.end(session);
    this.#tables.deleteSession(session.id);
    this.#sessions.delete(session);
    this.row.sessions--;
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
    const { record, rooms } = this.#save(session, { owner });
    packSession(writer, { record, rooms, ...this.#ledger.kept(session) });
  }

  #save(session: OpenSession, part: { owner: string } | { rooms: Uint8Array }): SessionRow {
    this.#sessions.touch(session);
    this.#isChanged = true;
    const row = { ...this.#tables.session(session.id), ...part };
    this.#tables.saveSession(row);
    session.owner = row.owner;
    return row;
  }
}
