import { type Clock, systemClock } from '../../primitives/clock.js';
import { wholeNumber } from '../../primitives/option-checks.js';
import { nodeOf, type SessionChange, type SessionStore, type StoredSession } from '../session-store.js';
import { movedAway, StoreError } from '../store-error.js';
import { MemorySession } from './memory-session.js';

/** Bounds of the sessions in memory. */
export interface MemorySessionStoreOptions {
  /** Sessions that are kept; one more is refused. @default 100_000 */
  readonly sessions?: number;
  /** By which owners live. @default the machine's */
  readonly clock?: Clock;
}

/**
 * Keeps sessions in this process, and answers without a promise: for tests, and as the model of other drivers. Several
 * servers may share one, and what it keeps is its own: a server that goes away leaves it as it was.
 */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, MemorySession>();
  /** Until when each lives. */
  readonly #owners = new Map<string, number>();
  readonly #capacity: number;
  readonly #clock: Clock;

  /** @throws {OptionError} */
  constructor({ sessions = 100_000, clock = systemClock }: MemorySessionStoreOptions = {}) {
    this.#capacity = wholeNumber('sessions', sessions);
    this.#clock = clock;
  }

  /** Sessions that are kept. */
  get sessions(): number {
    return this.#sessions.size;
  }

  adopt(owner: string): StoredSession[] {
    const adopted: StoredSession[] = [];
    for (const session of this.#sessions.values()) {
      if (session.owner === owner || this.#keepsFrom(owner, session.owner)) continue;
      session.owner = owner;
      adopted.push(session.stored());
    }
    return adopted;
  }

  claim(id: string, tokenHash: string, owner: string): StoredSession | undefined {
    const session = this.#sessions.get(id);
    if (session?.tokenHash !== tokenHash) return undefined;
    session.owner = owner;
    return session.stored();
  }

  /** @throws {StoreError} */
  write(id: string, owner: string, change: SessionChange): void {
    const session =
      change.begin === undefined ? this.#sessions.get(id) : this.#begin(id, owner, change.begin);
    if (session?.owner !== owner) throw movedAway();
    session.change(change);
    if (change.end === true) this.#sessions.delete(id);
    else this.#sessions.set(id, session);
  }

  renew(owner: string, ttlMs: number): void {
    const now = this.#clock.now();
    for (const [other, until] of this.#owners) if (until <= now) this.#owners.delete(other);
    this.#owners.set(owner, now + ttlMs);
  }

  #begin(id: string, owner: string, record: NonNullable<SessionChange['begin']>): MemorySession {
    if (this.#sessions.has(id)) throw movedAway();
    if (this.#sessions.size >= this.#capacity) {
      throw new StoreError('full', `the store has ${this.#capacity} sessions: raise sessions, or end some`);
    }
    return new MemorySession(record, owner);
  }

  /** Whether one that has a session lives, and is not another life of who asks. */
  #keepsFrom(owner: string, other: string): boolean {
    const until = this.#owners.get(other) ?? -Infinity;
    return this.#clock.now() < until && nodeOf(other) !== nodeOf(owner);
  }
}
