import type { Meter } from './meter.js';

/** What came within a sixteenth of the window is remembered together. */
const slotsPerWindow = 16;

interface Slot {
  readonly first: number;
  last: number;
  count: number;
}

/**
 * Never more than `limit` in any `perMs`. What came close together is forgotten together, with the last of it: so a key
 * costs 18 slots at most whatever the limit, and recovers up to a sixteenth of the window late, never early.
 */
export class SlidingWindow implements Meter {
  readonly #limit: number;
  readonly #perMs: number;
  readonly #slots: Slot[] = [];
  #total = 0;

  /** @param state of another one. Where the clock was set back since, what is in the future comes from now */
  constructor(limit: number, perMs: number, state: readonly number[] = [], now = Infinity) {
    this.#limit = limit;
    this.#perMs = perMs;
    for (let i = 0; i + 2 < state.length; i += 3) {
      const [first, last, count] = state.slice(i, i + 3) as [number, number, number];
      this.#slots.push({ first: Math.min(first, now), last: Math.min(last, now), count });
      this.#total += count;
    }
  }

  get idleAt(): number {
    const newest = this.#slots.at(-1);
    return newest === undefined ? -Infinity : newest.last + this.#perMs;
  }

  get state(): number[] {
    return this.#slots.flatMap(({ first, last, count }) => [first, last, count]);
  }

  wait(now: number, cost: number): number {
    this.#forget(now);
    let excess = this.#total + cost - this.#limit;
    if (excess <= 0) return 0;
    for (const { last, count } of this.#slots) {
      excess -= count;
      if (excess <= 0) return last + this.#perMs - now;
    }
    return Infinity;
  }

  add(now: number, cost: number): void {
    this.#total += cost;
    const newest = this.#slots.at(-1);
    if (newest === undefined || now - newest.first >= this.#perMs / slotsPerWindow)
      this.#slots.push({ first: now, last: now, count: cost });
    else {
      newest.last = now;
      newest.count += cost;
    }
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#slots[0];
      if (oldest === undefined || oldest.last + this.#perMs > now) return;
      this.#total -= oldest.count;
      this.#slots.shift();
    }
  }
}
