import { type Clock, systemClock } from '../../primitives/clock.js';
import { wholeNumber } from '../../primitives/option-checks.js';
import { KeyCounter } from '../counting/key-counter.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../counter-store.js';

/** Bounds of the counters in memory. */
export interface MemoryCounterStoreOptions {
  /** Keys that are remembered. @default 100_000 */
  readonly maxKeys?: number;
  readonly clock?: Clock;
  /** A key that had not recovered was forgotten for a new one. */
  readonly onEvict?: () => void;
}

/** How many of the longest untouched keys are looked at per demand: more than one, so that the idle go faster than new ones come. */
const sweptAtOnce = 2;

/**
 * Counts in this process. Keys that have recovered are forgotten as others are used. At the bound the key that was
 * asked for longest ago makes room: a key that keeps asking, allowed or not, is never the one, so nobody gets rid of
 * his own count without having as many other keys as there is room for.
 */
export class MemoryCounterStore implements CounterStore {
  /** From the longest untouched to the last touched. */
  readonly #keys = new Map<string, KeyCounter>();
  readonly #maxKeys: number;
  readonly #clock: Clock;
  readonly #onEvict: (() => void) | undefined;

  /** @throws {OptionError} */
  constructor({ maxKeys = 100_000, clock = systemClock, onEvict }: MemoryCounterStoreOptions = {}) {
    this.#maxKeys = wholeNumber('maxKeys', maxKeys);
    this.#clock = clock;
    this.#onEvict = onEvict;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#keys.size;
  }

  take(key: string, rule: CounterRule, messages: number, bytes: number): CounterVerdict {
    const now = this.#clock.now();
    const counter = this.#touch(key, rule, now);
    this.#sweep(now, counter);
    return counter.take(now, messages, bytes);
  }

  #touch(key: string, rule: CounterRule, now: number): KeyCounter {
    let counter = this.#keys.get(key);
    if (counter !== undefined) this.#keys.delete(key);
    else {
      if (this.#keys.size >= this.#maxKeys) this.#makeRoom(now);
      counter = new KeyCounter(rule, now);
    }
    this.#keys.set(key, counter);
    return counter;
  }

  #makeRoom(now: number): void {
    const [oldest] = this.#keys;
    if (oldest === undefined) return;
    if (oldest[1].idleAt > now) this.#onEvict?.();
    this.#keys.delete(oldest[0]);
  }

  #sweep(now: number, inUse: KeyCounter): void {
    let left = sweptAtOnce;
    for (const [key, counter] of this.#keys) {
      if (left-- === 0 || counter === inUse || counter.idleAt > now) return;
      this.#keys.delete(key);
    }
  }
}
