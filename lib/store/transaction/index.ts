/** `gatewire/transactions`: outcomes and emits within the application's own transactions. */
export type { EmitClaim, StoredEmit, StoredOutcome, TransactionStore } from '../transaction-store.js';
export type { SqlDialect, SqlStatement } from './sql-statement.js';
export { SqlTransactionStore, type SqlTransactionStoreOptions } from './sql-transaction-store.js';
export { Turns } from './turns.js';
export {
  type TypeOrmDataSource,
  type TypeOrmTransaction,
  TypeOrmTransactionStore,
  type TypeOrmTransactionStoreOptions,
} from './typeorm.js';
export { type PrismaQueries, PrismaTransactionStore } from './prisma.js';
