import { durationMs, limit, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { randomId } from '../primitives/random-id.js';
import type { TransactionStore } from '../store/transaction-store.js';

/** What is written within the application's own database transactions (docs/transactions.md). */
export interface TransactionOptions {
  /** Two tables in the application's database: `gatewire/transactions` has it for TypeORM and Prisma. */
  readonly store: TransactionStore<any>;
  /** How long an outcome is kept, in milliseconds: a message that comes again later is handled again. `false`: for ever. @default 604_800_000 (7 days) */
  readonly retentionMs?: number | false;
  /** How often the outbox is looked into for what nobody has told of, in milliseconds. @default 1_000 */
  readonly pollMs?: number;
  /** How long emits wait for the process that wrote or took them, in milliseconds; then any other sends them. @default 15_000 */
  readonly leaseMs?: number;
  /** Emits taken at a time. @default 100 */
  readonly batch?: number;
  /** The name of this process among those that share the database; the same when it is started again, which then need not wait for leases. @default a new one each time */
  readonly node?: string;
}

export const transactionDefaults = {
  retentionMs: 604_800_000,
  pollMs: 1_000,
  leaseMs: 15_000,
  batch: 100,
} as const satisfies Required<Omit<TransactionOptions, 'store' | 'node'>>;

/** `Infinity` where there is no limit. */
export type ResolvedTransactionOptions = Required<Omit<TransactionOptions, 'retentionMs'>> & {
  readonly retentionMs: number;
};

/** Fills in defaults. @throws {OptionError} */
export function resolveTransactionOptions(input: TransactionOptions): ResolvedTransactionOptions {
  const { store, node = randomId() } = input;
  // Types do not hold what is made of configuration.
  if (typeof (store as Partial<TransactionStore> | undefined)?.insertOutcome !== 'function')
    throw new OptionError('transactions.store', 'a TransactionStore', store);
  if (typeof node !== 'string' || !/^[\x21-\x7e]{1,64}$/.test(node))
    throw new OptionError('transactions.node', '1 to 64 visible ASCII characters', node);
  const ms = (name: 'pollMs' | 'leaseMs'): number =>
    wholeNumber(
      `transactions.${name}`,
      durationMs(`transactions.${name}`, input[name] ?? transactionDefaults[name], 10),
    );
  return {
    store,
    node,
    retentionMs: limit(
      'transactions.retentionMs',
      input.retentionMs ?? transactionDefaults.retentionMs,
      60_000,
    ),
    pollMs: ms('pollMs'),
    leaseMs: ms('leaseMs'),
    batch: wholeNumber('transactions.batch', input.batch ?? transactionDefaults.batch, 1, 1_000),
  };
}
