import type { SessionRecord } from '../session-store.js';
import { textOf } from './stored-body.js';

/** A row of the log. */
export interface Step {
  readonly place: number;
  /** Number of the last message in it; 0 where there is none. */
  readonly end: number;
  /** Outcomes in it. */
  readonly settled: number;
  /** What it takes up. */
  readonly bytes: number;
}

/** What is remembered of a session, between transactions too. */
export interface OpenSession {
  readonly id: number;
  readonly name: string;
  readonly tokenHash: string;
  readonly remembers: number;
  owner: string;
  last: number;
  forgotten: number;
  /** In order. The latest tells how far it has come, and stays; the others are needed. */
  steps: Step[];
  /** Outcomes in steps up to this place were moved. */
  moved: number;
  /** Outcomes that were not. */
  pending: number;
  /** Place of the last settled message among those that were moved. */
  settledPlace: number;
  /** Those of them that are kept. */
  settledKept: number;
}

/** One that begins, or of which nothing else is known yet. */
export function newSession(id: number, owner: string, packed: Uint8Array): OpenSession {
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
    moved: 0,
    pending: 0,
    settledPlace: 0,
    settledKept: 0,
  };
}

/** What the file has of a session in one row, as JSON but for the owner, which is a text. */
export interface SessionRow {
  readonly id: number;
  readonly owner: string;
  readonly record: Uint8Array;
  readonly rooms: Uint8Array;
}

interface Before {
  readonly state: OpenSession;
  readonly isKnown: boolean;
}

/** All sessions, and how they were before the transaction: a hundred thousand need not be read again when one fails. */
export class OpenSessions {
  readonly #sessions = new Map<string, OpenSession>();
  readonly #before = new Map<OpenSession, Before>();

  get(name: string): OpenSession | undefined {
    return this.#sessions.get(name);
  }

  values(): IterableIterator<OpenSession> {
    return this.#sessions.values();
  }

  /** Without a way back. */
  load(session: OpenSession): void {
    this.#sessions.set(session.name, session);
  }

  add(session: OpenSession): void {
    this.touch(session);
    this.#sessions.set(session.name, session);
  }

  delete(session: OpenSession): void {
    this.touch(session);
    this.#sessions.delete(session.name);
  }

  clear(): void {
    this.#sessions.clear();
    this.#before.clear();
  }

  /** It will be changed. */
  touch(session: OpenSession): void {
    if (this.#before.has(session)) return;
    const isKnown = this.#sessions.get(session.name) === session;
    this.#before.set(session, { state: { ...session, steps: session.steps.slice() }, isKnown });
  }

  /** There is no way back any more. */
  keep(): void {
    this.#before.clear();
  }

  /** Everything is as it was. */
  restore(): void {
    // From the latest: one that began in the name of one that is over goes first.
    for (const [session, { state, isKnown }] of [...this.#before].reverse()) {
      Object.assign(session, state);
      if (isKnown) this.#sessions.set(session.name, session);
      else this.#sessions.delete(session.name);
    }
    this.#before.clear();
  }
}
