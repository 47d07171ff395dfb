import type { SqliteDatabase, SqliteStatement } from './sqlite-driver.js';

/** The statements of a database, each prepared once. */
export class PreparedStatements {
  readonly #db: SqliteDatabase;
  readonly #prepared = new Map<string, SqliteStatement>();

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  of(text: string): SqliteStatement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) this.#prepared.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }
}
