import type { SqliteDriver } from './sqlite-driver.js';
import type { StoreFailure } from './store-failure.js';

/** What the thread is started with. */
export interface WorkerStart<Settings> {
  readonly settings: Settings;
  readonly driver: SqliteDriver | undefined;
  /** Why it is not known what of the last asks was done. */
  readonly doubt: string | undefined;
}

/** To the thread: asks, packed as its store does it, or that it should end. */
export type ToWorker = { readonly asks: unknown } | 'close';

/** From the thread. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly loss: string | undefined }
  /** It has opened nothing, and ends. */
  | { readonly kind: 'refused'; readonly reason: StoreFailure | 'no driver' }
  /** Of one transaction, in the order of the asks. */
  | { readonly kind: 'done'; readonly count: number; readonly answers: unknown }
  | { readonly kind: 'closed'; readonly failure: StoreFailure | undefined };

/** What travels between threads, and what goes with it instead of being copied. */
export interface Packed {
  readonly content: unknown;
  readonly transfer: readonly ArrayBuffer[];
}
