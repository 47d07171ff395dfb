import { type Clock, systemClock } from '../../primitives/clock.js';
import { wholeNumber } from '../../primitives/option-checks.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../counter-store.js';
import type { Meter } from './meter.js';
import { SlidingWindow } from './sliding-window.js';
import { TokenBucket } from './token-bucket.js';

/** Bounds of the counters in memory. */
export interface MemoryCounterStoreOptions {
  /** Keys that are remembered. @default 100_000 */
  readonly maxKeys?: number;
  readonly clock?: Clock;
  /** A key that had not recovered was forgotten for a new one. */
  readonly onEvict?: () => void;
}

interface Meters {
  readonly messages: Meter | null;
  readonly bytes: Meter | null;
}

const allowed: CounterVerdict = { isAllowed: true, retryAfterMs: 0 };

/** How many of the longest untouched keys are looked at per demand: more than one, so that the idle go faster than new ones come. */
const sweptAtOnce = 2;

/**
 * Counts in this process. Keys that have recovered are forgotten as others are used. At the bound the key that was
 * asked for longest ago makes room: a key that keeps asking, allowed or not, is never the one, so nobody gets rid of
 * his own count without having as many other keys as there is room for.
 */
export class MemoryCounterStore implements CounterStore {
  /** From the longest untouched to the last touched. */
  readonly #keys = new Map<string, Meters>();
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
    const meters = this.#touch(key, rule, now);
    this.#sweep(now, meters);
    const waitMs = Math.max(
      meters.messages === null ? 0 : meters.messages.wait(now, messages),
      meters.bytes === null ? 0 : meters.bytes.wait(now, bytes),
    );
    if (waitMs > 0) return { isAllowed: false, retryAfterMs: Math.ceil(waitMs) };
    meters.messages?.add(now, messages);
    meters.bytes?.add(now, bytes);
    return allowed;
  }

  #touch(key: string, rule: CounterRule, now: number): Meters {
    let meters = this.#keys.get(key);
    if (meters !== undefined) this.#keys.delete(key);
    else {
      if (this.#keys.size >= this.#maxKeys) this.#makeRoom(now);
      meters = {
        messages: createMeter(rule, rule.messages, rule.burstMessages, now),
        bytes: createMeter(rule, rule.bytes, rule.burstBytes, now),
      };
    }
    this.#keys.set(key, meters);
    return meters;
  }

  #makeRoom(now: number): void {
    const [oldest] = this.#keys;
    if (oldest === undefined) return;
    if (!isIdle(oldest[1], now)) this.#onEvict?.();
    this.#keys.delete(oldest[0]);
  }

  #sweep(now: number, inUse: Meters): void {
    let left = sweptAtOnce;
    for (const [key, meters] of this.#keys) {
      if (left-- === 0 || meters === inUse || !isIdle(meters, now)) return;
      this.#keys.delete(key);
    }
  }
}

function createMeter(
  { algorithm, perMs }: CounterRule,
  limit: number,
  burst: number,
  now: number,
): Meter | null {
  if (limit === Infinity) return null;
  return algorithm === 'sliding-window'
    ? new SlidingWindow(limit, perMs)
    : new TokenBucket(limit, perMs, burst, now);
}

function isIdle({ messages, bytes }: Meters, now: number): boolean {
  return (messages?.idleAt ?? -Infinity) <= now && (bytes?.idleAt ?? -Infinity) <= now;
}
