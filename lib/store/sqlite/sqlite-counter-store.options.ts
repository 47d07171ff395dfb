import { wholeNumber } from '../../primitives/option-checks.js';
import type { SqliteCountersSettings } from './sqlite-counters.js';
import {
  resolveFileOptions,
  resolveStoreOptions,
  type SqliteStoreOptions,
  type StoreSettings,
} from './sqlite-store.options.js';

/** Where counters are kept, and how many. Its `worker` is `counter-worker.js`; `durability` is `'normal'` unless it is given. */
export interface SqliteCounterStoreOptions extends SqliteStoreOptions {
  /** Keys that are remembered; for one more the one that recovers first is forgotten. @default 1_000_000 */
  readonly keys?: number;
  /** A key that had not recovered was forgotten for a new one. */
  readonly onEvict?: () => void;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface SqliteCounterStoreSettings extends StoreSettings {
  readonly counters: SqliteCountersSettings;
  readonly onEvict: (() => void) | undefined;
  readonly now: () => number;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveSqliteCounterStoreOptions(
  options: SqliteCounterStoreOptions,
): SqliteCounterStoreSettings {
  const { keys = 1_000_000, durability = 'normal', onEvict, now = Date.now } = options;
  return {
    ...resolveStoreOptions(options),
    counters: { ...resolveFileOptions({ ...options, durability }, false), keys: wholeNumber('keys', keys) },
    onEvict,
    now,
  };
}
