import type { Meter } from './meter.js';

/** Sums of fractions: who waits as long as it was told must not miss by a billionth. */
const tolerance = 1e-6;

/** `capacity` at once, and `limit` more in each `perMs`, flowing in steadily. */
export class TokenBucket implements Meter {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #limit: number;
  #tokens: number;
  #filledAt: number;

  /** @param state of another one. Where the clock was set back since, it fills from now */
  constructor(limit: number, perMs: number, capacity: number, now: number, state: readonly number[] = []) {
    const [tokens = capacity, filledAt = now] = state;
    this.#limit = limit;
    this.#perMs = perMs;
    this.#capacity = capacity;
    this.#tokens = tokens;
    this.#filledAt = Math.min(filledAt, now);
  }

  get idleAt(): number {
    return this.#filledAt + this.#timeFor(this.#capacity - this.#tokens);
  }

  get state(): number[] {
    return [this.#tokens, this.#filledAt];
  }

  wait(now: number, cost: number): number {
    if (cost > this.#capacity) return Infinity;
    this.#fill(now);
    const missing = cost - this.#tokens;
    return missing <= tolerance ? 0 : this.#timeFor(missing);
  }

  add(now: number, cost: number): void {
    this.#fill(now);
    this.#tokens -= cost;
  }

  #fill(now: number): void {
    const gained = ((now - this.#filledAt) * this.#limit) / this.#perMs;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#filledAt = now;
  }

  #timeFor(tokens: number): number {
    return (tokens * this.#perMs) / this.#limit;
  }
}
