import type { Phase } from '../exchange/compose.js';
import type { Envelope } from '../protocol/envelope.js';

/** A message on its way out of the client or into it. Stages may change the envelope, or put another in its place. */
export interface ClientMessage {
  envelope: Envelope;
}

/** The payload of one WebSocket message: text, or bytes for a binary frame. */
export interface ClientFrame {
  data: string | Uint8Array;
  /** What the codec of the connection is called: `json`, `msgpack`. For `cty` of JOSE. */
  readonly codec: string;
}

/**
 * A stage of the client: the same idea as the server's `GatewayMiddleware`. Each phase is `(context, next)`; without `next()` the message
 * goes no further: what was to be sent is then rejected with `FILTERED`. A phase may be asynchronous: order is kept.
 * What goes out passes the list from the first to the last, what comes in from the last to the first.
 */
export interface ClientMiddleware {
  /** For logs. */
  readonly name: string;
  /** A message, before it is encoded: once, however often it is sent. */
  outbound?: Phase<ClientMessage>;
  /** An encoded message. */
  outboundFrame?: Phase<ClientFrame>;
  /** A frame as it came. A frame for which a phase throws is dropped; `error` listeners of the client are told. */
  inboundFrame?: Phase<ClientFrame>;
  /** A decoded message: an event, or the outcome of a request. */
  inbound?: Phase<ClientMessage>;
  /** A connection is open, before anything is sent on it: agree on keys, for example. `send` and `receive` see frames after this stage's own phases. */
  opened?(link: ClientLink): void | Promise<void>;
}

/** The connection, for stages that talk to the server themselves. */
export interface ClientLink {
  /** Sends an envelope through the frame stages that come after this one. */
  send(envelope: Envelope): void;
  /** Sends a frame through the frame stages that come after this one, when those before it are on their way; it is made then. */
  sendFrame(make: () => string | Uint8Array | Promise<string | Uint8Array>): void;
  /** The next envelope that comes. Rejects when the connection ends before. */
  receive(): Promise<Envelope>;
}
