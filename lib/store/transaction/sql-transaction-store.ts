import type { EmitClaim, StoredEmit, StoredOutcome, TransactionStore } from '../transaction-store.js';
import { OptionError } from '../../primitives/option-error.js';
import { type SqlDialect, sqlOf, type SqlStatement, SqlTable } from './sql-statement.js';

/** What both tables are called, and the dialect of their database. */
export interface SqlTransactionStoreOptions {
  readonly dialect: SqlDialect;
  /** Table of outcomes. @default 'gatewire_outcomes' */
  readonly outcomes?: string;
  /** Table of emits. @default 'gatewire_outbox' */
  readonly outbox?: string;
}

type Row = Readonly<Record<string, unknown>>;

/** The SQL of the port, for whatever can run a statement. It needs no more of a database than both dialects have. */
export abstract class SqlTransactionStore<Tx> implements TransactionStore<Tx> {
  readonly #sql: ReturnType<typeof sqlOf>;
  readonly #outcomes: SqlTable;
  readonly #outbox: SqlTable;

  /** @throws {OptionError} */
  constructor({
    dialect,
    outcomes = 'gatewire_outcomes',
    outbox = 'gatewire_outbox',
  }: SqlTransactionStoreOptions) {
    if (!['sqlite', 'postgres'].includes(dialect))
      throw new OptionError('dialect', '"sqlite" or "postgres"', dialect);
    this.#sql = sqlOf(dialect);
    this.#outcomes = new SqlTable('outcomes', outcomes);
    this.#outbox = new SqlTable('outbox', outbox);
  }

  /** Runs a statement in a transaction of the application's. */
  protected abstract write(tx: Tx, statement: SqlStatement): Promise<unknown>;
  /** Runs a statement outside of all transactions. */
  protected abstract change(statement: SqlStatement): Promise<unknown>;
  /** Reads outside of all transactions. */
  protected abstract read(statement: SqlStatement): Promise<readonly Row[]>;

  async findOutcome(key: string): Promise<StoredOutcome | undefined> {
    const [row] = await this.read(
      this.#sql`SELECT message_key, record, recorded_at FROM ${this.#outcomes} WHERE message_key = ${key}`,
    );
    return (
      row && {
        key: String(row['message_key']),
        record: String(row['record']),
        at: Number(row['recorded_at']),
      }
    );
  }

  async insertOutcome(tx: Tx, { key, record, at }: StoredOutcome): Promise<void> {
    await this.write(
      tx,
      this
        .#sql`INSERT INTO ${this.#outcomes} (message_key, record, recorded_at) VALUES (${key}, ${record}, ${at})`,
    );
  }

  async purgeOutcomes(before: number): Promise<number> {
    // Counted first: what a statement has changed is told in another way by every library.
    const old = this.#sql`SELECT COUNT(*) AS old FROM ${this.#outcomes} WHERE recorded_at < ${before}`;
    const count = Number((await this.read(old))[0]?.['old']);
    if (count > 0) await this.change(this.#sql`DELETE FROM ${this.#outcomes} WHERE recorded_at < ${before}`);
    return count;
  }

  async insertEmit(tx: Tx, { id, body, at }: StoredEmit, owner: string, leaseUntil: number): Promise<void> {
    await this.write(
      tx,
      this
        .#sql`INSERT INTO ${this.#outbox} (id, body, created_at, lease_owner, lease_until) VALUES (${id}, ${body}, ${at}, ${owner}, ${leaseUntil})`,
    );
  }

  async claimEmits({ owner, now, leaseUntil, limit }: EmitClaim): Promise<readonly StoredEmit[]> {
    const free = await this.read(
      this
        .#sql`SELECT id FROM ${this.#outbox} WHERE lease_owner = ${owner} OR lease_until <= ${now} ORDER BY position LIMIT ${limit}`,
    );
    // Most of the time there is nothing, and then nothing is locked.
    if (free.length === 0) return [];
    const ids = free.map(({ id }) => String(id));
    // The condition again: another process may have been faster.
    await this.change(
      this
        .#sql`UPDATE ${this.#outbox} SET lease_owner = ${owner}, lease_until = ${leaseUntil} WHERE id IN (${ids}) AND (lease_owner = ${owner} OR lease_until <= ${now})`,
    );
    const taken = await this.read(
      this
        .#sql`SELECT id, body, created_at FROM ${this.#outbox} WHERE lease_owner = ${owner} AND id IN (${ids}) ORDER BY position`,
    );
    return taken.map((row) => ({
      id: String(row['id']),
      body: String(row['body']),
      at: Number(row['created_at']),
    }));
  }

  async removeEmits(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.change(this.#sql`DELETE FROM ${this.#outbox} WHERE id IN (${ids})`);
  }
}
