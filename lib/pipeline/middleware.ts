import type { Handshake } from '../connection/handshake.js';
import type { Next, Phase } from '../exchange/compose.js';
import type { InboundMessage } from './inbound-message.js';
import type { OutboundMessage } from './outbound-message.js';

/**
 * A stage of the pipeline: an injectable class with any of the phases. A phase that does not call `next()` ends
 * the way of the message; one that throws refuses it, with the thrown error as the outcome.
 */
export interface GatewayMiddleware {
  /** Before the 101. Throw to refuse with a real HTTP status. */
  handshake?(handshake: Handshake, next: Next): void | Promise<void>;
  /** A decoded message on its way to the handler. */
  inbound?(message: InboundMessage, next: Next): void | Promise<void>;
  /** Once per emit, whatever the number of receivers. */
  outbound?(message: OutboundMessage, next: Next): void | Promise<void>;
}

export type HandshakePhase = Phase<Handshake>;
export type InboundPhase = Phase<InboundMessage>;
export type OutboundPhase = Phase<OutboundMessage>;
