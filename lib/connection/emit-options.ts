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
}

/** How an answer is waited for. */
export interface RequestOptions {
  /** Wait in milliseconds before the promise rejects with `ACK_TIMEOUT`. @default 10_000 */
  readonly timeoutMs?: number;
  /** Rejects with `CANCELLED` when aborted. */
  readonly signal?: AbortSignal;
  /** Travels beside the data. */
  readonly meta?: Readonly<Record<string, unknown>>;
}
