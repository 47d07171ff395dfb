import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from './inbound-message.js';
import type { OutboundPhase } from './middleware.js';
import type { NamedPhase } from './compose-stages.js';
import type { SequenceRule } from './sequence-rule.js';

/**
 * When it is written down that a message has been handled, where sessions outlive the process: `after` (at least once: a process
 * that dies meanwhile leaves no trace, and the message is handled again), `before` (at most once: a repeat is answered
 * `OUTCOME_UNKNOWN`), `transaction` (exactly once: the handler writes it within its own database transaction).
 */
export type RecordMode = 'after' | 'before' | 'transaction';

/**
 * One decorated method, ready to be called: what the framework layer gives to the event table.
 *
 * MUST run guards, interceptors, pipes and the method synchronously as long as none of them is asynchronous,
 * and MUST call {@link InboundMessage.enter} immediately before the method itself.
 * MUST NOT catch errors: they reach {@link MessageHandler.fail}.
 */
export interface MessageHandler {
  /** Event name or event pattern (`order.*`; `*` alone is the default handler). */
  readonly pattern: string;
  /** For logs: `ChatGateway.send`. */
  readonly label: string;
  /** How many messages of one connection may be inside this handler; `undefined`: the endpoint's limit only. */
  readonly concurrency?: number | undefined;
  /** Messages of one connection with equal keys wait for one another. Nil: no ordering for this message. */
  readonly orderBy?: ((message: InboundMessage) => unknown) | undefined;
  /** Messages of one connection with an equal lane share `concurrency` (a gateway-wide limit has one lane). Default: the handler itself. */
  readonly lane?: object | undefined;
  /** @default 'after' */
  readonly record?: RecordMode | undefined;
  /** Numbered messages are put into order before all else. Handlers with the same object share the numbers. */
  readonly sequence?: SequenceRule | undefined;
  /** `@UseMiddleware()` of the gateway, then of the method: inbound phases in order. */
  readonly inbound?: readonly NamedPhase[] | undefined;
  /** Outbound phases of the method's middleware, then of its gateway's, for what it answers: from the inside out. */
  readonly outbound?: readonly OutboundPhase[] | undefined;
  /** Names of the stages of {@link outbound}, for the printed composition. */
  readonly answerStages?: readonly string[] | undefined;
  /** Names of what the framework puts around the method, in order, for the printed composition. */
  readonly enhancers?: readonly string[] | undefined;
  /** Returns what the method returned: a value, a promise, an Observable, an async iterable. Throws (or rejects with) the raw error. */
  invoke(message: InboundMessage): unknown;
  /** Gives an error to the exception filters; the default sends the `exception` event, unless the message has an `id` (its requester gets the error as the outcome). MUST NOT throw. */
  fail(error: unknown, message: InboundMessage): void;
}

/** Decides about one connection's use of rooms. What is absent refuses. */
export interface RoomAuthorizerBinding {
  /** Room pattern it is responsible for. */
  readonly pattern: string;
  canSubscribe?(connection: Connection, room: string): boolean | Promise<boolean>;
  canPublish?(connection: Connection, room: string, event: string, data: unknown): boolean | Promise<boolean>;
}
