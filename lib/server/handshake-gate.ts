import type { IncomingMessage } from 'node:http';
import { Connection } from '../connection/connection.js';
import { Handshake, type PathParams } from '../connection/handshake.js';
import { compose } from '../exchange/compose.js';
import { AuthenticationError } from '../pipeline/stages/authentication/authentication-error.js';
import { after } from '../primitives/clock.js';
import { isPromise } from '../primitives/is-promise.js';
import { ErrorCode } from '../protocol/error-code.js';
import { subprotocolRefusal } from '../protocol/subprotocol.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { UpgradeRequest } from '../transport/transport.js';
import { askBindings } from './ask-bindings.js';
import type { Endpoint } from './endpoint.js';
import { type HttpRefusal, refusalOf, refuseUpgrade } from './http-refusal.js';
import { isSecure, peerAddress, requestedHost } from './peer-address.js';

/** A connection whose 101 is out. */
export type Opened = (connection: Connection, socket: TransportSocket, request: IncomingMessage) => void;

/**
 * Everything before the 101 at one endpoint: origin, limits, middleware, authentication, connect guards, `onHandshake`.
 * Each refuses with a real HTTP status. Synchronous as long as they all are.
 */
export class HandshakeGate {
  readonly #endpoint: Endpoint;
  readonly #opened: Opened;

  constructor(endpoint: Endpoint, opened: Opened) {
    this.#endpoint = endpoint;
    this.#opened = opened;
  }

  accept(upgrade: UpgradeRequest, path: string, params: PathParams): void {
    const { shared } = this.#endpoint;
    const { request, socket } = upgrade;
    const address = peerAddress(request, shared.options.trustProxy);
    const refusal =
      this.#checkOrigin(request) ?? this.#checkSubprotocols(request) ?? shared.admission.enter(address);
    if (refusal !== undefined) return this.#refuse(upgrade, refusal);
    const handshake = new Handshake({
      request,
      address,
      isSecure: isSecure(request, shared.options.trustProxy),
      path,
      params,
    });
    if (this.#endpoint.authentication.isRequired) this.#endpoint.authentication.redact(handshake);
    const connection = new Connection(handshake, this.#endpoint.ports);
    const attempt = new Attempt(upgrade, connection, () => shared.admission.handshakeDone());
    const leave = (): void => {
      attempt.done();
      shared.admission.leave(address);
      // What authentication has found before somebody else refused: nobody must find a user here.
      connection.principal = undefined;
      connection.refused();
    };
    socket.once('close', leave);
    this.#runStages(attempt, (error) => {
      if (error !== undefined) return this.#refuse(upgrade, this.#refusalOf(error), error);
      const { transport, proxy } = this.#endpoint;
      const subprotocol = proxy?.subprotocolOf(connection);
      transport.upgrade({ ...upgrade, subprotocol }, (opened) => {
        socket.off('close', leave);
        attempt.done();
        this.#opened(connection, opened, request);
      });
    });
  }

  /** Whether cookies mean that the user wants this: only a page of ours says so, and only its `Origin` header tells. */
  #isFromTrustedPage(request: IncomingMessage): boolean {
    const { trustsOrigin, trustProxy } = this.#endpoint.shared.options;
    const { origin } = request.headers;
    return origin !== undefined && trustsOrigin(origin, requestedHost(request, trustProxy));
  }

  #checkOrigin(request: IncomingMessage): HttpRefusal | undefined {
    const { options, log, logger } = this.#endpoint.shared;
    const { origin } = request.headers;
    try {
      if (options.allowsOrigin(origin, requestedHost(request, options.trustProxy))) return undefined;
    } catch (error) {
      logger.error('the function of the option "origins" failed', error);
      return refusalOf(error);
    }
    log.warn(
      'ORIGIN',
      () =>
        `refused origin ${JSON.stringify(origin)}: add it to the option "origins" to let its pages connect`,
    );
    return { status: 403, code: ErrorCode.Forbidden, message: 'origin not allowed' };
  }

  #checkSubprotocols({ headers }: IncomingMessage): HttpRefusal | undefined {
    const { options } = this.#endpoint.shared;
    const offered = headers['sec-websocket-protocol'];
    // Where the gateway selects by itself, it decides by itself.
    const { selectsSubprotocol, proxy } = this.#endpoint;
    if (offered === undefined || options.isCompatible || selectsSubprotocol || proxy !== null)
      return undefined;
    const problem = subprotocolRefusal(
      offered.split(',').map((name) => name.trim()),
      this.#endpoint.codecs.subprotocols,
    );
    return problem === undefined ? undefined : { status: 400, code: ErrorCode.BadRequest, message: problem };
  }

  /** Runs the stages and calls `done` once: with nothing, or with what was thrown. */
  #runStages(attempt: Attempt, done: (error?: unknown) => void): void {
    const { clock, options } = this.#endpoint.shared;
    let pending: void | PromiseLike<unknown>;
    try {
      pending =
        this.#endpoint.handshakePhases.length === 0 ? this.#runOwn(attempt) : this.#runMiddleware(attempt);
    } catch (error) {
      return done(error ?? new Error('refused'));
    }
    if (!isPromise(pending)) return done();
    // While it is not ours and not ws's, an error of the socket must not take the process down.
    const ignore = (): void => undefined;
    attempt.upgrade.socket.on('error', ignore);
    let isOver = false;
    const finish = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      clock.clearTimeout(timer);
      attempt.upgrade.socket.off('error', ignore);
      if (!attempt.upgrade.socket.destroyed) done(error);
    };
    const timer = after(clock, options.timeouts.handshakeMs, () => finish(timedOut));
    pending.then(
      () => finish(),
      (error: unknown) => finish(error ?? new Error('refused')),
    );
  }

  async #runMiddleware(attempt: Attempt): Promise<void> {
    const passed: Handshake[] = [];
    const last = (handshake: Handshake): void | Promise<void> => {
      passed.push(handshake);
      return this.#runOwn(attempt) as void | Promise<void>;
    };
    await compose(this.#endpoint.handshakePhases, last)(attempt.connection.handshake);
    if (passed.length === 0) throw notPassed;
  }

  /** Authentication, then connect guards and `onHandshake`. */
  #runOwn(attempt: Attempt): void | PromiseLike<unknown> {
    const { connection, upgrade } = attempt;
    const { authentication } = this.#endpoint;
    const pending = authentication.connect(connection, () => this.#isFromTrustedPage(upgrade.request));
    return isPromise(pending) ? pending.then(() => this.#runBindings(attempt)) : this.#runBindings(attempt);
  }

  #runBindings({ connection, upgrade: { request } }: Attempt): void | PromiseLike<unknown> {
    const { authentication, bindings, proxy, shared } = this.#endpoint;
    if (authentication.awaits(connection)) {
      // Who authenticates by a first message is asked the rest after it. What is passed on has no such message.
      if (proxy !== null) throw new AuthenticationError('credentials are needed');
      return undefined;
    }
    const pending = askBindings(bindings, connection, request);
    if (proxy === null) return pending;
    // Nothing may refuse after it: an upstream is not bothered for nothing.
    const connect = (): Promise<void> => proxy.connect(connection, request, shared);
    return isPromise(pending) ? pending.then(connect) : connect();
  }

  /** A 401 says how to do better (RFC 9110 section 15.5.2). */
  #refusalOf(error: unknown): HttpRefusal {
    const refusal = refusalOf(error);
    const challenge =
      (error as { challenge?: string } | undefined)?.challenge ?? this.#endpoint.authentication.challenge;
    if (refusal.status !== 401 || challenge === undefined) return refusal;
    return { ...refusal, headers: { 'WWW-Authenticate': challenge } };
  }

  #refuse({ socket }: UpgradeRequest, refusal: HttpRefusal, cause?: unknown): void {
    const { counters, logger, log } = this.#endpoint.shared;
    counters.connectionsRefused++;
    if (refusal.status >= 500 && cause !== undefined && refusal.code === ErrorCode.Internal)
      logger.error(cause);
    else
      log.warn(
        `HTTP_${refusal.status}`,
        () => `refused a connection to ${this.#endpoint.path}: ${refusal.status} ${refusal.message}`,
      );
    refuseUpgrade(socket, refusal);
  }
}

/** Understood by `refusalOf`, as Nest's own exceptions are. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  getStatus(): number {
    return this.status;
  }
}

const timedOut = new Refused(408, 'the handshake took too long');
const notPassed = new Refused(403, 'a middleware did not let the handshake pass');

/** One upgrade on its way to its 101. */
class Attempt {
  readonly upgrade: UpgradeRequest;
  readonly connection: Connection;
  #finished: (() => void) | null;

  constructor(upgrade: UpgradeRequest, connection: Connection, finished: () => void) {
    this.upgrade = upgrade;
    this.connection = connection;
    this.#finished = finished;
  }

  /** Its handshake is over. Further calls do nothing. */
  done(): void {
    this.#finished?.();
    this.#finished = null;
  }
}
