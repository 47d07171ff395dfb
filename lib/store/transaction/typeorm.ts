import { OptionError } from '../../primitives/option-error.js';
import type { SqlStatement } from './sql-statement.js';
import { SqlTransactionStore, type SqlTransactionStoreOptions } from './sql-transaction-store.js';
import type { Turns } from './turns.js';

/** What is used of TypeORM's `DataSource`. */
export interface TypeOrmDataSource {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** What is used of TypeORM's `EntityManager` (or `QueryRunner`): what `dataSource.transaction()` gives. */
export interface TypeOrmTransaction {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

export interface TypeOrmTransactionStoreOptions extends SqlTransactionStoreOptions {
  /**
   * With SQLite, where all of a `DataSource` is one connection: the turns that the application's transactions take as well. Without
   * them what is asked meanwhile would be part of the transaction that is open.
   */
  readonly turns?: Turns;
}

/**
 * Outcomes and outbox in a database that TypeORM is connected to.
 *
 * @example
 * new TypeOrmTransactionStore(dataSource, { dialect: 'postgres' })
 */
export class TypeOrmTransactionStore extends SqlTransactionStore<TypeOrmTransaction> {
  readonly #dataSource: TypeOrmDataSource;
  readonly #turns: Turns | undefined;

  /** @throws {OptionError} */
  constructor(dataSource: TypeOrmDataSource, options: TypeOrmTransactionStoreOptions) {
    super(options);
    if (options.dialect === 'sqlite' && options.turns === undefined)
      throw new OptionError(
        'turns',
        'the Turns that transactions of this DataSource take: with SQLite it is one connection',
        undefined,
      );
    this.#dataSource = dataSource;
    this.#turns = options.turns;
  }

  protected write(tx: TypeOrmTransaction, { text, values }: SqlStatement): Promise<unknown> {
    return tx.query(text, [...values]);
  }

  protected change(statement: SqlStatement): Promise<unknown> {
    return this.#query(statement);
  }

  protected read(statement: SqlStatement): Promise<readonly Record<string, unknown>[]> {
    return this.#query(statement) as Promise<readonly Record<string, unknown>[]>;
  }

  #query({ text, values }: SqlStatement): Promise<unknown> {
    const query = (): Promise<unknown> => this.#dataSource.query(text, [...values]);
    return this.#turns === undefined ? query() : this.#turns.runNext(query);
  }
}
