import { randomId } from '../primitives/random-id.js';
import { encodeEmit, type OutboxEmitOptions, type OutboxTarget } from './outbox-emit.js';
import type { StoredEmit } from '../store/transaction-store.js';

/** What an outbox is made of. */
export interface TransactionalOutboxParts {
  insert(tx: unknown, emit: Omit<StoredEmit, 'at'>): Promise<void>;
  flush(): Promise<void>;
}

/**
 * Emits that belong to a transaction of the application's own database: sent when it has committed, and never when it has not. They are
 * sent at least once: a process that dies between sending and noting that repeats it, under the same `meta.key`.
 *
 * @typeParam Tx what the transaction is written through: TypeORM's `EntityManager`, Prisma's `TransactionClient`
 * @example
 * await this.dataSource.transaction(async (tx) => {
 *   await tx.save(order);
 *   await this.outbox.emit(tx, { room: 'orders' }, 'order.created', order);
 * });
 */
export class TransactionalOutbox<Tx = unknown> {
  readonly #parts: TransactionalOutboxParts;

  /** @internal */
  constructor(parts: TransactionalOutboxParts) {
    this.#parts = parts;
  }

  /**
   * Writes an emit into the transaction `tx`. To a room it is published: a room with history remembers it.
   *
   * @returns its id: its `meta.key` for receivers, unless `options.meta` has one
   * @throws {TypeError} for data that cannot be kept; what the database throws otherwise, which is to end the transaction
   */
  async emit(
    tx: Tx,
    target: OutboxTarget,
    event: string,
    data?: unknown,
    options: OutboxEmitOptions = {},
  ): Promise<string> {
    const id = randomId();
    const { meta, key } = options;
    await this.#parts.insert(tx, { id, body: encodeEmit({ target, event, data, meta, key }) });
    return id;
  }

  /**
   * Sends what is committed at once. After a handler with `@RecordOutcome('transaction')` that happens of itself; else the outbox is
   * looked into every `pollMs`. Rejects when the database, or the history of a room, cannot be reached: it is tried again later.
   */
  flush(): Promise<void> {
    return this.#parts.flush();
  }
}
