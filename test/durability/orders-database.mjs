import Database from 'libsql';

const tables = [
  'CREATE TABLE IF NOT EXISTS effects (n INTEGER NOT NULL, life INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS gatewire_outcomes (
    message_key TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL, recorded_at INTEGER NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS gatewire_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, created_at INTEGER NOT NULL,
    lease_owner TEXT NOT NULL, lease_until INTEGER NOT NULL
  )`,
];

/** An application's own database, with its effects, and gatewire's two tables beside them. */
export class OrdersDatabase {
  #database;
  #turns;

  static async open(file, load) {
    const { SqlTransactionStore, Turns } = await load('store/transaction/index.js');
    const database = new Database(file);
    // It is the process that dies, not the machine: nothing has to be synced.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    for (const table of tables) database.exec(table);
    return new OrdersDatabase(database, new Database(file), new Turns(), SqlTransactionStore);
  }

  /** @param reader sees what is committed, and waits for nobody */
  constructor(database, reader, turns, SqlTransactionStore) {
    this.#database = database;
    this.#turns = turns;
    const run = ({ text, values }) => database.prepare(text).run(...values);
    this.store = new (class extends SqlTransactionStore {
      async write(_tx, statement) {
        run(statement);
      }
      /** There is one connection that writes: what is outside of a transaction waits for its end, and not for those that wait. */
      change(statement) {
        return turns.runNext(async () => run(statement));
      }
      async read({ text, values }) {
        return reader.prepare(text).all(...values);
      }
    })({ dialect: 'sqlite' });
  }

  /** Runs `work` in a transaction. */
  transaction(work) {
    const database = this.#database;
    const insert = database.prepare('INSERT INTO effects (n, life) VALUES (?, ?)');
    return this.#turns.run(async () => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = await work({ effect: (n, life) => insert.run(n, life) });
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    });
  }
}
