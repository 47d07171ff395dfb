import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import { hashToken, Session } from '../connection/session.js';
import { constantTimeEqual } from '../pipeline/constant-time-equal.js';
import type { Clock, TimerHandle } from '../primitives/clock.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import { closeReaction } from '../protocol/close-code.js';
import type { StageHost } from '../pipeline/middleware.js';
import type { StoredSession } from '../store/session-store.js';
import { DurableSessions, type SessionHome } from './durable-sessions.js';
import { recallHandled } from './recall-handled.js';
import type { ResolvedSessionOptions } from './session-options.js';

/** A session, with what it is bound to. */
export interface HeldSession {
  readonly session: Session;
  readonly connection: Connection;
  /** The endpoint it began at: it goes on nowhere else. */
  readonly home: SessionHome;
  /** Who had authenticated when it began; undefined where nobody has to. */
  readonly principalId: string | undefined;
}

/** What a client shows to resume a session. */
export interface SessionClaim {
  readonly session: string;
  readonly token: string;
  readonly home: object;
  readonly principalId: string | undefined;
}

/** More than were sent in the life of a process. */
const unknownNumbers = 2 ** 32;

/** All sessions of one application: finds them again, and ends those whose clients stay away. */
export class Sessions {
  readonly options: ResolvedSessionOptions;
  readonly #counters: ConnectionCounters;
  readonly #clock: Clock;
  readonly #log: ThrottledLog;
  readonly #held = new Map<string, HeldSession>();
  /** From the longest away to the latest, each with the time at which it is given up: later ones are not earlier. */
  readonly #away = new Map<Session, number>();
  /** For the first of them; null: nobody is waited for. */
  #timer: { readonly handle: TimerHandle } | null = null;
  /** Null: they end with the process. */
  readonly durable: DurableSessions | null;

  constructor(options: ResolvedSessionOptions, host: StageHost, counters: ConnectionCounters) {
    this.options = options;
    this.#counters = counters;
    this.#clock = host.clock;
    this.#log = host.log;
    const { store, node } = options;
    this.durable =
      store === null ? null : new DurableSessions({ store, node, host, isHere: (id) => this.#held.has(id) });
  }

  get size(): number {
    return this.#held.size;
  }

  /** Those whose clients have no connection. */
  get away(): number {
    return this.#away.size;
  }

  /** @param encoding how its messages are made, by name; it matters where sessions outlive the process @returns when it is written down, if that is not at once */
  create(
    connection: Connection,
    home: SessionHome,
    principalId: string | undefined,
    encoding: string,
  ): { session: Session; written: PromiseLike<void> | undefined } {
    const session = new Session(this.options, connection.state === 'open');
    this.#held.set(session.id, { session, connection, home, principalId });
    this.#counters.sessionsOpened++;
    const written = this.durable?.begin(connection, session, {
      endpoint: home.name,
      principalId,
      encoding,
      remembers: this.options.handled.messages,
    });
    return { session, written };
  }

  /** A session of an earlier process, or another one, whose client is away. */
  restore(connection: Connection, home: SessionHome, stored: StoredSession): Session {
    const { record, sent, forgotten, settled } = stored;
    const isWhole = !record.encoding.startsWith('!');
    const session = new Session(this.options, false, record);
    // Of messages that nobody has kept the numbers are not known: beyond all of them it is certain what is missing.
    const last = isWhole ? stored.last : stored.last + unknownNumbers;
    session.log.restore(isWhole ? sent : [], last, isWhole ? forgotten : last);
    if (settled.length > 0) recallHandled(session.handled, settled);
    this.#held.set(record.id, { session, connection, home, principalId: record.principalId });
    this.durable?.restored(connection, session, record, last);
    if (!isWhole) session.journal?.skip(last);
    this.#counters.sessionsRestored++;
    return session;
  }

  /** The session that is asked for, if the one who asks may have it. Never says why not. */
  find(claim: SessionClaim): HeldSession | undefined {
    const held = this.#held.get(claim.session);
    if (held === undefined || !constantTimeEqual(held.session.tokenHash, hashToken(claim.token)))
      return undefined;
    const { session, connection, home, principalId } = held;
    if (home !== claim.home || principalId !== claim.principalId || !session.canWait) return undefined;
    return connection.state === 'closing' || connection.state === 'closed' ? undefined : held;
  }

  /** Its client is away: it has so long to come back. */
  left(session: Session): void {
    this.#away.set(session, this.#clock.now() + this.options.resumeMs);
    this.#wait(this.options.resumeMs);
    if (this.#away.size <= this.options.away) return;
    const [longest] = this.#away.keys();
    this.#counters.sessionsEvicted++;
    this.#log.warn(
      'SESSION_EVICTED',
      () =>
        `more than ${this.options.away} clients are away: the session of the one longest away has ended. Raise session.away if the memory is there`,
    );
    if (longest !== undefined) this.#held.get(longest.id)?.connection.expire();
  }

  /** Its client is back. */
  returned(session: Session): void {
    this.#away.delete(session);
    this.#stopWaiting();
  }

  /** Its connection is closed for good. @param code with which; where the process ends, the session may outlive it */
  ended(session: Session, code: number): void {
    this.returned(session);
    session.forgetHandled();
    this.#held.delete(session.id);
    this.durable?.ended(session, this.options.isOver && closeReaction(code) !== 'stop');
  }

  #wait(delayMs: number): void {
    this.#timer ??= { handle: this.#clock.setTimeout(() => this.#giveUp(), delayMs) };
  }

  /** Those who have been away for too long; then it is the next one's time that is waited for. */
  #giveUp(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const [session, until] of this.#away) {
      if (until > now) return this.#wait(until - now);
      this.#counters.sessionsExpired++;
      this.#held.get(session.id)?.connection.expire();
    }
  }

  #stopWaiting(): void {
    if (this.#timer === null || this.#away.size > 0) return;
    this.#clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
  }

  /** The server goes down: nobody is waited for any more. */
  shut(): void {
    this.options.isOver = true;
    for (const session of [...this.#away.keys()]) this.#held.get(session.id)?.connection.expire();
  }
}
