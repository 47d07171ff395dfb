import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import type { ConnectionInlet } from '../connection/connection-ports.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { AskProgress } from '../exchange/ask-repeatedly.js';
import { RequestTable } from '../exchange/request-table.js';
import { InboundGate, type InboundGateSettings } from '../pipeline/inbound-gate.js';
import { InboundFrame } from '../pipeline/inbound-frame.js';
import type { InboundFramePhase } from '../pipeline/middleware.js';
import type { Protection } from '../pipeline/protection.js';
import { InboundMessage } from '../pipeline/inbound-message.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import type { Envelope, MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { isSessionSubprotocol } from '../protocol/subprotocol.js';
import { askPeer } from './ask-peer.js';
import type { ConnectionAuthentication } from './connection-authentication.js';
import { encodingOf } from './encoding.js';
import { type FrameSink, InboundFrames } from './inbound-frames.js';
import type { FrameDecoder } from './frame-decoder.js';
import type { OutcomeStream } from './outcome-stream.js';
import type { Outcomes } from './outcomes.js';
import type { PeerAcks } from './peer-acks.js';
import type { Refusals } from './refusals.js';
import type { ReliableEmits } from './reliable-emits.js';
import type { SessionGreeting } from './session-greeting.js';

/** What the inlets of an endpoint have in common. */
export interface InletSettings {
  readonly gate: InboundGateSettings;
  readonly decoder: FrameDecoder;
  /** Frame phases of the endpoint, in order. */
  readonly framePhases: readonly InboundFramePhase[];
  /** Told of each envelope that comes in, by who watches; null: nobody does. */
  readonly watched: ((connection: Connection, envelope: Envelope) => void) | null;
  readonly frameDropped: (reason: string) => void;
  readonly outcomes: Outcomes;
  readonly reliable: ReliableEmits;
  readonly acks: PeerAcks;
  readonly refusals: Refusals;
  readonly counters: ConnectionCounters;
  readonly log: ThrottledLog;
  readonly requestsInFlight: number;
  readonly requestMs: number;
  /** platform-ws knows no ids, and no events of the protocol's own. */
  readonly isCompatible: boolean;
  readonly authentication: ConnectionAuthentication;
  /** Null where there are no sessions. */
  readonly greeting: SessionGreeting | null;
  readonly left: (inlet: Inlet, reason: DisconnectReason) => void;
  readonly closed: (inlet: Inlet, reason: DisconnectReason) => void;
}

const neverSent = new ProtocolError(ErrorCode.BadEnvelope, '"ack" was never sent');
const shuttingDown = new GatewireError(ErrorCode.Unavailable, 'the server is shutting down');
const overloaded = new GatewireError(ErrorCode.Overloaded, 'too many messages wait for their handlers');

/** Where the frames of one connection come in: sorts them into answers, control events and messages for handlers. */
export class Inlet implements ConnectionInlet {
  readonly connection: Connection;
  readonly #settings: InletSettings;
  /** Made for the first message: an idle connection has none. */
  #gate: InboundGate | null = null;
  #isOpen = false;
  #isQuiet = false;
  /** Made for the first frame that passes frame stages. */
  #frames: InboundFrames | null = null;
  #requests: RequestTable | null = null;
  #streams: Map<MessageId | InboundMessage, OutcomeStream> | null = null;

  constructor(connection: Connection, settings: InletSettings) {
    this.connection = connection;
    this.#settings = settings;
  }

  get queuedMessages(): number {
    return this.#gate?.queuedMessages ?? 0;
  }

  get queuedBytes(): number {
    return this.#gate?.queuedBytes ?? 0;
  }

  get requestsInFlight(): number {
    return this.#requests?.size ?? 0;
  }

  get streams(): number {
    return this.#streams?.size ?? 0;
  }

  /** `handleConnection` is done: what has waited may go to its handlers. */
  open(): void {
    this.#isOpen = true;
    this.#gate?.open();
  }

  /** Lets no new message in; resolves when those inside have left their handlers. Undefined: none is inside. */
  quiesce(): Promise<void> | undefined {
    this.#isQuiet = true;
    return this.#gate?.quiesce();
  }

  received(data: Buffer, isBinary: boolean): void {
    const { counters, framePhases } = this.#settings;
    counters.messagesReceived++;
    counters.bytesReceived += data.length;
    if (this.connection.state === 'closing') return;
    if (framePhases.length === 0) return this.#decode(data, isBinary, data.length, undefined);
    const frame = new InboundFrame(this.connection, data, isBinary);
    this.#frames ??= this.#createFrames();
    if (!this.#frames.take(frame)) this.#refuse(undefined, overloaded);
  }

  #createFrames(): InboundFrames {
    const frames: InboundFrames = new InboundFrames(
      this.#settings.framePhases,
      this.#frameSink(() => frames),
    );
    return frames;
  }

  /** @param frames those of the socket they come from: what they pass when the client is back on another is not its any more */
  #frameSink(frames: () => InboundFrames): FrameSink {
    return {
      passed: (frame) => {
        if (this.connection.state === 'closed' || this.#frames !== frames()) return;
        this.#decode(frame.data, frame.isBinary, frame.receivedBytes, frame.protection);
      },
      dropped: (frame) => this.#settings.frameDropped(frame.dropReason ?? 'frame'),
      refused: (error) => {
        if (this.#frames === frames()) this.#refuseFrame(error);
      },
      hold: (bytes) => this.#ownGate().hold(bytes),
      release: (bytes) => this.#ownGate().release(bytes),
    };
  }

  #decode(data: Buffer, isBinary: boolean, bytes: number, protection: Protection | undefined): void {
    let decoded: Envelope | Envelope[] | undefined;
    try {
      decoded = this.#settings.decoder.decode(data, isBinary, encodingOf(this.connection).way.codec);
    } catch (error) {
      this.#refuseFrame(error);
      return;
    }
    if (decoded !== undefined && !this.#acknowledge(decoded)) return this.#refuseFrame(neverSent);
    if (!Array.isArray(decoded)) {
      if (decoded !== undefined) this.#take(decoded, bytes, protection);
      return;
    }
    const share = Math.ceil(bytes / Math.max(1, decoded.length));
    for (const envelope of decoded) this.#take(envelope, share, protection);
  }

  /** What the peer says it has processed. False: it cannot have. */
  #acknowledge(decoded: Envelope | Envelope[]): boolean {
    const log = this.connection.session?.log;
    if (log === undefined) return true;
    if (Array.isArray(decoded)) return decoded.every(({ ack }) => ack === undefined || log.ack(ack));
    return decoded.ack === undefined || log.ack(decoded.ack);
  }

  #refuseFrame(error: unknown): void {
    this.#settings.counters.messagesRefused++;
    this.#settings.refusals.refuseFrame(this.connection, error);
  }

  failed(error: Error & { code?: string }): void {
    this.#settings.counters.connectionsFailed++;
    this.#settings.log.warn(
      error.code ?? 'SOCKET',
      () => `connection ${this.connection.id} failed: ${error.message}`,
    );
  }

  left(reason: DisconnectReason): void {
    this.#gate?.left();
    if (this.#gate?.isIdle === true) this.#gate = null;
    this.#settings.left(this, reason);
  }

  resumed(): void {
    this.#frames = null;
    this.#gate?.resumed();
  }

  closed(reason: DisconnectReason): void {
    this.#isOpen = false;
    this.#gate?.close();
    this.#requests?.rejectAll(
      new GatewireError(ErrorCode.Disconnected, 'the connection closed before the answer came'),
    );
    for (const stream of this.#streams?.values() ?? []) stream.stop();
    this.#streams = null;
    this.#settings.closed(this, reason);
  }

  emitReliably(event: string, data: unknown, options: EmitOptions): boolean {
    return this.#settings.reliable.send(this.connection, event, data, options, (asked, progress) =>
      this.request(event, data, asked, progress),
    );
  }

  request(
    event: string,
    data: unknown,
    options: RequestOptions | undefined,
    progress?: AskProgress,
  ): Promise<unknown> {
    const { gate, requestsInFlight, requestMs, counters, outcomes } = this.#settings;
    this.#requests ??= new RequestTable(gate.clock, requestsInFlight, -1);
    const answer = askPeer(this.connection, this.#requests, counters, {
      event,
      data,
      requestMs,
      outcomes,
      clock: gate.clock,
      acks: this.#settings.acks,
      progress,
      ...options,
    });
    // The answer could be stuck behind the messages that had the socket paused.
    this.#gate?.peerAwaited();
    return answer;
  }

  /** Remembers a stream so that `$cancel` and the end of the connection reach it. @throws {GatewireError} at the limit, or for an id in use */
  addStream(message: InboundMessage, stream: OutcomeStream): void {
    const streams = (this.#streams ??= new Map<MessageId | InboundMessage, OutcomeStream>());
    if (streams.size >= this.#settings.requestsInFlight) {
      throw new GatewireError(
        ErrorCode.TooManyRequests,
        `${streams.size} streams to this connection are open already`,
      );
    }
    const key = message.id ?? message;
    if (streams.has(key))
      throw new GatewireError(ErrorCode.Conflict, 'a stream with this id is open already');
    streams.set(key, stream);
  }

  hasStream(id: MessageId): boolean {
    return this.#streams?.has(id) === true;
  }

  removeStream(message: InboundMessage): void {
    this.#streams?.delete(message.id ?? message);
  }

  #take(envelope: Envelope, bytes: number, protection: Protection | undefined): void {
    const { event } = envelope;
    this.#settings.watched?.(this.connection, envelope);
    if (this.#settings.isCompatible) {
      if (event !== undefined) this.#submit({ event, data: envelope.data }, bytes, protection);
    } else if (event === undefined) {
      this.#answered(envelope);
    } else if (event === '$cancel') {
      this.#cancel(envelope.id);
    } else if (event === '$ping') {
      this.#pong(envelope);
    } else if (event === '$auth' && this.#settings.authentication.isRequired) {
      // At once: all else may be waiting for it.
      void this.#settings.authentication.receive(this.connection, envelope.id, envelope.data);
    } else if (event === '$hello' && this.#greeting !== null) {
      this.#greeting.receive(this.connection, envelope);
    } else if (event === '$ack' && this.connection.session !== undefined) {
      if (envelope.id !== undefined)
        this.#settings.outcomes.answer(this.connection, { id: envelope.id, data: null });
    } else {
      this.#submit(envelope, bytes, protection);
    }
  }

  #submit({ event, data, id, meta }: Envelope, bytes: number, protection: Protection | undefined): void {
    if (this.#isQuiet) return this.#settings.refusals.refuse(this.connection, id, shuttingDown);
    const tooEarly = this.#isOpen ? undefined : this.#greeting?.refusalOf(this.connection);
    if (tooEarly !== undefined) return this.#settings.refusals.refuse(this.connection, id, tooEarly);
    const gate = this.#ownGate();
    const { connection } = this;
    const message = new InboundMessage(connection, event as string, data, id, meta, bytes, gate, protection);
    if (!gate.submit(message)) this.#refuse(id, overloaded);
  }

  /** Null where the peer knows no sessions, or there are none. */
  get #greeting(): SessionGreeting | null {
    return isSessionSubprotocol(this.connection.protocol) ? this.#settings.greeting : null;
  }

  #refuse(id: MessageId | undefined, error: GatewireError): void {
    this.#settings.counters.messagesOverloaded++;
    this.#settings.refusals.refuse(this.connection, id, error);
  }

  #ownGate(): InboundGate {
    return (this.#gate ??= this.#openGate());
  }

  #openGate(): InboundGate {
    const awaitsPeer = (): boolean => this.requestsInFlight > 0;
    const gate = new InboundGate(this.connection, this.#settings.gate, awaitsPeer);
    if (this.#isOpen) gate.open();
    return gate;
  }

  #answered(envelope: Envelope): void {
    if (this.#requests?.settle(envelope)) return;
    const { counters, log } = this.#settings;
    counters.repliesUnmatched++;
    log.warn(
      'UNMATCHED_REPLY',
      () => `connection ${this.connection.id} answered a request that does not wait (any more)`,
    );
  }

  #cancel(id: MessageId | undefined): void {
    if (id === undefined) return;
    this.#gate?.cancel(id);
    const stream = this.#streams?.get(id);
    if (stream === undefined) return;
    this.#streams?.delete(id);
    stream.stop();
    this.#settings.outcomes.error(this.connection, id, {
      code: ErrorCode.Cancelled,
      message: 'cancelled by the requester',
    });
  }

  #pong({ id, data }: Envelope): void {
    if (id === undefined) this.#settings.outcomes.event(this.connection, '$pong', data);
    else this.#settings.outcomes.answer(this.connection, { id, event: '$pong', data });
  }
}
