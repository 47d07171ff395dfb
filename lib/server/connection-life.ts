import type { IncomingMessage } from 'node:http';
import { Connection } from '../connection/connection.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import { Handshake } from '../connection/handshake.js';
import { after } from '../primitives/clock.js';
import { isPromise } from '../primitives/is-promise.js';
import { CloseCode } from '../protocol/close-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import type { StoredSession } from '../store/session-store.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import { askBindings } from './ask-bindings.js';
import { closeCodeOf } from './close-code-of.js';
import { encodingOf } from './encoding.js';
import type { Endpoint } from './endpoint.js';
import type { GatewayBinding } from './gateway-binding.js';
import { Inlet, type InletSettings } from './inlet.js';
import type { LifeSettings } from './inlet-settings.js';
import { SessionGreeting } from './session-greeting.js';

/** What happens to the connections of one endpoint from the 101 to the last hook. */
export class ConnectionLife {
  readonly #endpoint: Endpoint;
  readonly #inletSettings: InletSettings;
  readonly #greeting: SessionGreeting | null;
  /** Connections whose connect hooks still run: their disconnect hooks wait for them. */
  readonly #connecting = new Map<Connection, Promise<void>>();
  /** Disconnect hooks, and handlers whose connection is gone, that still run: a shutdown waits for them. */
  readonly #leaving = new Set<Promise<void>>();
  /** Connections of an earlier process, which the application has not heard of in this one. */
  readonly #unmet = new Set<Connection>();

  /** @param inletSettings all but beginning and end, which are handled here */
  constructor(endpoint: Endpoint, inletSettings: Omit<InletSettings, LifeSettings>) {
    this.#endpoint = endpoint;
    const { sessions } = endpoint.shared;
    this.#greeting =
      sessions === null
        ? null
        : new SessionGreeting(endpoint, sessions, (fresh, connection, missed) =>
            this.#goOn(fresh, connection, missed),
          );
    // Not a copy: its frame phases grow with the gateways.
    this.#inletSettings = Object.assign(inletSettings, {
      authentication: endpoint.authentication,
      greeting: this.#greeting,
      left: (inlet: Inlet) => this.#left(inlet),
      closed: (inlet: Inlet, reason: DisconnectReason) => this.#closed(inlet, reason),
    });
    sessions?.durable?.add(endpoint, (stored) => this.#restore(stored));
  }

  /** How many hooks and connections' handlers {@link settled} waits for. */
  get unsettled(): number {
    return this.#leaving.size;
  }

  /** Resolves when no disconnect hook, and no handler of a connection that is gone, runs any more. */
  async settled(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  /** The 101 is out. */
  opened(connection: Connection, socket: TransportSocket, request: IncomingMessage): void {
    const { shared, inlets, authentication } = this.#endpoint;
    const inlet = this.#inlet(connection, socket, request);
    const closeBefore = connection.closing;
    connection.attach(socket, inlet, this.#endpoint.encodings.of(socket));
    inlets.set(connection, inlet);
    shared.counters.connectionsOpened++;
    if (this.#endpoint.proxy === null) this.#greeting?.opened(connection, request);
    if (!authentication.isRequired) return this.#arrive(connection, inlet, request, closeBefore);
    const isKnown = !authentication.awaits(connection);
    authentication.opened(connection, () => {
      if (isKnown) this.#arrive(connection, inlet, request, closeBefore);
      else this.#admitLater(connection, inlet, request);
    });
  }

  /** It has authenticated by its first message: who is asked before the 101 otherwise is asked now. */
  #admitLater(connection: Connection, inlet: Inlet, request: IncomingMessage): void {
    const { refusals } = this.#endpoint.shared;
    const refuse = (error: unknown): void => {
      const body = refusals.count(error);
      connection.close(closeCodeOf(body), body.message);
    };
    const admit = (): void => {
      if (connection.state === 'opening') this.#arrive(connection, inlet, request, null);
    };
    this.#greeting?.hide(connection);
    try {
      const pending = askBindings(this.#endpoint.bindings, connection, request);
      if (isPromise(pending)) pending.then(admit, refuse);
      else admit();
    } catch (error) {
      refuse(error);
    }
  }

  /** Who it is is known; who has promised `$hello` is admitted after it. */
  #arrive(
    connection: Connection,
    inlet: Inlet,
    request: IncomingMessage,
    closeBefore: DisconnectReason | null,
  ): void {
    if (this.#greeting === null) return this.#admit(connection, inlet, request, closeBefore);
    this.#greeting.arrived(connection, () => this.#admit(connection, inlet, request, closeBefore));
  }

  /** From now on the application knows it. */
  #admit(
    connection: Connection,
    inlet: Inlet,
    request: IncomingMessage,
    closeBefore: DisconnectReason | null,
  ): void {
    this.#endpoint.connections.add(connection);
    this.#meet(connection, inlet, request, closeBefore);
  }

  #meet(
    connection: Connection,
    inlet: Inlet,
    request: IncomingMessage,
    closeBefore: DisconnectReason | null,
  ): void {
    const { shared, server } = this.#endpoint;
    this.#endpoint.arrived(connection);
    server.tell('connection', connection, request);
    const pending = this.#runConnectHooks(connection, request);
    // Whoever called close() before there was a socket still means it.
    if (closeBefore !== null) connection.close(closeBefore.code, closeBefore.reason);
    if (pending === undefined || shared.options.isCompatible) this.#ready(connection, inlet);
    if (pending === undefined) return;
    const connected = pending.then(() => {
      this.#connecting.delete(connection);
      if (!shared.options.isCompatible) this.#ready(connection, inlet);
    });
    this.#connecting.set(connection, connected);
  }

  #inlet(connection: Connection, socket: TransportSocket, request: IncomingMessage): Inlet {
    const { proxy } = this.#endpoint;
    if (proxy === null) return new Inlet(connection, this.#inletSettings);
    return proxy.inlet(connection, socket, request, this.#endpoint, this.#inletSettings);
  }

  #ready(connection: Connection, inlet: Inlet): void {
    connection.opened();
    if (connection.state === 'open' || connection.state === 'away') inlet.open();
  }

  /** All in order without waiting for one another, as in Nest. Undefined when they are done; the promise never rejects. */
  #runConnectHooks(connection: Connection, request: IncomingMessage): Promise<void> | undefined {
    let pending: Promise<void>[] | undefined;
    for (const binding of this.#endpoint.bindings) {
      if (binding.connect === undefined) continue;
      try {
        const result = binding.connect(connection, request);
        if (!isPromise(result)) continue;
        const fail = (error: unknown): void => this.#connectFailed(binding, error, connection, request);
        (pending ??= []).push(Promise.resolve(result).then(() => undefined, fail));
      } catch (error) {
        this.#connectFailed(binding, error, connection, request);
      }
    }
    return pending === undefined ? undefined : this.#inTime(connection, Promise.all(pending));
  }

  #inTime(connection: Connection, hooks: Promise<unknown>): Promise<void> {
    const { clock, options, logger } = this.#endpoint.shared;
    return new Promise((resolve) => {
      const timer = after(clock, options.timeouts.connectMs, () => {
        const names = this.#endpoint.bindings
          .filter((one) => 'connect' in one)
          .map((one) => `${one.name}.handleConnection`);
        logger.warn(
          `connection ${connection.id}: ${names.join(', ')} took longer than ${options.timeouts.connectMs} ms; closed with 4408`,
        );
        connection.dismiss(CloseCode.RequestTimeout, 'handleConnection took too long');
        resolve();
      });
      void hooks.then(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }

  #connectFailed(
    binding: GatewayBinding,
    error: unknown,
    connection: Connection,
    request: IncomingMessage,
  ): void {
    const { refusals, options, logger } = this.#endpoint.shared;
    const body = refusals.count(error);
    if (options.isCompatible) {
      // There it is an unhandled rejection, and the connection stays.
      logger.error(`${binding.name}.handleConnection failed`, error);
      return;
    }
    binding.connectFailed?.(error, connection, request);
    connection.dismiss(closeCodeOf(body), body.message);
  }

  #socketGone(connection: Connection): void {
    const { counters, admission } = this.#endpoint.shared;
    counters.connectionsClosed++;
    admission.leave(connection.handshake.address);
  }

  /** Its client is away: the limits of connections are for those who are here. */
  #left({ connection }: Inlet): void {
    const { shared, authentication } = this.#endpoint;
    this.#socketGone(connection);
    authentication.left(connection);
    this.#endpoint.left(connection);
    const { session } = connection;
    if (session !== undefined) shared.sessions?.left(session);
  }

  /** The client of `connection` is back, by `fresh`, which nobody but stages has heard of. */
  #goOn(fresh: Connection, connection: Connection, missed: Buffer | null): void {
    const { inlets, rooms, authentication } = this.#endpoint;
    inlets.delete(fresh);
    authentication.resumed(connection, fresh);
    this.#endpoint.succeeded(connection, fresh);
    const { handshake } = fresh;
    const encoding = encodingOf(fresh);
    const socket = fresh.surrender();
    rooms.depart(fresh);
    rooms.forget(fresh);
    const { request } = handshake;
    const inlet = inlets.get(connection);
    const isUnmet = this.#unmet.delete(connection);
    if (isUnmet) {
      connection.data = fresh.data;
      connection.principal = fresh.principal;
    }
    connection.resumeBy(socket, handshake, encoding, missed);
    if (isUnmet && inlet !== undefined && request !== undefined) this.#meet(connection, inlet, request, null);
  }

  /** The connection of a session of an earlier process: its client is expected, and what is sent to it waits. */
  #restore(stored: StoredSession): void {
    const { shared, encodings, ports, rooms, inlets, connections } = this.#endpoint;
    const { record } = stored;
    const encoding = encodings.named(record.encoding);
    if (shared.sessions === null) return;
    if (encoding === undefined) return shared.sessions.durable?.forget(record.id);
    const connection = new Connection(Handshake.restored(record.url), ports);
    const inlet = new Inlet(connection, this.#inletSettings);
    for (const room of stored.rooms) this.#rejoin(connection, room, rooms);
    if (record.principalId !== undefined) connection.principal = { id: record.principalId };
    const session = shared.sessions.restore(connection, this.#endpoint, stored);
    connection.restore(session, inlet, encoding);
    inlets.set(connection, inlet);
    connections.add(connection);
    this.#unmet.add(connection);
    shared.sessions.left(session);
  }

  #rejoin(connection: Connection, room: string, rooms: Endpoint['rooms']): void {
    try {
      rooms.join(connection, room);
    } catch (error) {
      // The limit is lower than it was, or a name is not one any more.
      if (!isGatewireError(error)) throw error;
      this.#endpoint.shared.log.warn(
        error.code,
        () => `a session could not be put back into a room: ${error.message}`,
      );
    }
  }

  #closed(inlet: Inlet, reason: DisconnectReason): void {
    const { connection } = inlet;
    const { shared, connections, inlets, rooms, users, authentication } = this.#endpoint;
    const { session } = connection;
    // Of a client that was away the socket went then.
    if (session?.isAway !== true) this.#socketGone(connection);
    if (session !== undefined) shared.sessions?.ended(session, reason.code);
    this.#greeting?.closed(connection);
    authentication.closed(connection);
    const wasAdmitted = connections.delete(connection) && !this.#unmet.delete(connection);
    inlets.delete(connection);
    this.#endpoint.departed(connection, reason);
    rooms.depart(connection);
    users.moved(connection, connection.principal?.id, undefined);
    const handlers = inlet.quiesce();
    if (handlers !== undefined) this.#track(handlers);
    // Without handleConnection no handleDisconnect.
    if (!wasAdmitted) return rooms.forget(connection);
    const connecting = this.#connecting.get(connection);
    if (connecting === undefined) return this.#leave(connection, reason);
    const leaving = connecting.then(() => this.#leave(connection, reason));
    this.#track(leaving);
  }

  #leave(connection: Connection, reason: DisconnectReason): void {
    const pending: PromiseLike<unknown>[] = [];
    for (const binding of this.#endpoint.bindings) {
      try {
        const result = binding.disconnect?.(connection, reason);
        if (isPromise(result))
          pending.push(result.then(undefined, (error: unknown) => this.#disconnectFailed(binding, error)));
      } catch (error) {
        this.#disconnectFailed(binding, error);
      }
    }
    const forget = (): void => this.#endpoint.rooms.forget(connection);
    if (pending.length === 0) forget();
    else this.#track(Promise.all(pending).then(forget));
  }

  #track(leaving: Promise<void>): void {
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  #disconnectFailed(binding: GatewayBinding, error: unknown): void {
    this.#endpoint.shared.logger.error(`${binding.name}.handleDisconnect failed`, error);
  }
}
