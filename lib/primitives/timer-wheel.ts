import type { Clock, TimerHandle } from './clock.js';

/** One entry of a wheel. */
export interface WheelTimer {
  readonly tick: number;
  readonly callback: () => void;
}

/**
 * Many timers on one of the clock's: entries wait in a bucket for each tick, and one interval, which runs only while
 * there are entries, opens them. An entry is never early, and less than a tick late. A callback MUST NOT throw.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #buckets = new Map<number, Set<WheelTimer>>();
  /** Null while there is nothing to wait for. */
  #interval: { readonly handle: TimerHandle } | null = null;
  /** When tick 0 was. */
  #startedAt = 0;
  /** The last tick whose bucket was opened. */
  #opened = 0;

  /** @param tickMs how late an entry may be. @default 1_000 */
  constructor(clock: Clock, tickMs = 1_000) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  /** Calls back once, `delayMs` from now; never where that is `Infinity`. */
  add(delayMs: number, callback: () => void): WheelTimer {
    if (this.#interval === null && delayMs !== Infinity) this.#start();
    const due = this.#clock.now() + Math.max(0, delayMs) - this.#startedAt;
    const timer = { tick: Math.max(this.#opened + 1, Math.ceil(due / this.#tickMs)), callback };
    if (delayMs === Infinity) return timer;
    const bucket = this.#buckets.get(timer.tick);
    if (bucket === undefined) this.#buckets.set(timer.tick, new Set([timer]));
    else bucket.add(timer);
    return timer;
  }

  /** Takes an entry out; one that has been called, or is out already, is none. */
  remove(timer: WheelTimer): void {
    const bucket = this.#buckets.get(timer.tick);
    if (!bucket?.delete(timer) || bucket.size > 0) return;
    this.#buckets.delete(timer.tick);
    this.#stopIfEmpty();
  }

  #start(): void {
    this.#startedAt = this.#clock.now();
    this.#opened = 0;
    this.#interval = { handle: this.#clock.setInterval(() => this.#turn(), this.#tickMs) };
  }

  #turn(): void {
    const now = Math.floor((this.#clock.now() - this.#startedAt) / this.#tickMs);
    const missed = now - this.#opened;
    // A machine that slept may have missed more ticks than there are buckets.
    const due =
      missed > this.#buckets.size
        ? [...this.#buckets.keys()].filter((tick) => tick <= now).sort((a, b) => a - b)
        : Array.from({ length: missed }, (_, index) => this.#opened + 1 + index);
    this.#opened = Math.max(this.#opened, now);
    for (const tick of due) {
      // Still in its place, as one callback may take out another of its bucket.
      for (const timer of this.#buckets.get(tick) ?? []) timer.callback();
      this.#buckets.delete(tick);
    }
    this.#stopIfEmpty();
  }

  #stopIfEmpty(): void {
    if (this.#buckets.size > 0 || this.#interval === null) return;
    this.#clock.clearInterval(this.#interval.handle);
    this.#interval = null;
  }
}
