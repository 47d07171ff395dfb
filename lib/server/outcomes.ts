import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import { hasBinary } from '../protocol/binary-data.js';
import type { Envelope, ErrorBody, MessageId } from '../protocol/envelope.js';
import { fragmentFrames, opcodes } from '../transport/frame.js';
import { encodeMessage } from './message-encoder.js';

interface EventReply {
  readonly event: string;
  readonly data?: unknown;
}

/** Writes what handlers return as frames (PROTOCOL.md, "Outcomes"). */
export class Outcomes {
  readonly #fragmentBytes: number;
  /** platform-ws sends everything as JSON, bytes too. */
  readonly #jsonOnly: boolean;

  constructor(fragmentBytes: number, jsonOnly: boolean) {
    this.#fragmentBytes = fragmentBytes;
    this.#jsonOnly = jsonOnly;
  }

  /** The one value of a handler. */
  value(message: InboundMessage, value: unknown): void {
    if (message.id === undefined) return this.#plain(message, value);
    if (message.isAnswered) return;
    const answer = answerTo(message.id, value);
    if (answer.event !== undefined || hasBinary(answer.data)) {
      this.answer(message.connection, answer);
      message.claimAnswer();
      return;
    }
    // The quick way of the common case; what cannot be JSON (a function, a symbol) is null, as inside an array.
    const data = (JSON.stringify(answer.data) as string | undefined) ?? 'null';
    const id = typeof message.id === 'number' ? message.id : JSON.stringify(message.id);
    this.#text(message.connection, `{"id":${id},"data":${data}}`);
    // Only now: a value that cannot be encoded leaves the answer to the error.
    message.claimAnswer();
  }

  /** One of several values of a handler. */
  item(message: InboundMessage, value: unknown): void {
    if (message.id === undefined) return this.#plain(message, value);
    this.answer(message.connection, { ...answerTo(message.id, value), more: true });
  }

  /** The end of several values. */
  done(message: InboundMessage): void {
    if (message.id !== undefined) this.answer(message.connection, { id: message.id, done: true });
  }

  /** The outcome of a request is an error. */
  error(connection: Connection, id: MessageId, error: ErrorBody): void {
    this.answer(connection, { id, error });
  }

  /** An event of the protocol's own. */
  event(connection: Connection, event: string, data: unknown): void {
    this.answer(connection, { event, data });
  }

  /** An envelope that must arrive: outcomes are never dropped. */
  answer(connection: Connection, envelope: Envelope): void {
    const { queue } = connection;
    if (queue === null || !connection.canSend) return;
    const encoded = encodeMessage(envelope, {
      key: null,
      droppable: false,
      fragmentBytes: this.#fragmentBytes,
    });
    if ('parts' in encoded) queue.sendParts(encoded.parts, null, false);
    else queue.sendOwn(encoded);
  }

  /** Nest's rule: what is not nil is sent as it is. */
  #plain(message: InboundMessage, value: unknown): void {
    if (value === undefined || value === null) return;
    if (!this.#jsonOnly && hasBinary(isEventReply(value) ? value.data : value)) {
      // Bytes cannot stand alone: the event that asked says what they are.
      const reply = isEventReply(value) ? value : { event: message.event, data: value };
      return this.answer(message.connection, { event: reply.event, data: reply.data });
    }
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) this.#text(message.connection, text);
  }

  #text(connection: Connection, text: string): void {
    const { queue } = connection;
    if (queue === null || !connection.canSend) return;
    if (text.length <= this.#fragmentBytes / 4) queue.sendOutcome(text);
    else this.#longText(connection, text);
  }

  #longText(connection: Connection, text: string): void {
    const { queue } = connection;
    if (this.#fragmentBytes === Infinity || Buffer.byteLength(text) <= this.#fragmentBytes)
      queue?.sendOutcome(text);
    else queue?.sendParts(fragmentFrames(Buffer.from(text), opcodes.text, this.#fragmentBytes), null, false);
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
