import type { LogFailure } from './log-asks.js';
import type { PackedAnswers, PackedAsks } from './packed-asks.js';
import type { SqliteDriver } from './sqlite-driver.js';
import type { SqliteLogsSettings } from './sqlite-logs.js';

/** What the thread is started with. */
export interface WorkerStart {
  readonly settings: SqliteLogsSettings;
  readonly driver: SqliteDriver | undefined;
  /** Why it is not known what of the last asks was done. */
  readonly doubt: string | undefined;
}

/** To the thread: asks, or that it should end. */
export type ToWorker = PackedAsks | 'close';

/** From the thread. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly loss: string | undefined }
  /** It has opened nothing, and ends. */
  | { readonly kind: 'refused'; readonly reason: LogFailure | 'no driver' }
  /** Of one transaction, in the order of the asks. */
  | { readonly kind: 'done'; readonly answers: PackedAnswers }
  | { readonly kind: 'closed'; readonly failure: LogFailure | undefined };
