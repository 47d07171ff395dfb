import type { Clock, TimerHandle } from '../../lib/primitives/clock.js';

/** A clock that one life (of a page, of a server) is given: when the life is over its timers are gone. */
export class LifeClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<TimerHandle>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const handle = this.#clock.setTimeout(() => {
      this.#timers.delete(handle);
      callback();
    }, delayMs);
    this.#timers.add(handle);
    return handle;
  }

  setInterval(callback: () => void, intervalMs: number): TimerHandle {
    const handle = this.#clock.setInterval(callback, intervalMs);
    this.#timers.add(handle);
    return handle;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle);
    this.#clock.clearTimeout(handle);
  }

  clearInterval(handle: TimerHandle): void {
    this.clearTimeout(handle);
  }

  end(): void {
    for (const handle of [...this.#timers]) this.clearTimeout(handle);
  }
}
