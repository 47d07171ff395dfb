/** How much of a log is kept: the latest messages within all of the bounds. `Infinity`: any number. */
export interface Retention {
  readonly count: number;
  /** Of their bodies, and keys, as UTF-8. */
  readonly bytes: number;
  /** In milliseconds since they were appended. */
  readonly ageMs: number;
  /** Of messages with the same key only the latest is kept. */
  readonly latestPerKey: boolean;
}

/** A message as a log keeps it: the log does not look into it. */
export interface LoggedMessage {
  readonly body: string | Uint8Array;
  /** For {@link Retention.latestPerKey}. */
  readonly key?: string | undefined;
}

/** A message in its place. */
export interface LogEntry extends LoggedMessage {
  /** Its place in the log: 1 for the first, one more for each. */
  readonly offset: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly at: number;
}

/** How far a log has come. */
export interface LogPosition {
  /** The life of the log that offsets belong to: another one when continuity cannot be promised. */
  readonly epoch: string;
  /** Of the last message; 0 before the first. */
  readonly offset: number;
}

/** Which entries are read. */
export interface LogQuery {
  /** Those with a higher offset. @default 0 */
  readonly after?: number;
  /** Those with a lower offset. @default Infinity */
  readonly before?: number;
  /** Which come first, and are there when there are more than fit. @default 'oldest' */
  readonly order?: 'oldest' | 'newest';
  /** Most entries: 0 for the position alone. */
  readonly limit: number;
  /** Most bytes of bodies and keys; the first entry comes whatever its size. */
  readonly maxBytes: number;
}

/** What was read. */
export interface LogPage extends LogPosition {
  readonly entries: readonly LogEntry[];
  /** Whether nothing after `after` was lost to `count`, `bytes` or `ageMs`, in this epoch. A later message with the same key is no loss. */
  readonly isWhole: boolean;
}

/**
 * Messages in order, by the name of a log (a room's), within bounds.
 *
 * MUST number each log from 1 without gaps, in the order of the calls of `append`, also where they are not awaited. MUST
 * take a new epoch where it cannot promise that: a log that was removed, evicted or lost begins at 1 again; in a store that
 * has come back with less than it had confirmed, what is left may keep its offsets. A log without a message is in the epoch
 * of its first one, unless another log was forgotten in between. MUST NOT return what is beyond the retention of the latest append,
 * nor what is too old at the moment of reading, or was so by the retention before. A position that was returned or resolved MUST hold as long as the driver
 * promises (its documentation says against what); a read MUST see every append before it in this process. MUST bound the
 * number of logs. What it throws, or rejects with, is a failure of the store: nothing was appended, or the epoch changes.
 */
export interface MessageLog {
  append(log: string, message: LoggedMessage, retention: Retention): LogPosition | PromiseLike<LogPosition>;
  read(log: string, query: LogQuery): LogPage | PromiseLike<LogPage>;
  /** Forgets a log: its next message begins a new epoch. */
  remove(log: string): void | PromiseLike<void>;
  /** Finishes what was begun, and lets go of everything. */
  close?(): void | PromiseLike<void>;
}
