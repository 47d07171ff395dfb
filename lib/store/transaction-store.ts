/** What a message came to, as it is kept beside its effect. */
export interface StoredOutcome {
  /** What the message is known by: at most 64 ASCII characters. */
  readonly key: string;
  /** A text; what is in it is not the store's business. */
  readonly record: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** A message that is to be sent when the transaction it belongs to has committed. */
export interface StoredEmit {
  /** Unique: the same however often it is sent. At most 64 ASCII characters. */
  readonly id: string;
  /** A text; what is in it is not the store's business. */
  readonly body: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Who takes emits, and which. */
export interface EmitClaim {
  /** The process. */
  readonly owner: string;
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Until when nobody else may take what is taken now. */
  readonly leaseUntil: number;
  /** Most emits. */
  readonly limit: number;
}

/**
 * Two tables in the application's own database: outcomes of messages, and emits that wait to be sent.
 *
 * What takes a transaction MUST write in it and nowhere else: it is there for others when the application has committed, and never
 * when it has not. What takes none MUST NOT take part in a transaction of the application, and MUST see only what is committed. A
 * promise that rejects means that nothing is known: {@link TransactionStore.findOutcome} tells.
 *
 * @typeParam Tx what the application's transactions are written through: TypeORM's `EntityManager`, Prisma's `TransactionClient`
 */
export interface TransactionStore<Tx = unknown> {
  /** The outcome with this key, once it is committed. */
  findOutcome(key: string): Promise<StoredOutcome | undefined>;
  /** MUST reject when the key is there: of two transactions with one key, at most one commits. */
  insertOutcome(tx: Tx, outcome: StoredOutcome): Promise<void>;
  /** Forgets outcomes from before a time (milliseconds since 1970). Resolves with how many. */
  purgeOutcomes(before: number): Promise<number>;
  /** An emit that `owner` alone may take until `leaseUntil`; then whoever comes first. */
  insertEmit(tx: Tx, emit: StoredEmit, owner: string, leaseUntil: number): Promise<void>;
  /**
   * Takes committed emits that are the owner's, or nobody's any more, in the order in which they were inserted. MUST give an emit to
   * one of several who ask at the same time.
   */
  claimEmits(claim: EmitClaim): Promise<readonly StoredEmit[]>;
  /** Forgets emits that are sent. MUST NOT mind ids that are gone. */
  removeEmits(ids: readonly string[]): Promise<void>;
}
