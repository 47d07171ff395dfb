import type { Connection } from '../connection/connection.js';
import type { StageHost } from '../pipeline/middleware.js';
import type { Authentication } from '../pipeline/stages/authentication/authentication.js';
import type { TimerWheel, WheelTimer } from '../primitives/timer-wheel.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError, isGatewireError } from '../protocol/gatewire-error.js';
import { closeCodeOf } from './close-code-of.js';
import type { Outcomes } from './outcomes.js';
import type { Refusals } from './refusals.js';
import type { ResolvedTimeouts } from './timeouts.js';

/** What the authentication of an endpoint works with. */
export interface ConnectionAuthenticationSettings {
  readonly host: StageHost;
  readonly timeouts: ResolvedTimeouts;
  readonly outcomes: Outcomes;
  readonly refusals: Refusals;
}

/** What is known of one connection's credentials. */
export interface Held {
  /** Null: its first message has yet to bring them. */
  authentication: Authentication | null;
  /** On the host's clock; `Infinity` for credentials that hold as long as the connection. */
  expiresAtMs: number;
  timer: WheelTimer | null;
  /** Goes on with connecting; null once that has happened. */
  admit: (() => void) | null;
  /** Whether the peer has shown that it knows `$auth`. */
  knowsEvent: boolean;
  isVerifying: boolean;
  failures: number;
  renewalsFailed: number;
}

/** How often in a row it may be unknown whether credentials still hold, and how long it takes until that is asked again. */
const renewalsMayFail = 6;
const renewAgainMs = 10_000;

/** Sees to it that credentials hold no longer than they say: warns, asks again, closes. */
export class CredentialExpiry {
  readonly #settings: ConnectionAuthenticationSettings;
  readonly #wheel: TimerWheel;

  constructor(settings: ConnectionAuthenticationSettings, wheel: TimerWheel) {
    this.#settings = settings;
    this.#wheel = wheel;
  }

  /** Of credentials that are new. */
  schedule(connection: Connection, held: Held): void {
    if (held.expiresAtMs === Infinity) return;
    const { clock } = this.#settings.host;
    const leftMs = held.expiresAtMs - clock.now();
    const { expiryWarningMs } = this.#settings.timeouts;
    if (expiryWarningMs === Infinity || held.authentication?.renew !== undefined) {
      held.timer = this.#wheel.add(leftMs, () => this.#expired(connection, held));
      return;
    }
    held.timer = this.#wheel.add(leftMs - expiryWarningMs, () => this.#warn(connection, held));
  }

  #warn(connection: Connection, held: Held): void {
    const leftMs = Math.max(0, held.expiresAtMs - this.#settings.host.clock.now());
    held.timer = this.#wheel.add(leftMs, () => this.#expired(connection, held));
    // Others may take an event they do not know for one of the application's.
    if (!held.knowsEvent) return;
    this.#settings.outcomes.event(connection, '$auth', { expiresInMs: Math.round(leftMs) });
  }

  #expired(connection: Connection, held: Held): void {
    const renew = held.authentication?.renew;
    held.timer = null;
    if (renew === undefined) return this.#end(connection, expired);
    const asked = held.authentication;
    Promise.resolve()
      .then(renew)
      .then((authentication) => {
        // Else it has sent fresh ones meanwhile.
        if (held.authentication === asked) this.#renewed(connection, held, authentication);
      })
      .catch((error: unknown) => {
        if (held.authentication === asked) this.#notRenewed(connection, held, error);
      });
  }

  #renewed(connection: Connection, held: Held, authentication: Authentication): void {
    if (connection.state === 'closed') return;
    const before = held.authentication?.principal;
    if (authentication.principal.id !== before?.id) return this.#end(connection, anotherPrincipal);
    held.renewalsFailed = 0;
    held.authentication = authentication;
    held.expiresAtMs = this.deadlineOf(authentication);
    // What the application has put in its place stays.
    if (connection.principal === before) connection.principal = authentication.principal;
    this.schedule(connection, held);
  }

  /** A store that is down for a moment must not close every connection. */
  #notRenewed(connection: Connection, held: Held, error: unknown): void {
    const isUnknown = isGatewireError(error) && error.code === ErrorCode.Unavailable;
    if (connection.state === 'closed') return;
    if (!isUnknown || ++held.renewalsFailed > renewalsMayFail) return this.#end(connection, error);
    held.timer = this.#wheel.add(renewAgainMs, () => this.#expired(connection, held));
  }

  #end(connection: Connection, error: unknown): void {
    this.#settings.host.count('authentication.expired');
    this.#settings.refusals.count(error);
    closeWith(connection, error);
  }

  /** On the host's clock; `Infinity` for what does not end. */
  deadlineOf(authentication: Authentication | undefined): number {
    if (authentication?.expiresAt === undefined) return Infinity;
    const deadline = this.#settings.host.clock.now() + authentication.expiresAt - Date.now();
    if (Number.isNaN(deadline)) throw new TypeError('"expiresAt" must be a number of milliseconds');
    return deadline;
  }

  stop(held: Held): void {
    if (held.timer !== null) this.#wheel.remove(held.timer);
    held.timer = null;
  }
}

const expired = new GatewireError(ErrorCode.Unauthenticated, 'the credentials have expired');
export const anotherPrincipal = new GatewireError(
  ErrorCode.Forbidden,
  'the credentials are of somebody else',
);

/** Ends a connection because of its credentials. */
export function closeWith(connection: Connection, error: unknown): void {
  const message = isGatewireError(error) ? error.message : 'Internal server error';
  connection.close(closeCodeOf(error), message);
}
