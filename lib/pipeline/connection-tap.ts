import type { Connection } from '../connection/connection.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { Envelope } from '../protocol/envelope.js';

/**
 * Watches what connections receive and send, decoded and whatever their codec: for recordings. Each connection is told by
 * itself, also of a broadcast, which is encoded once all the same.
 *
 * Is called on the way of each message: MUST be quick, MUST NOT change the envelope or send anything. What it throws is logged.
 */
export interface ConnectionTap {
  /** The application knows it from now on. Of a client that comes back to its session nothing is told: the connection is the one of before. */
  connected?(connection: Connection): void;
  /** Before anything is done about it: messages, answers of the peer, and the protocol's own events, which hold credentials. */
  received?(connection: Connection, envelope: Envelope): void;
  /**
   * Given to the send queue of a connection, as it is encoded: past the outbound stages, before those of frames. Of a
   * broadcast, the same object for all. Raw `send`s are not told, nor is what a session repeats.
   */
  sent?(connection: Connection, envelope: Envelope): void;
  disconnected?(connection: Connection, reason: DisconnectReason): void;
}
