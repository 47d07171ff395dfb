import { DataSource, type EntityManager } from 'typeorm';
import { TypeOrmTransactionStore } from '../../lib/store/transaction/typeorm.js';
import { documentedSql } from './documented-sql.js';

/** TypeORM on a database of PostgreSQL, with the tables of docs/transactions.md and one of the application's. */
export class PostgresDatabase {
  readonly dataSource: DataSource;
  readonly store: TypeOrmTransactionStore;

  private constructor(dataSource: DataSource) {
    this.dataSource = dataSource;
    this.store = new TypeOrmTransactionStore(dataSource, { dialect: 'postgres' });
  }

  static async open(url: string): Promise<PostgresDatabase> {
    const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
    for (const statement of documentedSql('postgres')) await dataSource.query(statement);
    await dataSource.query('CREATE TABLE IF NOT EXISTS effects (id SERIAL PRIMARY KEY, n INTEGER NOT NULL)');
    return new PostgresDatabase(dataSource);
  }

  transaction<Result>(work: (tx: EntityManager) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction(work);
  }

  async insert(tx: EntityManager, n = 1): Promise<void> {
    await tx.query('INSERT INTO effects (n) VALUES ($1)', [n]);
  }

  async count(): Promise<number> {
    return (await this.effects()).length;
  }

  async effects(): Promise<number[]> {
    const rows = await this.dataSource.query<{ n: number }[]>('SELECT n FROM effects ORDER BY id');
    return rows.map(({ n }) => n);
  }

  /** Emits that wait to be sent. */
  async waiting(): Promise<number> {
    const rows = await this.dataSource.query<[{ n: string }]>('SELECT COUNT(*) AS n FROM gatewire_outbox');
    return Number(rows[0].n);
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }
}
