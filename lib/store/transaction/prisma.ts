import type { SqlStatement } from './sql-statement.js';
import { SqlTransactionStore, type SqlTransactionStoreOptions } from './sql-transaction-store.js';

/** What is used of a `PrismaClient`, and of the `TransactionClient` that `prisma.$transaction(async (tx) => …)` gives. */
export interface PrismaQueries {
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number>;
  $queryRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * Outcomes and outbox in a database that Prisma is connected to.
 *
 * @example
 * new PrismaTransactionStore(prisma, { dialect: 'sqlite' })
 */
export class PrismaTransactionStore extends SqlTransactionStore<PrismaQueries> {
  readonly #client: PrismaQueries;

  /** @throws {OptionError} */
  constructor(client: PrismaQueries, options: SqlTransactionStoreOptions) {
    super(options);
    this.#client = client;
  }

  protected async write(tx: PrismaQueries, { text, values }: SqlStatement): Promise<unknown> {
    return tx.$executeRawUnsafe(text, ...values);
  }

  protected async change({ text, values }: SqlStatement): Promise<unknown> {
    return this.#client.$executeRawUnsafe(text, ...values);
  }

  protected async read({ text, values }: SqlStatement): Promise<readonly Record<string, unknown>[]> {
    return (await this.#client.$queryRawUnsafe(text, ...values)) as Record<string, unknown>[];
  }
}
