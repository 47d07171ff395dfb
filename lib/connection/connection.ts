import { randomId } from '../primitives/random-id.js';
import { CloseCode, closeReaction } from '../protocol/close-code.js';
import { truncateReason } from '../protocol/close-reason.js';
import { readyStates, type TransportSocket } from '../transport/transport-socket.js';
import type { ConnectionInlet, ConnectionPorts } from './connection-ports.js';
import { type ConnectionState, connectionStates, transition } from './connection-state.js';
import { type DisconnectReason, lost } from './disconnect-reason.js';
import type { EmitOptions, RequestOptions } from './emit-options.js';
import type { AnyEvents, EventData, EventMap, EventName } from './event-map.js';
import type { Handshake } from './handshake.js';
import { Pulse } from './heartbeat.js';
import type { OutgoingFrame, WrittenCallback } from './outgoing-frame.js';
import type { Principal } from './principal.js';
import { type RawData, rawFrame } from './raw-data.js';
import { notOpen } from './not-open.js';
import { nowhere } from './nowhere.js';
import { SendQueue } from './send-queue.js';
import type { Session } from './session.js';
import { SocketFace } from './socket-face.js';
import type { WireEncoding } from './wire-encoding.js';

/**
 * One client. Exists from the handshake on; gateways that share an endpoint share it.
 *
 * Everything to the peer goes through its bounded send queue, in order: emits, replies and raw `send`s.
 */
export class Connection<
  Events extends EventMap = AnyEvents,
  Data extends object = Record<string, unknown>,
> extends SocketFace {
  /** Unguessable, unique, URL-safe. */
  readonly id: string = randomId();
  /** The one that it is connected by: of the latest socket, where its client has come back to its session. */
  handshake: Handshake;
  /** The application's own values for this connection. */
  data: Data = {} as Data;
  /** @internal */
  readonly pulse: Pulse;
  readonly #ports: ConnectionPorts<Connection>;
  #state: ConnectionState = 'connecting';
  /** Null before the 101, and while its client is away unless somebody has asked for it. */
  #socket: TransportSocket | null = null;
  /** Null before the 101. */
  #protocol: string | null = null;
  #queue: SendQueue | null = null;
  #encoding: WireEncoding | null = null;
  #inlet: ConnectionInlet | null = null;
  #principal: Principal | undefined = undefined;
  #closing: DisconnectReason | null = null;
  #session: Session | null = null;

  /** @internal */
  constructor(handshake: Handshake, ports: ConnectionPorts<Connection>) {
    super();
    this.handshake = handshake;
    handshake.owner = this;
    this.#ports = ports;
    this.pulse = new Pulse(ports.heartbeat.now);
  }

  override get socket(): TransportSocket {
    if (this.#socket !== null) return this.#socket;
    if (this.#protocol === null) throw notOpen();
    return (this.#socket = this.#ports.closedSocket(this.#protocol));
  }

  override get readyState(): number {
    // What is sent meanwhile is not lost.
    if (this.#state === 'away') return readyStates.open;
    // Closed for the caller as soon as close() has been called, though what waited is still being flushed.
    if (this.#state === 'closing') return Math.max(readyStates.closing, this.socket.readyState);
    return this.#protocol === null ? readyStates.connecting : this.socket.readyState;
  }

  /** As it was agreed on; empty while the client of an earlier process has not come back. */
  override get protocol(): string {
    return this.#protocol ?? '';
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What outlives its socket, where its client has asked for that (PROTOCOL.md, "Sessions"). */
  get session(): Session | undefined {
    return this.#session ?? undefined;
  }

  /** Who the connection speaks for. Assign a new object to change it: `server.user(id)` follows the assignment. */
  get principal(): Principal | undefined {
    return this.#principal;
  }

  set principal(principal: Principal | undefined) {
    const from = this.#principal?.id;
    this.#principal = principal;
    if (from !== principal?.id) this.#ports.users.moved(this as unknown as Connection, from, principal?.id);
  }

  /** Rooms it is in; in `handleDisconnect`, those it was in. */
  get rooms(): ReadonlySet<string> {
    return this.#ports.memberships.roomsOf(this as unknown as Connection);
  }

  /** Round trip in milliseconds of the last heartbeat; `undefined` before the first. */
  get latency(): number | undefined {
    return this.pulse.latencyMs < 0 ? undefined : this.pulse.latencyMs;
  }

  /** Bytes sent to it that the operating system has not taken yet. */
  override get bufferedBytes(): number {
    return this.#queue?.bytes ?? 0;
  }

  /** Sends `{event, data}`. False when it was dropped: the connection is closed, or too slow for its policy. */
  emit<Name extends EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: EmitOptions,
  ): boolean {
    return this.#ports.outbound.emitTo(this as unknown as Connection, event, data, options);
  }

  /**
   * Asks the peer and waits for its answer.
   *
   * @throws {GatewireError} `ACK_TIMEOUT`, `DISCONNECTED`, `TOO_MANY_REQUESTS`, `CANCELLED`, or the peer's own error
   */
  request<Reply = unknown, Name extends EventName<Events> = EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: RequestOptions,
  ): Promise<Reply> {
    if (this.#inlet === null) return Promise.reject(notOpen());
    return this.#inlet.request(event, data, options) as Promise<Reply>;
  }

  /** @throws {GatewireError} `TOO_MANY_ROOMS`, or `BAD_REQUEST` for a name that cannot be one */
  join(room: string): void {
    this.#ports.memberships.join(this as unknown as Connection, room);
  }

  leave(room: string): void {
    this.#ports.memberships.leave(this as unknown as Connection, room);
  }

  /** Sends a raw message, as `ws` does: text for a string, else binary; `binary` overrides. */
  send(data: RawData, options?: { binary?: boolean } | WrittenCallback, callback?: WrittenCallback): void {
    const written = typeof options === 'function' ? options : callback;
    const isBinary = typeof options === 'object' ? options.binary : undefined;
    if (this.#state === 'connecting') throw new Error('WebSocket is not open: readyState 0 (CONNECTING)');
    if (!this.canSend) {
      if (written)
        process.nextTick(written, new Error(`WebSocket is not open: readyState ${this.readyState}`));
      return;
    }
    const bytes = rawFrame(data, isBinary);
    (this.#queue as SendQueue).sendOwn({ bytes, key: null, droppable: true }, written ?? null);
  }

  /**
   * Closes after everything sent before has gone out. With a session and a code that lets clients come back (PROTOCOL.md,
   * "Close codes") the client is away, and its session goes on; any other code, and none, ends it.
   *
   * @param code RFC 6455 section 7.4; none: an empty close frame
   * @param reason cut at 123 bytes (RFC 6455 section 5.5)
   */
  close(code?: number, reason: string | Buffer = ''): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    const text = truncateReason(reason.toString());
    if (code !== undefined && this.#outlives(code)) return this.#depart(code, text);
    this.#session?.end();
    const closing: DisconnectReason = { code: code ?? 1005, reason: text, by: 'server', wasClean: true };
    if (this.#state === 'away') return this.#end(closing);
    this.#closing = closing;
    if (this.#state === 'connecting') return;
    this.#state = transition(this.#state, 'closing');
    const socket = this.socket;
    const isDrained = (this.#queue as SendQueue).whenDrained(() => socket.close(code, text));
    if (!isDrained) this.#ports.heartbeat.later(this.#ports.closeMs, () => socket.terminate());
  }

  /** Destroys the socket, and ends the session. What waits to be sent is dropped and counted; the peer sees 1006. */
  terminate(): void {
    this.#session?.end();
    const closing = lost('server');
    if (this.#state === 'away') return this.#end(closing);
    this.#closing ??= closing;
    this.#queue?.clear();
    this.#socket?.terminate();
  }

  /** @internal Closes, whatever a session says. */
  dismiss(code: number, reason: string): void {
    this.#session?.end();
    this.close(code, reason);
  }

  /** @internal Whether frames can still be sent. */
  get canSend(): boolean {
    // A session keeps what a closing socket does not take.
    return (
      connectionStates[this.#state].writes &&
      (this.#session !== null || this.#socket?.readyState === readyStates.open)
    );
  }

  /** @internal One of the receivers of a broadcast: the shortest way to the queue, as it is walked by thousands. */
  deliver(frame: OutgoingFrame): void {
    if (this.#queue !== null && connectionStates[this.#state].writes) this.#queue.sendShared(frame);
  }

  /** @internal An emit that is sent until it is acknowledged. */
  emitReliably(event: string, data: unknown, options: EmitOptions): boolean {
    return this.#inlet?.emitReliably(event, data, options) ?? false;
  }

  /** @internal What is sent, for who encodes. */
  get queue(): SendQueue | null {
    return this.#queue;
  }

  /** @internal How messages to it become bytes; null before the 101. */
  get encoding(): WireEncoding | null {
    return this.#encoding;
  }

  /** @internal Why it ended; what close() was called with before the 101. */
  get closing(): DisconnectReason | null {
    return this.#closing;
  }

  /** @internal The 101 is out. */
  attach(socket: TransportSocket, inlet: ConnectionInlet, encoding: WireEncoding): void {
    this.#inlet = inlet;
    this.#queue = new SendQueue(socket, this.#ports.send, this);
    this.#state = transition(this.#state, 'opening');
    this.#hold(socket, encoding);
  }

  /** @internal `handleConnection` is done. */
  opened(): void {
    if (this.#state === 'opening') this.#state = transition(this.#state, 'open');
    this.#session?.opened();
    this.handshake.release();
  }

  /** @internal The handshake was refused: there will be no socket. */
  refused(): void {
    this.#state = 'closed';
    this.handshake.release();
  }

  /** @internal */
  onMessage(data: Buffer, isBinary: boolean): void {
    this.pulse.messageAt = this.#ports.heartbeat.now;
    this.#inlet?.received(data, isBinary);
  }

  /** @internal */
  onPing(): void {
    this.#ports.controlFrame(this as unknown as Connection, 'ping');
  }

  /** @internal */
  onPong(): void {
    this.#ports.heartbeat.pong(this.pulse);
    this.#ports.controlFrame(this as unknown as Connection, 'pong');
  }

  /** @internal */
  onError(error: Error & { code?: string }): void {
    this.#inlet?.failed(error);
  }

  /** @internal */
  onClose(code: number, reason: Buffer): void {
    if (this.#state === 'closed') return;
    const wasClean = code !== CloseCode.AbnormalClosure;
    const by = this.#closing?.by ?? (wasClean ? 'peer' : 'transport');
    const closing: DisconnectReason = wasClean ? { code, reason: reason.toString(), by, wasClean } : lost(by);
    if (this.#state !== 'closing' && this.#outlives(code)) return this.#leave(closing);
    this.#end(closing);
  }

  /** @internal The send queue is full and its policy says to close. */
  slowConsumer(): void {
    if (this.#state === 'away') {
      // Nobody is there to be closed: what has waited for too long is missing when the client comes back.
      this.#session?.log.skip((this.#queue as SendQueue).clear());
      return;
    }
    this.#ports.send.counters.slowConsumersClosed++;
    if (!this.#outlives(CloseCode.TryAgainLater)) this.#queue?.clear();
    this.close(CloseCode.TryAgainLater, 'reads too slowly');
  }

  /** @internal No sign of life. */
  silent(): void {
    this.#ports.send.counters.connectionsLost++;
    if (!this.#outlives(CloseCode.AbnormalClosure)) return this.terminate();
    const { socket } = this;
    this.#leave(lost('server'));
    socket.terminate();
  }

  /** @internal */
  idle(): void {
    this.close(CloseCode.RequestTimeout, 'idle');
  }

  /** @internal From now on it has a session: what is sent from here on is numbered. */
  begin(session: Session): void {
    this.#session = session;
    const { journal } = session;
    // What was sent until now needs no keeping, and goes out at once.
    if (journal !== null) this.#queue?.moveTo(journal.outlet(this.socket));
  }

  /** @internal It is of an earlier process, and its client is away. */
  restore(session: Session, inlet: ConnectionInlet, encoding: WireEncoding): void {
    this.#session = session;
    this.#protocol = '';
    this.#encoding = encoding;
    this.#inlet = inlet;
    this.#queue = new SendQueue(nowhere, this.#ports.send, this);
    this.#state = transition(this.#state, 'away');
    session.leave(lost('transport'));
  }

  /** @internal It is in other rooms than before. */
  roomsChanged(): void {
    this.#session?.journal?.roomsChanged();
  }

  /** @internal Another socket takes the place of this one: nothing of it is read or written any more. */
  supersede(): void {
    if (this.#state !== 'away') this.#depart(CloseCode.Conflict, 'resumed elsewhere');
  }

  /** @internal While its client is away: how messages to it become bytes. What waits was made in another way, and is lost. */
  reencode(encoding: WireEncoding): void {
    this.#session?.log.skip(this.#queue?.clear() ?? 0);
    this.#encoding = encoding;
  }

  /** @internal Its client was away for too long. */
  expire(): void {
    if (this.#state === 'away') this.#end(this.#session?.left as DisconnectReason);
  }

  /** @internal Its socket goes on as another connection's; nothing is left of this one. */
  surrender(): TransportSocket {
    const { socket } = this;
    this.#state = transition(this.#state, 'closed');
    this.#ports.heartbeat.remove(this);
    socket.listener = null;
    return socket;
  }

  /** @internal Its client is back. @param rest what it has not got, which goes out first */
  resumeBy(socket: TransportSocket, handshake: Handshake, encoding: WireEncoding, rest: Buffer | null): void {
    const session = this.#session as Session;
    if (this.#socket !== null) socket.adopt(this.#socket);
    this.handshake = handshake;
    handshake.owner = this;
    if (session.isOpened) handshake.release();
    this.#state = transition(this.#state, session.isOpened ? 'open' : 'opening');
    this.pulse.restart(this.#ports.heartbeat.now);
    this.#hold(socket, encoding);
    this.#queue?.moveTo(session.journal?.outlet(socket) ?? socket, rest);
    this.#inlet?.resumed();
    session.resume();
  }

  #hold(socket: TransportSocket, encoding: WireEncoding): void {
    this.#socket = socket;
    this.#protocol = socket.protocol;
    this.#encoding = encoding;
    socket.listener = this;
    this.#ports.heartbeat.add(this);
  }

  /** Whether a close with this code leaves its client's session waiting. */
  #outlives(code: number): boolean {
    return this.#session?.canWait === true && closeReaction(code) !== 'stop';
  }

  /** Closes the socket, while the session goes on at once. */
  #depart(code: number, reason: string): void {
    if (this.#state === 'away') return;
    const { socket } = this;
    this.#leave({ code, reason, by: 'server', wasClean: true });
    socket.close(code, reason);
  }

  #leave(reason: DisconnectReason): void {
    this.#state = transition(this.#state, 'away');
    this.#ports.heartbeat.remove(this);
    this.socket.listener = null;
    // Most of what a connection weighs, and the next one is another anyway.
    if (!this.socket.isObserved) this.#socket = null;
    this.#session?.leave(reason);
    this.#queue?.moveTo(nowhere);
    this.#inlet?.left(reason);
  }

  #end(reason: DisconnectReason): void {
    this.#state = transition(this.#state, 'closed');
    this.#ports.heartbeat.remove(this);
    this.#session?.end();
    this.#queue?.clear();
    this.#closing = reason;
    this.handshake.release();
    this.#inlet?.closed(reason);
  }
}
