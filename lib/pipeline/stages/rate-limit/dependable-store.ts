import { isPromise } from '../../../primitives/is-promise.js';
import { within } from '../../../primitives/within.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../../../store/counter-store.js';
import type { StageHost } from '../../middleware.js';

/** What a {@link DependableStore} is made of. */
export interface DependableStoreSettings {
  readonly store: CounterStore;
  /** Counts while the store does not. MUST be synchronous and MUST NOT fail. */
  readonly fallback: CounterStore;
  readonly timeoutMs: number;
  readonly host: StageHost;
}

/** A store that fails, or takes too long, neither stops messages nor lets them all through: this process counts. */
export class DependableStore implements CounterStore {
  readonly #settings: DependableStoreSettings;

  constructor(settings: DependableStoreSettings) {
    this.#settings = settings;
  }

  take(
    key: string,
    rule: CounterRule,
    messages: number,
    bytes: number,
  ): CounterVerdict | Promise<CounterVerdict> {
    const { store, fallback, timeoutMs, host } = this.#settings;
    const countHere = (error: unknown): CounterVerdict => {
      host.count('rate-limit.store-failed');
      host.log.error('RATE_LIMIT_STORE', error);
      return fallback.take(key, rule, messages, bytes) as CounterVerdict;
    };
    try {
      const verdict = store.take(key, rule, messages, bytes);
      if (!isPromise(verdict)) return verdict;
      return within(host.clock, timeoutMs, verdict, 'the counter store').catch(countHere);
    } catch (error) {
      return countHere(error);
    }
  }
}
