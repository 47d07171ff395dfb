import type { Connection } from '../connection/connection.js';
import type { ControlFrameKind } from '../connection/connection-ports.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { Handshake } from '../connection/handshake.js';
import type { Next, Phase } from '../exchange/compose.js';
import type { Clock } from '../primitives/clock.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import type { ConnectionTap } from './connection-tap.js';
import type { InboundFrame } from './inbound-frame.js';
import type { InboundMessage } from './inbound-message.js';
import type { OutboundFrame } from './outbound-frame.js';
import type { OutboundMessage } from './outbound-message.js';

/**
 * A stage of the pipeline: a class with any of the phases. Each phase goes on with `next()`, whose result it returns
 * or awaits; one that throws refuses, with what it throws as the error.
 *
 * A phase that does not call `next()` ends the way: `message.drop(reason)`, `message.reject(code, …)` and
 * `message.answer(value)` say how; without one of them it is dropped in the stage's name.
 */
export interface GatewayMiddleware {
  /**
   * The outbound phases run once for each receiver instead of once per emit, with that connection as the target: for
   * keys of one session. It costs an encoding and a frame for each receiver. @default false
   */
  readonly perConnection?: boolean;
  /** Watches connections. Of the module and of gateways, in stages that a factory makes. */
  readonly tap?: ConnectionTap;
  /** Before the 101. Throw to refuse with a real HTTP status. */
  handshake?(handshake: Handshake, next: Next): void | Promise<void>;
  /** The bytes of a message, before it is decoded. A stage that waits holds up the frames behind it. */
  inboundFrame?(frame: InboundFrame, next: Next): void | Promise<void>;
  /** A decoded message on its way to the handler. After `next()`, `message.outcome` says what became of it. */
  inbound?(message: InboundMessage, next: Next): void | Promise<void>;
  /** Once per emit or outcome, whatever the number of receivers. */
  outbound?(message: OutboundMessage, next: Next): void | Promise<void>;
  /** The bytes of a message after encoding, once per codec. */
  outboundFrame?(frame: OutboundFrame, next: Next): void | Promise<void>;
  /** The peer has sent a ping, which is answered, or a pong (RFC 6455 section 5.5). Of the module and of gateways only. */
  controlFrame?(connection: Connection, kind: ControlFrameKind): void;
  /**
   * The client of `connection` is back: what is known of `fresh`, by which it has come, goes on under `connection`, and
   * {@link disconnected} follows for `fresh`.
   */
  resumed?(connection: Connection, fresh: Connection): void;
  /** A connection is gone: what the stage keeps for it can go. */
  disconnected?(connection: Connection, reason: DisconnectReason): void;
}

/** What a stage may use of the engine it runs in. */
export interface StageHost {
  /** Time: never `Date.now()` for durations, so that a test can hold it still. */
  readonly clock: Clock;
  /** At most one line per kind and ten seconds. */
  readonly log: ThrottledLog;
  /** Adds to a counter of `server.stats().stages`. `name` comes from a fixed set (`rate-limit.refused`), never from the peer. */
  count(name: string, by?: number): void;
  /** Has something done at a shutdown when all connections are closed. It is waited for: MUST be settled in time, whatever hangs. Absent outside an engine. */
  onClose?(task: () => void | Promise<void>): void;
}

/** Makes the stage of one use: what `RateLimit.of({...})` gives. Called once for each application and place of use. */
export interface MiddlewareFactory {
  /** For the printed composition: `RateLimit`. */
  readonly name: string;
  create(host: StageHost): GatewayMiddleware;
}

export type HandshakePhase = Phase<Handshake>;
export type InboundFramePhase = Phase<InboundFrame>;
export type InboundPhase = Phase<InboundMessage>;
export type OutboundPhase = Phase<OutboundMessage>;
export type OutboundFramePhase = Phase<OutboundFrame>;
