import type { Connection } from '../../../connection/connection.js';
import type { DisconnectReason } from '../../../connection/disconnect-reason.js';
import type { Handshake } from '../../../connection/handshake.js';
import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import type { InboundMessage } from '../../inbound-message.js';
import type {
  GatewayMiddleware,
  HandshakePhase,
  InboundPhase,
  OutboundFramePhase,
  OutboundPhase,
  StageHost,
} from '../../middleware.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { EventSelection } from '../../../routing/event-selection.js';
import { subjectEvent } from '../message-subject.js';
import type { MessageLogPorts } from './message-log-ports.js';
import { type MessageLogOptions, resolveMessageLogOptions } from './message-log.options.js';
import { RecordWriter } from './record-writer.js';
import { Sampler } from '../../../routing/sampler.js';

/** One line for each message, connection and end of one, when what there is to say is known. */
export class MessageLogStage implements GatewayMiddleware {
  readonly handshake?: HandshakePhase;
  readonly inbound?: InboundPhase;
  readonly outbound?: OutboundPhase;
  readonly outboundFrame?: OutboundFramePhase;
  readonly disconnected?: (connection: Connection, reason: DisconnectReason) => void;
  readonly #events: EventSelection;
  readonly #sampler: Sampler;
  readonly #writer: RecordWriter;
  readonly #host: StageHost;
  readonly #replies: boolean;
  /** When the handshakes of connections began. */
  readonly #since = new WeakMap<Handshake, number>();

  /** @throws {OptionError} */
  constructor(input: MessageLogOptions, ports: MessageLogPorts) {
    const options = resolveMessageLogOptions(input);
    this.#events = new EventSelection(input.events);
    this.#sampler = new Sampler(options.sample, options.sampleBy === 'message' ? options.random : null);
    this.#writer = new RecordWriter(options, input.audit, ports);
    this.#host = ports.host;
    this.#replies = options.replies;
    // A phase that is not there costs nothing.
    if (options.direction !== 'outbound') this.inbound = (message, next) => this.#inbound(message, next);
    if (options.direction !== 'inbound' && options.outboundBytes)
      this.outboundFrame = (frame, next) => this.#outbound(frame.message, next, frame);
    else if (options.direction !== 'inbound')
      this.outbound = (message, next) => this.#outbound(message, next);
    if (!options.connections) return;
    this.handshake = (handshake, next) => this.#handshake(handshake, next);
    this.disconnected = (connection, reason) => this.#disconnected(connection, reason);
  }

  #inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const event = subjectEvent(message, 'inbound');
    if (this.#writer.isOff || !this.#events.has(event)) return next();
    const isSampled = this.#sampler.takes(event, message.connection.id);
    const { event: sent } = message;
    const startedAt = this.#host.clock.now();
    let pending: void | Promise<void>;
    try {
      pending = next();
    } catch (error) {
      this.#writer.inboundFailed(message, sent, startedAt, error);
      throw error;
    }
    if (!isPromise(pending)) return this.#writer.inbound(message, sent, startedAt, isSampled);
    return pending.then(
      () => this.#writer.inbound(message, sent, startedAt, isSampled),
      (error: unknown) => {
        this.#writer.inboundFailed(message, sent, startedAt, error);
        throw error;
      },
    );
  }

  #outbound(message: OutboundMessage, next: Next, frame?: OutboundFrame): void | Promise<void> {
    const isReply =
      message.inReplyTo !== undefined || (message.id !== undefined && message.event === undefined);
    if (isReply && !this.#replies) return next();
    const event = subjectEvent(message, 'outbound');
    if (this.#writer.isOff || !this.#events.has(event)) return next();
    const { target } = message;
    const connectionId = target.kind === 'connection' ? target.connection.id : undefined;
    const isSampled = this.#sampler.takes(event, connectionId);
    let pending: void | Promise<void>;
    try {
      pending = next();
    } catch (error) {
      this.#writer.outboundFailed(message, event, error);
      throw error;
    }
    if (!isPromise(pending)) return this.#writer.outbound(message, event, isSampled, frame);
    return pending.then(
      () => this.#writer.outbound(message, event, isSampled, frame),
      (error: unknown) => {
        this.#writer.outboundFailed(message, event, error);
        throw error;
      },
    );
  }

  #handshake(handshake: Handshake, next: Next): void | Promise<void> {
    const startedAt = this.#host.clock.now();
    this.#since.set(handshake, startedAt);
    let pending: void | Promise<void>;
    try {
      pending = next();
    } catch (error) {
      this.#writer.refused(handshake, startedAt, error);
      throw error;
    }
    if (!isPromise(pending)) return this.#writer.accepted(handshake, startedAt);
    return pending.then(
      () => this.#writer.accepted(handshake, startedAt),
      (error: unknown) => {
        this.#writer.refused(handshake, startedAt, error);
        throw error;
      },
    );
  }

  #disconnected(connection: Connection, reason: DisconnectReason): void {
    this.#writer.disconnected(connection, reason, this.#since.get(connection.handshake));
  }
}
