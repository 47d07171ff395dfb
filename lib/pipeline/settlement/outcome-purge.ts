import type { TimerHandle } from '../../primitives/clock.js';
import type { TransactionStore } from '../../store/transaction-store.js';
import type { StageHost } from '../middleware.js';

const everyMs = 3_600_000;

/** Forgets outcomes that are too old: at the start, and every hour. */
export class OutcomePurge {
  readonly #store: TransactionStore;
  readonly #host: StageHost;
  readonly #retentionMs: number;
  readonly #today: () => number;
  #timer: TimerHandle = undefined;

  /** @param retentionMs `Infinity`: nothing is forgotten */
  constructor(store: TransactionStore, host: StageHost, retentionMs: number, today: () => number) {
    this.#store = store;
    this.#host = host;
    this.#retentionMs = retentionMs;
    this.#today = today;
  }

  start(): void {
    if (this.#retentionMs === Infinity) return;
    void this.#purge();
    this.#timer = this.#host.clock.setInterval(() => void this.#purge(), everyMs);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#host.clock.clearInterval(this.#timer);
  }

  async #purge(): Promise<void> {
    try {
      this.#host.count(
        'transactions.purged',
        await this.#store.purgeOutcomes(this.#today() - this.#retentionMs),
      );
    } catch (error) {
      this.#host.count('transactions.store-failed');
      this.#host.log.error('TRANSACTIONS', error);
    }
  }
}
