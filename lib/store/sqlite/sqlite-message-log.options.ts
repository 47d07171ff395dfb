import { wholeNumber } from '../../primitives/option-checks.js';
import type { SqliteLogsSettings } from './sqlite-logs.js';
import {
  resolveFileOptions,
  resolveStoreOptions,
  type SqliteStoreOptions,
  type StoreSettings,
} from './sqlite-store.options.js';

/** Where a log is kept, how safely, and how much of it. Its `worker` is `log-worker.js`. */
export interface SqliteMessageLogOptions extends SqliteStoreOptions {
  /** Logs that are kept; for one more the one that was appended to longest ago is forgotten. @default 10_000 */
  readonly logs?: number;
  /** Bodies from this size on are compressed. @default never */
  readonly compression?: { readonly thresholdBytes: number };
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface SqliteMessageLogSettings extends StoreSettings {
  readonly logs: SqliteLogsSettings;
  readonly now: () => number;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveSqliteMessageLogOptions(options: SqliteMessageLogOptions): SqliteMessageLogSettings {
  const { logs = 10_000, compression, now = Date.now } = options;
  return {
    ...resolveStoreOptions(options),
    logs: {
      ...resolveFileOptions(options, false),
      logs: wholeNumber('logs', logs),
      compressFrom:
        compression === undefined
          ? Infinity
          : wholeNumber('compression.thresholdBytes', compression.thresholdBytes, 0),
    },
    now,
  };
}
