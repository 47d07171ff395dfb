import { wholeNumber } from '../../primitives/option-checks.js';
import type { SqliteSessionsSettings } from './sqlite-sessions.js';
import {
  resolveFileOptions,
  resolveStoreOptions,
  type SqliteStoreOptions,
  type StoreSettings,
} from './sqlite-store.options.js';

/** Where sessions are kept, how safely, and how many. Its `worker` is `session-worker.js`. */
export interface SqliteSessionStoreOptions extends SqliteStoreOptions {
  /** Sessions that are kept; one more is refused. @default 100_000 */
  readonly sessions?: number;
}

export interface SqliteSessionStoreSettings extends StoreSettings {
  readonly sessions: SqliteSessionsSettings;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveSqliteSessionStoreOptions(
  options: SqliteSessionStoreOptions,
): SqliteSessionStoreSettings {
  const { sessions = 100_000 } = options;
  return {
    ...resolveStoreOptions(options),
    sessions: { ...resolveFileOptions(options, true), sessions: wholeNumber('sessions', sessions) },
  };
}
