import { OptionError } from '../../primitives/option-error.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../../store/counter-store.js';

/** The `ThrottlerStorage` of `@nestjs/throttler` (6), as far as it is used. */
export interface ThrottlerStorageLike {
  /** Counts a hit. Times go in as milliseconds and come out as seconds. */
  increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<{ readonly isBlocked: boolean; readonly timeToBlockExpire: number }>;
}

/** Its implementations tell throttlers of one key apart by name; keys are apart already. */
const throttlerName = 'gatewire';

/**
 * Counts in a `ThrottlerStorage`. It counts hits, one at a time, in a window: so no bytes and no token bucket. A key that
 * has passed its limit is blocked for `perMs` from then on.
 */
export class ThrottlerCounterStore implements CounterStore {
  readonly #storage: ThrottlerStorageLike;

  constructor(storage: ThrottlerStorageLike) {
    this.#storage = storage;
  }

  /** @throws {OptionError} */
  check({ algorithm, bytes }: CounterRule): void {
    if (algorithm !== 'sliding-window')
      throw new OptionError('algorithm', "'sliding-window', all that a ThrottlerStorage can do", algorithm);
    if (bytes !== Infinity)
      throw new OptionError('bytes', 'none, as a ThrottlerStorage counts messages only', bytes);
  }

  async take(key: string, { perMs, messages }: CounterRule): Promise<CounterVerdict> {
    // Blocked for one window, as their guard does by default; some storages take no block for no limit.
    const { isBlocked, timeToBlockExpire } = await this.#storage.increment(
      key,
      perMs,
      messages,
      perMs,
      throttlerName,
    );
    return { isAllowed: !isBlocked, retryAfterMs: isBlocked ? Math.max(1, timeToBlockExpire * 1_000) : 0 };
  }
}

/** Whether something is a `ThrottlerStorage`. */
export function isThrottlerStorage(store: object): store is ThrottlerStorageLike {
  return typeof (store as Partial<ThrottlerStorageLike>).increment === 'function' && !('take' in store);
}
