import type { Clock, TimerHandle } from '../../lib/primitives/clock.js';

interface Timer {
  at: number;
  readonly everyMs: number | null;
  readonly callback: () => void;
}

/** Time that moves only when told to. */
export class FakeClock implements Clock {
  #now = 1000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  get timers(): number {
    return this.#timers.size;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    return this.#add({ at: this.#now + delayMs, everyMs: null, callback });
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer);
  }

  setInterval(callback: () => void, intervalMs: number): TimerHandle {
    return this.#add({ at: this.#now + intervalMs, everyMs: intervalMs, callback });
  }

  clearInterval(handle: TimerHandle): void {
    this.clearTimeout(handle);
  }

  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.at);
      if (due.everyMs === null) this.#timers.delete(due);
      else due.at += due.everyMs;
      due.callback();
    }
    this.#now = end;
  }

  #add(timer: Timer): Timer {
    this.#timers.add(timer);
    return timer;
  }
}
