import { BloomGenerations } from '../../../exchange/bloom-generations.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { within } from '../../../primitives/within.js';
import type { DedupRecord, DedupStore } from '../../../store/dedup-store.js';
import type { StageHost } from '../../middleware.js';
import type { ResolvedDeduplicate } from './deduplicate.options.js';

/** The store, asked only about what may be in it. */
export class FarMemory {
  readonly #store: DedupStore;
  readonly #options: ResolvedDeduplicate;
  readonly #host: StageHost;
  readonly #bloom: BloomGenerations | null;
  /** From then on the filter has seen every key that the store remembers. */
  readonly #bloomKnowsAllAt: number;

  constructor(store: DedupStore, options: ResolvedDeduplicate, host: StageHost) {
    const { bloom, ttlMs } = options;
    this.#store = store;
    this.#options = options;
    this.#host = host;
    this.#bloom =
      bloom === null
        ? null
        : new BloomGenerations({ ...bloom, ttlMs }, crypto.getRandomValues(new Uint32Array(1))[0] as number);
    this.#bloomKnowsAllAt = host.clock.now() + ttlMs;
  }

  /** Undefined: it is new, and the caller's. Rejects or throws when the store does not answer. */
  claim(key: string, event: string): DedupRecord | undefined | Promise<DedupRecord | undefined> {
    const { clock } = this.#host;
    const now = clock.now();
    const isNew =
      this.#bloom !== null && now >= this.#bloomKnowsAllAt && !this.#bloom.mayHave(this.#keyOf(key), now);
    if (isNew) {
      this.#host.count('deduplicate.store-spared');
      return undefined;
    }
    this.#host.count('deduplicate.store-asked');
    const { ttlMs, storeTimeoutMs } = this.#options;
    const answer = this.#store.claim(this.#keyOf(key), event, ttlMs);
    return isPromise(answer) ? within(clock, storeTimeoutMs, answer, 'the deduplication store') : answer;
  }

  /** Remembers what became of a key, in the background. What still runs is known without asking anybody. */
  settle(key: string, record: DedupRecord): void {
    this.#bloom?.add(this.#keyOf(key), this.#host.clock.now());
    this.#inBackground(() => this.#store.settle(this.#keyOf(key), record, this.#options.ttlMs));
  }

  /** Forgets a key, in the background. */
  release(key: string): void {
    this.#inBackground(() => this.#store.release(this.#keyOf(key)));
  }

  #inBackground(work: () => void | PromiseLike<void>): void {
    const failed = (error: unknown): void => {
      this.#host.count('deduplicate.store-failed');
      this.#host.log.error('DEDUPLICATE_STORE', error);
    };
    try {
      const pending = work();
      if (isPromise(pending)) pending.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #keyOf(key: string): string {
    return `${this.#options.name}:${key}`;
  }
}
