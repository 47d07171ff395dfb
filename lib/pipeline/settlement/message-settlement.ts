/** Writes into a transaction that the message of a handler is done. */
export type WriteOutcome<Tx> = (tx: Tx, reply: unknown) => Promise<void>;

/**
 * What a handler with `@RecordOutcome('transaction')` ends its transaction with: that the message has been handled, and its reply, become
 * part of it.
 *
 * @typeParam Tx what the transaction is written through: TypeORM's `EntityManager`, Prisma's `TransactionClient`
 */
export class MessageSettlement<Tx = unknown> {
  readonly #write: WriteOutcome<Tx> | null;
  #isAttempted = false;
  #reply: unknown = undefined;

  /** @internal @param write null: nothing would tell a repeat of this message, and nothing is recorded */
  constructor(write: WriteOutcome<Tx> | null) {
    this.#write = write;
  }

  /** @internal Whether something may have been written. */
  get isAttempted(): boolean {
    return this.#isAttempted;
  }

  /** @internal What was written last. */
  get reply(): unknown {
    return this.#reply;
  }

  /**
   * Records the reply in the transaction `tx`, and returns it. Call it in the transaction, await it, let what it throws end the transaction,
   * and return what it gives from the handler. A transaction that is tried again settles again.
   *
   * Rejects when the message has been handled meanwhile: then the transaction must not commit, and the requester gets what was recorded.
   */
  async settle<Reply>(tx: Tx, reply: Reply): Promise<Reply> {
    if (this.#write === null) return reply;
    this.#isAttempted = true;
    this.#reply = reply;
    await this.#write(tx, reply);
    return reply;
  }
}
