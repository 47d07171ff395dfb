import type { CounterRule, CounterVerdict } from '../counter-store.js';
import type { Meter } from './meter.js';
import { SlidingWindow } from './sliding-window.js';
import { TokenBucket } from './token-bucket.js';

/** What one key has counted, so that another counter can go on with it. */
export interface KeyCounterState {
  readonly algorithm: CounterRule['algorithm'];
  readonly messages: readonly number[] | null;
  readonly bytes: readonly number[] | null;
}

const allowed: CounterVerdict = { isAllowed: true, retryAfterMs: 0 };

/** Messages and bytes of one key, by its rule: both are counted, or neither is. */
export class KeyCounter {
  readonly #algorithm: CounterRule['algorithm'];
  readonly #messages: Meter | null;
  readonly #bytes: Meter | null;

  /** @param state where it goes on; what was counted in another way says nothing */
  constructor(rule: CounterRule, now: number, state?: KeyCounterState) {
    const known = state?.algorithm === rule.algorithm ? state : undefined;
    this.#algorithm = rule.algorithm;
    this.#messages = createMeter(rule, rule.messages, rule.burstMessages, now, known?.messages);
    this.#bytes = createMeter(rule, rule.bytes, rule.burstBytes, now, known?.bytes);
  }

  /** Whether what it goes on with was counted later than now: the clock was set back. */
  static isAhead({ algorithm, messages, bytes }: KeyCounterState, now: number): boolean {
    const countedAt = algorithm === 'sliding-window' ? -2 : -1;
    return [messages, bytes].some((state) => (state?.at(countedAt) ?? now) > now);
  }

  /** From when on it is as good as new. */
  get idleAt(): number {
    return Math.max(this.#messages?.idleAt ?? -Infinity, this.#bytes?.idleAt ?? -Infinity);
  }

  get state(): KeyCounterState {
    return {
      algorithm: this.#algorithm,
      messages: this.#messages?.state ?? null,
      bytes: this.#bytes?.state ?? null,
    };
  }

  take(now: number, messages: number, bytes: number): CounterVerdict {
    const waitMs = Math.max(this.#messages?.wait(now, messages) ?? 0, this.#bytes?.wait(now, bytes) ?? 0);
    if (waitMs > 0) return { isAllowed: false, retryAfterMs: Math.ceil(waitMs) };
    this.#messages?.add(now, messages);
    this.#bytes?.add(now, bytes);
    return allowed;
  }
}

function createMeter(
  { algorithm, perMs }: CounterRule,
  limit: number,
  burst: number,
  now: number,
  state: readonly number[] | null = null,
): Meter | null {
  if (limit === Infinity) return null;
  return algorithm === 'sliding-window'
    ? new SlidingWindow(limit, perMs, state ?? [], now)
    : new TokenBucket(limit, perMs, burst, now, state ?? []);
}
