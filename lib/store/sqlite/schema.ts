import { StoreError } from '../store-error.js';
import type { SqliteDatabase } from './sqlite-driver.js';

/** The tables of a kind of store. */
export interface Schema {
  /** `file` shows it, so that one kind is not taken for another. */
  readonly applicationId: number;
  /** Counts up with each change to the tables that an earlier version of gatewire cannot read. */
  readonly version: number;
  readonly tables: string;
  /** Writes what a new file has to begin with. */
  fill(db: SqliteDatabase): void;
}

/** Makes the tables in a new file, or makes sure that they are these; in a transaction. @throws {StoreError} */
export function prepareSchema(db: SqliteDatabase, schema: Schema): void {
  const version = pragma(db, 'user_version');
  const owner = pragma(db, 'application_id');
  const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  if (count === 0 && version === 0) {
    db.exec(schema.tables);
    db.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${schema.version}`);
    schema.fill(db);
  } else if (owner !== schema.applicationId) {
    throw new StoreError('incompatible', 'the file holds another database: give the store one of its own');
  } else if (version !== schema.version) {
    throw new StoreError(
      'incompatible',
      `the file was written by a newer gatewire (tables of version ${version}, this one knows ${schema.version})`,
    );
  }
}

/** The value of a pragma that has one. */
export function pragma(db: SqliteDatabase, name: string): string | number | undefined {
  const row = db.prepare(`PRAGMA ${name}`).get() as Record<string, string | number> | undefined;
  return row?.[name.split('=')[0]!.trim()];
}
