import type { LogRecord } from './message-log-record.js';

/** Nest's names of levels. */
export type LogLevel = 'verbose' | 'debug' | 'log' | 'warn' | 'error';

/** Where lines go. */
export interface LogSink {
  /** Asked for each message: MUST be quick. */
  isEnabled(level: LogLevel): boolean;
  write(level: LogLevel, record: LogRecord): void;
}

/** A record with its time: milliseconds since the epoch. */
export type AuditRecord = LogRecord & { readonly at: number };

/**
 * Where an audit trail goes: a file, a table, a queue. It gets every record, also those that sampling keeps out of the log.
 *
 * MAY return a promise: the next record is given when it is settled. A record whose write throws or rejects is lost, and
 * counted. MUST NOT send messages about what it writes, or these are audited in their turn.
 */
export interface AuditSink {
  write(record: AuditRecord): void | Promise<void>;
}
