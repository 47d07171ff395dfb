import { OptionError } from '../../primitives/option-error.js';
import { StoreError, type StoreFault } from '../store-error.js';

/** Packages and modules that speak to SQLite, all of them synchronously. */
export const sqliteDrivers = ['node:sqlite', 'better-sqlite3', 'libsql'] as const;
export type SqliteDriver = (typeof sqliteDrivers)[number];

export type SqlValue = string | number | null | Uint8Array;

/** What the drivers have in common. */
export interface SqliteStatement {
  run(...values: SqlValue[]): unknown;
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

/** What the drivers have in common. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

type DatabaseClass = new (file: string) => SqliteDatabase;

/** Opens a file with a driver, or with the first that is there. @throws {OptionError} when none is; {@link StoreError} */
export async function openSqlite(file: string, driver: SqliteDriver | undefined): Promise<SqliteDatabase> {
  const Database = await findDriver(driver === undefined ? sqliteDrivers : [driver]);
  try {
    return new Database(file);
  } catch (error) {
    throw storeErrorOf(error);
  }
}

async function findDriver(names: readonly SqliteDriver[]): Promise<DatabaseClass> {
  for (const name of names) {
    try {
      const found = (await import(name)) as { DatabaseSync?: DatabaseClass; default?: DatabaseClass };
      const Database = found.DatabaseSync ?? found.default;
      if (Database !== undefined) return Database;
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }
  throw noDriver(names.length === 1 ? names[0] : undefined);
}

/** What is wanted is not there. */
export function noDriver(driver?: SqliteDriver): OptionError {
  const wanted =
    'a driver of SQLite that is there: Node 22.13 or newer has one, else npm install libsql (or better-sqlite3)';
  return new OptionError('driver', wanted, driver);
}

function isAbsence(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_UNKNOWN_BUILTIN_MODULE'
  );
}

/** Result codes, see sqlite.org/rescode.html. The statements are always the same: what is wrong with one is the file. */
const faults: Readonly<Record<number, StoreFault>> = {
  1: 'corrupted',
  5: 'locked',
  6: 'locked',
  11: 'corrupted',
  13: 'full',
  19: 'corrupted',
  20: 'corrupted',
  26: 'corrupted',
};
const codes: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CONSTRAINT: 19,
  SQLITE_MISMATCH: 20,
  SQLITE_NOTADB: 26,
  // A number that nobody has written: Node's own word.
  ERR_OUT_OF_RANGE: 11,
};

/** What a driver has thrown, as what a store throws. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  // node:sqlite has an errcode, libsql a rawCode, better-sqlite3 only a name, to which more may be added.
  const {
    errcode,
    rawCode,
    code = '',
    message,
  } = error as Error & { errcode?: number; rawCode?: number; code?: string };
  const number = errcode ?? rawCode ?? codes[code] ?? codes[code.split('_', 2).join('_')] ?? 0;
  // The lowest byte: what is above it tells the same in more detail.
  return new StoreError(faults[number & 0xff] ?? 'unavailable', `SQLite: ${message}`, error);
}
