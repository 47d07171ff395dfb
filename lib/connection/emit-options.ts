import type { RetryStrategy } from '../exchange/retry-strategy.js';

/** How an emit is sent again until its receiver has acknowledged it. */
export interface ReliableOptions {
  /**
   * When it is sent again after a wait without an acknowledgement, or after an error that says **retry**; `false`: it is
   * given up. @default exponential({ count: 5 })
   */
  readonly retry?: RetryStrategy;
  /** Wait for the acknowledgement each time, in milliseconds; none of it passes while the client is away. @default `timeouts.requestMs` */
  readonly ackMs?: number;
  /** As in {@link RequestOptions.ack}. @default by the connection only */
  readonly ack?: 'http';
}

/** How one emit is sent. */
export interface EmitOptions {
  /** What a slow connection's `latest-only` policy replaces by. @default the event's name */
  readonly key?: string;
  /** Sends only to those who can take it at once; others miss it, counted. @default false */
  readonly volatile?: boolean;
  /** Splits the message into continuation frames of this many payload bytes, so that pings, pongs and close pass between (RFC 6455 section 5.4). @default the module's `fragmentBytes` */
  readonly fragmentBytes?: number | false;
  /** Travels beside the data. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /**
   * Asks each receiver to acknowledge it, and sends it again, with the same id and `meta.key`, until it has; what is given up is a
   * dead letter (`onDeadLetter` of gateways). A receiver may get it more than once. @default false
   */
  readonly reliable?: boolean | ReliableOptions;
}

/** How an answer is waited for. */
export interface RequestOptions {
  /** Wait in milliseconds before the promise rejects with `ACK_TIMEOUT`; with `retry`, each time it is asked. @default 10_000 */
  readonly timeoutMs?: number;
  /** Asks again, with the same id, after a wait without an answer or an error that says **retry**. @default not at all */
  readonly retry?: RetryStrategy;
  /**
   * Sends a token along (`meta.ack`), by which the answer may come over HTTP instead, from whoever has it: `createAckHandler`. @default by the connection only
   */
  readonly ack?: 'http';
  /** Rejects with `CANCELLED` when aborted. */
  readonly signal?: AbortSignal;
  /** Travels beside the data. */
  readonly meta?: Readonly<Record<string, unknown>>;
}
