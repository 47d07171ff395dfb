import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { OutboundPhase } from '../pipeline/middleware.js';
import type { OutboundMessage } from '../pipeline/outbound-message.js';
import { hasBinary } from '../protocol/binary-data.js';
import { json } from '../protocol/codecs/json.js';
import type { Envelope, ErrorBody, MessageId } from '../protocol/envelope.js';
import { isObject } from '../protocol/check-envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { fragmentFrames, opcodes } from '../transport/frame.js';
import { encodingOf } from './encoding.js';
import { encodeMessage } from './message-encoder.js';
import { type Delivery, droppedByStage, type OutboundWay } from './outbound-way.js';

interface EventReply {
  readonly event: string;
  readonly data?: unknown;
  readonly meta?: unknown;
}

/** What an answer has beside its envelope. */
export interface AnswerContext {
  /** What it answers. */
  readonly message?: InboundMessage | undefined;
  /** Outbound phases of the handler and its gateway, from the inside out. */
  readonly phases?: readonly OutboundPhase[] | undefined;
  /** Told when a stage has dropped it, or has failed. Default: a requester gets an error instead. */
  readonly lost?: (error: unknown) => void;
}

/** What outcomes are written with. */
export interface OutcomeSettings {
  readonly way: OutboundWay;
  readonly fragmentBytes: number;
  /** platform-ws sends everything as JSON, bytes too. */
  readonly jsonOnly: boolean;
}

const none: AnswerContext = {};

/** Writes what handlers return as frames (PROTOCOL.md, "Outcomes"). */
export class Outcomes {
  readonly #settings: OutcomeSettings;

  constructor(settings: OutcomeSettings) {
    this.#settings = settings;
  }

  /** The one value of a handler. */
  value(message: InboundMessage, value: unknown, phases?: readonly OutboundPhase[]): void {
    if (message.id === undefined) return this.#plain(message, value, phases);
    if (message.isAnswered) return;
    const answer = answerTo(message.id, value);
    if (answer.event !== undefined || hasBinary(answer.data) || !this.#isQuick(message.connection, phases)) {
      this.answer(message.connection, answer, { message, phases });
      message.claimAnswer();
      return;
    }
    // The quick way of the common case; what cannot be JSON (a function, a symbol) is null, as inside an array.
    const data = (JSON.stringify(answer.data) as string | undefined) ?? 'null';
    this.#reply(message.connection, message.id, data);
    message.reply = data;
    // Only now: a value that cannot be encoded leaves the answer to the error.
    message.claimAnswer();
  }

  /** The reply that the same message has had before. @param data as `InboundMessage.reply` has it */
  repeat(message: InboundMessage, data: string): void {
    this.#reply(message.connection, message.id as MessageId, data);
    message.claimAnswer();
  }

  /** One of several values of a handler. */
  item(message: InboundMessage, value: unknown, phases?: readonly OutboundPhase[]): void {
    if (message.id === undefined) return this.#plain(message, value, phases);
    const item = { ...answerTo(message.id, value), more: true };
    this.answer(message.connection, item, { message, phases });
  }

  /** The end of several values. */
  done(message: InboundMessage, phases?: readonly OutboundPhase[]): void {
    if (message.id !== undefined)
      this.answer(message.connection, { id: message.id, done: true }, { message, phases });
  }

  /** The outcome of a request is an error. */
  error(connection: Connection, id: MessageId, error: ErrorBody, context?: AnswerContext): void {
    this.answer(connection, { id, error }, context);
  }

  /** An event of the protocol's own. */
  event(connection: Connection, event: string, data: unknown): void {
    this.answer(connection, { event, data });
  }

  /** An envelope that must arrive: outcomes are never dropped for being many. */
  answer(connection: Connection, envelope: Envelope, context: AnswerContext = none): void {
    const { queue } = connection;
    if (queue === null || !connection.canSend) return;
    if (!this.#isQuick(connection, context.phases)) return this.#send(connection, envelope, context);
    const encoded = encodeMessage(envelope, {
      key: null,
      droppable: false,
      fragmentBytes: this.#settings.fragmentBytes,
    });
    if ('parts' in encoded) queue.sendParts(encoded.parts, null, false);
    else queue.sendOwn(encoded);
  }

  /** Whether nothing stands between a value and its JSON text. */
  #isQuick(connection: Connection, phases: readonly OutboundPhase[] | undefined): boolean {
    return (
      this.#settings.way.isBare &&
      (phases === undefined || phases.length === 0) &&
      connection.encoding?.isPlain === true
    );
  }

  #send(connection: Connection, envelope: Envelope, { message, phases, lost }: AnswerContext): void {
    const { id, event, data, meta, error, more, done } = envelope;
    const outbound: OutboundMessage = {
      id,
      event,
      data,
      meta,
      error,
      inReplyTo: message,
      target: { kind: 'connection', connection },
    };
    const answerLost = (reason: unknown): void => this.#answerLost(connection, id as MessageId, reason);
    const delivery: Delivery = {
      key: null,
      droppable: false,
      isVolatile: false,
      fragmentBytes: this.#settings.fragmentBytes,
      extra: more === true ? { more } : done === true ? { done } : undefined,
      lost: lost ?? (id === undefined ? undefined : answerLost),
    };
    this.#settings.way.send(outbound, delivery, (visit) => visit(connection), phases);
  }

  /** A requester gets exactly one outcome, also when a stage takes the answer away. */
  #answerLost(connection: Connection, id: MessageId, reason: unknown): void {
    const { way } = this.#settings;
    const isDropped = reason === droppedByStage;
    way.lost(reason);
    const error: ErrorBody = isDropped
      ? { code: ErrorCode.Filtered, message: 'the answer was filtered out' }
      : { code: ErrorCode.Internal, message: 'Internal server error' };
    const target = { kind: 'connection', connection } as const;
    way.sendPastStages(
      { id, event: undefined, data: undefined, meta: undefined, error, target },
      this.#delivery,
      (visit) => visit(connection),
    );
  }

  get #delivery(): Delivery {
    return {
      key: null,
      droppable: false,
      isVolatile: false,
      fragmentBytes: this.#settings.fragmentBytes,
    };
  }

  /** Nest's rule: what is not nil is sent as it is. */
  #plain(message: InboundMessage, value: unknown, phases: readonly OutboundPhase[] | undefined): void {
    if (value === undefined || value === null) return;
    const { connection } = message;
    const reply = isEventReply(value) ? value : undefined;
    const isBytes = !this.#settings.jsonOnly && hasBinary(reply === undefined ? value : reply.data);
    if (isBytes || encodingOf(connection).way.codec !== json()) {
      // What is not JSON cannot stand alone: the event that asked says what it is.
      const { event, data } = reply ?? { event: message.event, data: value };
      return this.answer(connection, { event, data }, { message, phases });
    }
    if (!this.#isQuick(connection, phases)) return this.#sendAsItIs(message, value, phases);
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) this.#text(connection, text);
  }

  #sendAsItIs(message: InboundMessage, value: unknown, phases: readonly OutboundPhase[] | undefined): void {
    const { connection } = message;
    if (!connection.canSend) return;
    const { event, data, meta, ...extra } = isEventReply(value)
      ? value
      : { event: undefined, data: value, meta: undefined };
    this.#settings.way.send(
      {
        event,
        data,
        meta: isObject(meta) ? { ...meta } : undefined,
        inReplyTo: message,
        target: { kind: 'connection', connection },
      },
      { ...this.#delivery, isBareValue: event === undefined, extra },
      (visit) => visit(connection),
      phases,
    );
  }

  #reply(connection: Connection, id: MessageId, data: string): void {
    this.#text(connection, `{"id":${typeof id === 'number' ? id : JSON.stringify(id)},"data":${data}}`);
  }

  #text(connection: Connection, text: string): void {
    const { queue } = connection;
    if (queue === null || !connection.canSend) return;
    if (text.length <= this.#settings.fragmentBytes / 4) queue.sendOutcome(text);
    else this.#longText(connection, text);
  }

  #longText(connection: Connection, text: string): void {
    const { queue } = connection;
    const { fragmentBytes } = this.#settings;
    if (fragmentBytes === Infinity || Buffer.byteLength(text) <= fragmentBytes) queue?.sendOutcome(text);
    else queue?.sendParts(fragmentFrames(Buffer.from(text), opcodes.text, fragmentBytes), null, false);
  }
}

function isEventReply(value: unknown): value is EventReply {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<EventReply>).event === 'string' &&
    'data' in value
  );
}

function answerTo(id: MessageId, value: unknown): Envelope {
  if (isEventReply(value)) return { id, event: value.event, data: value.data };
  return { id, data: value ?? null };
}
