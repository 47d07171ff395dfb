import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import type { StoreError } from '../store-error.js';
import { type SqliteDriver, sqliteDrivers } from './sqlite-driver.js';
import type { FileSettings, SqliteDurability } from './transactions.js';

/** Where a store is kept, how safely, and what may wait for it. */
export interface SqliteStoreOptions {
  /** Of the database; `-wal`, `-shm` and `-mark` are beside it. Its folder exists. */
  readonly file: string;
  /**
   * What is confirmed survives. `full`: that the machine loses its power. `normal`: that the process is killed; when the
   * machine stops, the last commits may be lost, and then nobody goes on from what is left: every epoch changes, and sessions
   * are over. @default 'full'
   */
  readonly durability?: SqliteDurability;
  /** @default the first that is there of 'node:sqlite', 'better-sqlite3', 'libsql' */
  readonly driver?: SqliteDriver;
  /** Calls that wait for the disk; one more is refused. @default 10_000 */
  readonly queued?: number;
  /** Bytes that wait for the disk; what goes beyond it is refused, unless nothing waits. @default 16_777_216 */
  readonly queuedBytes?: number;
  /** How large the database may become, beside its write-ahead log; `false`: as large as the disk. @default false */
  readonly maxFileBytes?: number | false;
  /** How long it waits for another process that has the file. @default 5_000 */
  readonly busyMs?: number;
  /** What was confirmed is gone, or may be. @default a warning of the process */
  readonly onLoss?: (error: StoreError) => void;
  /** The program of the thread, for applications that are bundled: a copy of the file of `dist/esm/store/sqlite` (see the guide). */
  readonly worker?: string | URL;
}

/** What waits, and who is told. */
export interface QueueSettings {
  readonly queued: number;
  readonly queuedBytes: number;
  /** Why it is not certain that everything is there which was confirmed. */
  readonly onLoss: (loss: string) => void;
}

/** Of every store. */
export interface StoreSettings {
  readonly driver: SqliteDriver | undefined;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly onLoss: (error: StoreError) => void;
  readonly worker: string | URL | undefined;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveStoreOptions(options: SqliteStoreOptions): StoreSettings {
  const { driver, queued = 10_000, queuedBytes = 16_777_216, onLoss, worker } = options;
  if (driver !== undefined && !sqliteDrivers.includes(driver)) {
    throw new OptionError('driver', `one of ${sqliteDrivers.join(', ')}`, driver);
  }
  return {
    driver,
    queued: wholeNumber('queued', queued),
    queuedBytes: wholeNumber('queuedBytes', queuedBytes),
    onLoss: onLoss ?? ((error) => process.emitWarning(error)),
    worker,
  };
}

/** The same, of the file. @throws {OptionError} */
export function resolveFileOptions(options: SqliteStoreOptions, isExclusive: boolean): FileSettings {
  const { file, durability = 'full', maxFileBytes = false, busyMs = 5_000 } = options;
  if (typeof file !== 'string' || file === '' || file === ':memory:') {
    throw new OptionError('file', 'the path of a file', file);
  }
  if (!['full', 'normal'].includes(durability))
    throw new OptionError('durability', "'full' or 'normal'", durability);
  return {
    file,
    durability,
    maxFileBytes: limit('maxFileBytes', maxFileBytes, 65_536),
    busyMs: wholeNumber('busyMs', busyMs, 0),
    isExclusive,
  };
}
