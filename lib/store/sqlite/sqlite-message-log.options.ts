import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import type { StoreError } from '../store-error.js';
import { type SqliteDriver, sqliteDrivers } from './sqlite-driver.js';
import type { SqliteDurability, SqliteLogsSettings } from './sqlite-logs.js';

/** Where a log is kept, how safely, and how much of it. */
export interface SqliteMessageLogOptions {
  /** Of the database; `-wal`, `-shm` and `-mark` are beside it. Its folder exists. */
  readonly file: string;
  /**
   * What an append that was confirmed survives. `full`: that the machine loses its power. `normal`: that the process is
   * killed; when the machine stops, the last commits may be lost, and then every epoch changes. @default 'full'
   */
  readonly durability?: SqliteDurability;
  /** @default the first that is there of 'node:sqlite', 'better-sqlite3', 'libsql' */
  readonly driver?: SqliteDriver;
  /** Logs that are kept; for one more the one that was appended to longest ago is forgotten. @default 10_000 */
  readonly logs?: number;
  /** Bodies from this size on are compressed. @default never */
  readonly compression?: { readonly thresholdBytes: number };
  /** Appends and reads that wait for the disk; one more is refused. @default 10_000 */
  readonly queued?: number;
  /** Bytes of bodies and keys that wait for the disk; what goes beyond it is refused, unless nothing waits. @default 16_777_216 */
  readonly queuedBytes?: number;
  /** How large the database may become, beside its write-ahead log; `false`: as large as the disk. @default false */
  readonly maxFileBytes?: number | false;
  /** How long it waits for another process that writes to the file. @default 5_000 */
  readonly busyMs?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Confirmed messages were lost, or may have been, and so every epoch was changed. @default a warning of the process */
  readonly onLoss?: (error: StoreError) => void;
  /** The program of the thread, for applications that are bundled: a copy of `dist/esm/store/sqlite/log-worker.js`. */
  readonly worker?: string | URL;
}

export interface SqliteMessageLogSettings {
  readonly logs: SqliteLogsSettings;
  readonly driver: SqliteDriver | undefined;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly now: () => number;
  readonly onLoss: (error: StoreError) => void;
  readonly worker: string | URL | undefined;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveSqliteMessageLogOptions(options: SqliteMessageLogOptions): SqliteMessageLogSettings {
  const { file, durability = 'full', driver, logs = 10_000, compression, busyMs = 5_000 } = options;
  const { queued = 10_000, queuedBytes = 16_777_216, maxFileBytes = false, now = Date.now } = options;
  if (typeof file !== 'string' || file === '' || file === ':memory:') {
    throw new OptionError('file', 'the path of a file', file);
  }
  if (!['full', 'normal'].includes(durability))
    throw new OptionError('durability', "'full' or 'normal'", durability);
  if (driver !== undefined && !sqliteDrivers.includes(driver)) {
    throw new OptionError('driver', `one of ${sqliteDrivers.join(', ')}`, driver);
  }
  return {
    logs: {
      file,
      durability,
      logs: wholeNumber('logs', logs),
      compressFrom:
        compression === undefined
          ? Infinity
          : wholeNumber('compression.thresholdBytes', compression.thresholdBytes, 0),
      maxFileBytes: limit('maxFileBytes', maxFileBytes, 65_536),
      busyMs: wholeNumber('busyMs', busyMs, 0),
    },
    driver,
    queued: wholeNumber('queued', queued),
    queuedBytes: wholeNumber('queuedBytes', queuedBytes),
    now,
    onLoss: options.onLoss ?? ((error) => process.emitWarning(error)),
    worker: options.worker,
  };
}
