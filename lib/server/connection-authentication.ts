import type { Connection } from '../connection/connection.js';
import type { Authentication } from '../pipeline/stages/authentication/authentication.js';
import type { Authenticator } from '../pipeline/stages/authentication/authenticator.js';
import { ConnectCredentials } from '../pipeline/stages/authentication/credentials.js';
import type { Handshake } from '../connection/handshake.js';
import type { Principal } from '../connection/principal.js';
import { isPromise } from '../primitives/is-promise.js';
import { OptionError } from '../primitives/option-error.js';
import { TimerWheel } from '../primitives/timer-wheel.js';
import { CloseCode } from '../protocol/close-code.js';
import type { MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { isSessionSubprotocol } from '../protocol/subprotocol.js';
import {
  anotherPrincipal,
  closeWith,
  type ConnectionAuthenticationSettings,
  CredentialExpiry,
  type Held,
} from './credential-expiry.js';

/** Tokens that a connection may send in vain before it is closed. */
const failuresAllowed = 5;

/**
 * Who the connections of one endpoint speak for, and how long: asks at connect, takes `$auth`, warns, and closes what has
 * expired. All its deadlines are on one timer.
 */
export class ConnectionAuthentication {
  readonly #settings: ConnectionAuthenticationSettings;
  readonly #wheel: TimerWheel;
  readonly #expiry: CredentialExpiry;
  readonly #held = new WeakMap<Connection, Held>();
  #authenticator: Authenticator | null = null;

  constructor(settings: ConnectionAuthenticationSettings) {
    this.#settings = settings;
    this.#wheel = new TimerWheel(settings.host.clock);
    this.#expiry = new CredentialExpiry(settings, this.#wheel);
  }

  /**
   * Every connection of the endpoint has to authenticate: its gateways share them.
   *
   * @throws {OptionError} when another gateway of the endpoint has other strategies
   */
  require(authenticator: Authenticator, gateway: string): void {
    if (this.#authenticator !== null && !this.#authenticator.equals(authenticator)) {
      throw new OptionError(
        '@Authenticate',
        'the same strategies on all gateways of one endpoint, which share their connections',
        gateway,
      );
    }
    this.#authenticator = authenticator;
  }

  /** Whether connections have to authenticate. */
  get isRequired(): boolean {
    return this.#authenticator !== null;
  }

  /** For `WWW-Authenticate`; undefined where nobody has to authenticate. */
  get challenge(): string | undefined {
    return this.#authenticator?.challenge;
  }

  /** A new handshake: nothing may see the secrets of its URL. */
  redact(handshake: Handshake): void {
    for (const name of this.#authenticator?.secretQueries ?? []) handshake.secretQuery(name);
  }

  /** Before the 101. Throws, or rejects, to refuse. @param allowsCookies whether the request comes from a page of an allowed origin */
  connect(connection: Connection, allowsCookies: () => boolean): void | Promise<void> {
    if (this.#authenticator === null) return undefined;
    const found = this.#authenticator.connect(new ConnectCredentials(connection.handshake, allowsCookies()));
    if (isPromise(found)) return found.then((settled) => this.#connected(connection, settled));
    this.#connected(connection, found);
  }

  /** Whether a connection has yet to say who it is, in its first message. */
  awaits(connection: Connection): boolean {
    return this.#held.get(connection)?.authentication === null;
  }

  /** The 101 is out. @param admit is called when the connection has authenticated: at once, if it has already */
  opened(connection: Connection, admit: () => void): void {
    const held = this.#held.get(connection);
    if (held === undefined) return admit();
    held.knowsEvent = isSessionSubprotocol(connection.protocol);
    if (held.authentication !== null) {
      this.#expiry.schedule(connection, held);
      return admit();
    }
    held.admit = admit;
    held.timer = this.#wheel.add(this.#settings.timeouts.authenticateMs, () => {
      this.#settings.host.count('authentication.timed-out');
      connection.close(CloseCode.RequestTimeout, 'no credentials in time');
    });
  }

  /** Who a connection has authenticated as, whatever the application has made of it. */
  principalOf(connection: Connection): Principal | undefined {
    return this.#held.get(connection)?.authentication?.principal;
  }

  /** Its client is away: what has expired when it comes back is asked for again then. */
  left(connection: Connection): void {
    const held = this.#held.get(connection);
    if (held !== undefined) this.#expiry.stop(held);
  }

  /** The client of `connection` is back, with the credentials of `fresh`. */
  resumed(connection: Connection, fresh: Connection): void {
    const before = this.#held.get(connection);
    const held = this.#held.get(fresh);
    if (before !== undefined) this.#expiry.stop(before);
    if (held === undefined) return;
    this.#expiry.stop(held);
    this.#held.delete(fresh);
    this.#held.set(connection, held);
    // What the application has put in its place stays.
    if (held.authentication !== null && connection.principal === before?.authentication?.principal)
      connection.principal = held.authentication.principal;
    this.#expiry.schedule(connection, held);
  }

  closed(connection: Connection): void {
    const held = this.#held.get(connection);
    if (held === undefined) return;
    this.#expiry.stop(held);
    held.admit = null;
  }

  /** `$auth {token}`: the first message, or fresh credentials. */
  async receive(connection: Connection, id: MessageId | undefined, data: unknown): Promise<void> {
    const held = this.#held.get(connection);
    try {
      if (held === undefined) throw notNeeded;
      held.knowsEvent = true;
      const authentication = await this.#verify(held, data);
      if (connection.state === 'closing' || connection.state === 'closed') return;
      // Its client has come back meanwhile, with other credentials.
      if (this.#held.get(connection) !== held) return;
      this.#refreshed(connection, held, authentication, id);
    } catch (error) {
      if (held !== undefined) this.#failed(connection, held, error, id);
      else this.#settings.refusals.refuse(connection, id, error);
    }
  }

  #connected(connection: Connection, authentication: Authentication | undefined): void {
    // The peer has gone, or the time for the handshake was over.
    if (connection.state === 'closed') return;
    this.#held.set(connection, {
      authentication: authentication ?? null,
      expiresAtMs: this.#expiry.deadlineOf(authentication),
      timer: null,
      admit: null,
      knowsEvent: false,
      isVerifying: false,
      failures: 0,
      renewalsFailed: 0,
    });
    if (authentication !== undefined) connection.principal = authentication.principal;
  }

  async #verify(held: Held, data: unknown): Promise<Authentication> {
    const token = (data as { token?: unknown } | null | undefined)?.token;
    if (typeof token !== 'string') throw noToken;
    if (held.isVerifying) throw stillVerifying;
    held.isVerifying = true;
    try {
      const authentication = await (this.#authenticator as Authenticator).verifyToken(token);
      const { authentication: before } = held;
      if (before !== null && before.principal.id !== authentication.principal.id) throw anotherPrincipal;
      return authentication;
    } finally {
      held.isVerifying = false;
    }
  }

  #refreshed(
    connection: Connection,
    held: Held,
    authentication: Authentication,
    id: MessageId | undefined,
  ): void {
    const { outcomes, host } = this.#settings;
    this.#expiry.stop(held);
    held.authentication = authentication;
    held.expiresAtMs = this.#expiry.deadlineOf(authentication);
    held.failures = 0;
    connection.principal = authentication.principal;
    this.#expiry.schedule(connection, held);
    host.count(held.admit === null ? 'authentication.refreshed' : 'authentication.first-message');
    const { expiresAt } = authentication;
    const outcome = { ok: true, ...(expiresAt === undefined ? {} : { expiresAt }) };
    if (id === undefined) outcomes.event(connection, '$auth', outcome);
    else outcomes.answer(connection, { id, data: outcome });
    const { admit } = held;
    held.admit = null;
    admit?.();
  }

  #failed(connection: Connection, held: Held, error: unknown, id: MessageId | undefined): void {
    const { refusals, host } = this.#settings;
    if (connection.state === 'closing' || connection.state === 'closed') return;
    host.count('authentication.failed');
    refusals.refuse(connection, id, error);
    const isFirst = held.admit !== null && error !== stillVerifying;
    if (isFirst) return closeWith(connection, error);
    if (++held.failures >= failuresAllowed)
      connection.close(CloseCode.Unauthorized, 'too many bad credentials');
  }
}

const notNeeded = new GatewireError(ErrorCode.BadRequest, 'nobody has to authenticate here');
const noToken = new GatewireError(ErrorCode.BadRequest, '$auth: "token" must be a string');
const stillVerifying = new GatewireError(ErrorCode.TooManyRequests, 'another $auth is being verified');
