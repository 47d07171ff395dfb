import type { OnApplicationShutdown } from '@nestjs/common';
import { type TransactionStore, Turns, TypeOrmTransactionStore } from 'gatewire/transactions';
import Database from 'libsql';
import { DataSource, type EntityManager } from 'typeorm';
import { tables } from './tables.js';
import type { Mortality } from './mortality.js';
import { OrderRow } from './order-row.js';

/** The application's own database: a SQLite file, by TypeORM. */
export class OrdersDatabase implements OnApplicationShutdown {
  readonly outcomes: TransactionStore<EntityManager>;
  readonly #dataSource: DataSource;
  readonly #turns: Turns;
  readonly #mortality: Mortality;

  private constructor(dataSource: DataSource, mortality: Mortality) {
    this.#dataSource = dataSource;
    this.#mortality = mortality;
    this.#turns = new Turns();
    this.outcomes = new MortalOutcomes(dataSource, { dialect: 'sqlite', turns: this.#turns }, mortality);
  }

  static async open(file: string, mortality: Mortality): Promise<OrdersDatabase> {
    const dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: file,
      // The same interface, with its binary in the package.
      driver: Database,
      enableWAL: true,
      entities: [OrderRow],
    }).initialize();
    for (const statement of tables) await dataSource.query(statement);
    return new OrdersDatabase(dataSource, mortality);
  }

  /** Runs `work` in a transaction. */
  async transaction<Result>(work: (tx: EntityManager) => Promise<Result>): Promise<Result> {
    const result = await this.#turns.run(() =>
      this.#dataSource.transaction(async (tx) => {
        const done = await work(tx);
        this.#mortality.reached('uncommitted');
        return done;
      }),
    );
    this.#mortality.reached('unanswered');
    return result;
  }

  /** Reads between transactions: with SQLite all of TypeORM is one connection. */
  read<Result>(query: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.#turns.run(() => query(this.#dataSource.manager));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#dataSource.destroy();
  }
}

/** Outcomes and outbox of a process that may die between sending an emit and noting that. */
class MortalOutcomes extends TypeOrmTransactionStore {
  readonly #mortality: Mortality;

  constructor(
    dataSource: DataSource,
    options: ConstructorParameters<typeof TypeOrmTransactionStore>[1],
    mortality: Mortality,
  ) {
    super(dataSource, options);
    this.#mortality = mortality;
  }

  override removeEmits(ids: readonly string[]): Promise<void> {
    this.#mortality.reached('unnoted');
    return super.removeEmits(ids);
  }
}
