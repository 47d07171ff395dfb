import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { DataSource, type EntityManager } from 'typeorm';
import { Turns } from '../../lib/store/transaction/turns.js';
import { TypeOrmTransactionStore } from '../../lib/store/transaction/typeorm.js';
import { documentedSql } from './documented-sql.js';

/** TypeORM on a SQLite file of its own, with the tables of docs/transactions.md and one of the application's. */
export class TypeOrmDatabase {
  readonly dataSource: DataSource;
  readonly turns = new Turns();
  readonly store: TypeOrmTransactionStore;
  readonly file: string;
  readonly #folder: string | null;

  private constructor(dataSource: DataSource, file: string, folder: string | null) {
    this.file = file;
    this.dataSource = dataSource;
    this.#folder = folder;
    this.store = new TypeOrmTransactionStore(dataSource, { dialect: 'sqlite', turns: this.turns });
  }

  /** @param file one that stays; else there is a new one */
  static async open(file?: string): Promise<TypeOrmDatabase> {
    const folder = file === undefined ? mkdtempSync(join(tmpdir(), 'gatewire-typeorm-')) : null;
    const path = file ?? join(folder as string, 'app.db');
    const dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: path,
      // The same interface, with its binary in the package.
      driver: Database,
      enableWAL: true,
    }).initialize();
    for (const statement of documentedSql('sqlite')) await dataSource.query(statement);
    await dataSource.query('CREATE TABLE IF NOT EXISTS effects (n INTEGER NOT NULL)');
    return new TypeOrmDatabase(dataSource, path, folder);
  }

  transaction<Result>(work: (tx: EntityManager) => Promise<Result>): Promise<Result> {
    return this.turns.run(() => this.dataSource.transaction(work));
  }

  async insert(tx: EntityManager, n = 1): Promise<void> {
    await tx.query('INSERT INTO effects (n) VALUES (?)', [n]);
  }

  async count(): Promise<number> {
    return (await this.effects()).length;
  }

  async effects(): Promise<number[]> {
    const rows = await this.turns.run<{ n: number }[]>(() =>
      this.dataSource.query('SELECT n FROM effects ORDER BY rowid'),
    );
    return rows.map(({ n }) => n);
  }

  /** Emits that wait to be sent. */
  async waiting(): Promise<number> {
    const rows = await this.turns.run<[{ n: number }]>(() =>
      this.dataSource.query('SELECT COUNT(*) AS n FROM gatewire_outbox'),
    );
    return rows[0].n;
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true });
  }
}
