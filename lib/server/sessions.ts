import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import { Session } from '../connection/session.js';
import { constantTimeEqual } from '../pipeline/constant-time-equal.js';
import type { Clock } from '../primitives/clock.js';
import { TimerWheel, type WheelTimer } from '../primitives/timer-wheel.js';
import type { ResolvedSessionOptions } from './session-options.js';

/** A session, with what it is bound to. */
export interface HeldSession {
  readonly session: Session;
  readonly connection: Connection;
  /** The endpoint it began at: it goes on nowhere else. */
  readonly home: object;
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

/** All sessions of one application: finds them again, and ends those whose clients stay away. */
export class Sessions {
  readonly options: ResolvedSessionOptions;
  readonly #counters: ConnectionCounters;
  readonly #wheel: TimerWheel;
  readonly #held = new Map<string, HeldSession>();
  /** From the longest away to the latest. */
  readonly #away = new Map<Session, WheelTimer>();

  constructor(options: ResolvedSessionOptions, clock: Clock, counters: ConnectionCounters) {
    this.options = options;
    this.#counters = counters;
    this.#wheel = new TimerWheel(clock);
  }

  get size(): number {
    return this.#held.size;
  }

  /** Those whose clients have no connection. */
  get away(): number {
    return this.#away.size;
  }

  create(connection: Connection, home: object, principalId: string | undefined): Session {
    const session = new Session(this.options, connection.state === 'open');
    this.#held.set(session.id, { session, connection, home, principalId });
    this.#counters.sessionsOpened++;
    return session;
  }

  /** The session that is asked for, if the one who asks may have it. Never says why not. */
  find(claim: SessionClaim): HeldSession | undefined {
    const held = this.#held.get(claim.session);
    if (held === undefined || !constantTimeEqual(held.session.token, claim.token)) return undefined;
    const { session, connection, home, principalId } = held;
    if (home !== claim.home || principalId !== claim.principalId || !session.canWait) return undefined;
    return connection.state === 'closing' || connection.state === 'closed' ? undefined : held;
  }

  /** Its client is away: it has so long to come back. */
  left({ session, connection }: { session: Session; connection: Connection }): void {
    const timer = this.#wheel.add(this.options.resumeMs, () => {
      this.#counters.sessionsExpired++;
      connection.expire();
    });
    this.#away.set(session, timer);
    if (this.#away.size <= this.options.away) return;
    const [longest] = this.#away.keys();
    this.#counters.sessionsEvicted++;
    if (longest !== undefined) this.#held.get(longest.id)?.connection.expire();
  }

  /** Its client is back. */
  returned(session: Session): void {
    const timer = this.#away.get(session);
    if (timer !== undefined) this.#wheel.remove(timer);
    this.#away.delete(session);
  }

  /** Its connection is closed for good. */
  ended(session: Session): void {
    this.returned(session);
    session.handled.clear();
    this.#held.delete(session.id);
  }

  /** The server goes down: nobody is waited for any more. */
  shut(): void {
    this.options.isOver = true;
    for (const session of [...this.#away.keys()]) this.#held.get(session.id)?.connection.expire();
  }
}
