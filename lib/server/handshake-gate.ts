import type { IncomingMessage } from 'node:http';
import { Connection } from '../connection/connection.js';
import { Handshake, type PathParams } from '../connection/handshake.js';
import { compose } from '../exchange/compose.js';
import { after } from '../primitives/clock.js';
import { isPromise } from '../primitives/is-promise.js';
import { ErrorCode } from '../protocol/error-code.js';
import { subprotocolRefusal } from '../protocol/subprotocol.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { UpgradeRequest } from '../transport/transport.js';
import type { Endpoint } from './endpoint.js';
import { type HttpRefusal, refusalOf, refuseUpgrade } from './http-refusal.js';
import { isSecure, peerAddress, requestedHost } from './peer-address.js';

/** A connection whose 101 is out. */
export type Opened = (connection: Connection, socket: TransportSocket, request: IncomingMessage) => void;

/**
 * Everything before the 101 at one endpoint: origin, limits, middleware, connect guards, `onHandshake`. Each refuses with
 * a real HTTP status. Synchronous as long as they all are.
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
    const connection = new Connection(handshake, this.#endpoint.ports);
    const attempt = new Attempt(upgrade, connection, () => shared.admission.handshakeDone());
    const leave = (): void => {
      attempt.done();
      shared.admission.leave(address);
      connection.refused();
    };
    socket.once('close', leave);
    this.#runStages(attempt, (error) => {
      if (error !== undefined) return this.#refuse(upgrade, refusalOf(error), error);
      const { transport, proxy } = this.#endpoint;
      const subprotocol = proxy?.subprotocolOf(connection);
      transport.upgrade({ ...upgrade, subprotocol }, (opened) => {
        socket.off('close', leave);
        attempt.done();
        this.#opened(connection, opened, request);
      });
    });
  }

  #checkOrigin(request: IncomingMessage): HttpRefusal | undefined {
    const { options, log } = this.#endpoint.shared;
    const { origin } = request.headers;
    if (options.allowsOrigin(origin, requestedHost(request, options.trustProxy))) return undefined;
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
        this.#endpoint.handshakePhases.length === 0
          ? this.#runBindings(attempt)
          : this.#runMiddleware(attempt);
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
      return this.#runBindings(attempt) as void | Promise<void>;
    };
    await compose(this.#endpoint.handshakePhases, last)(attempt.connection.handshake);
    if (passed.length === 0) throw notPassed;
  }

  #runBindings(attempt: Attempt): void | PromiseLike<unknown> {
    const pending = this.#askBindings(attempt);
    const { proxy, shared } = this.#endpoint;
    if (proxy === null) return pending;
    // Nothing may refuse after it: an upstream is not bothered for nothing.
    const connect = (): Promise<void> => proxy.connect(attempt.connection, attempt.upgrade.request, shared);
    return isPromise(pending) ? pending.then(connect) : connect();
  }

  #askBindings({ connection, upgrade }: Attempt): void | PromiseLike<unknown> {
    const { bindings } = this.#endpoint;
    for (let i = 0; i < bindings.length; i++) {
      const pending = bindings[i]?.handshake?.(connection, upgrade.request);
      if (!isPromise(pending)) continue;
      // The rest, now that one was asynchronous: each must pass before the next is asked.
      return bindings
        .slice(i + 1)
        .reduce<PromiseLike<unknown>>(
          (before, binding) => before.then(() => binding.handshake?.(connection, upgrade.request)),
          pending,
        );
    }
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
