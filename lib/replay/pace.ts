import type { Clock } from '../primitives/clock.js';

/** Lines between which the replay looks after its sockets. */
const linesPerTurn = 64;

/** When it is time for a line of the recording. */
export class Pace {
  readonly #clock: Clock;
  readonly #speed: number;
  #begin: number | null = null;
  #firstAt = 0;
  #lines = 0;

  /** @param speed so many times as fast as it was recorded; Infinity: at once */
  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** Resolves when it is time. @returns how late it is, in milliseconds */
  async until(at: number): Promise<number> {
    if (this.#begin === null) {
      this.#begin = this.#clock.now();
      this.#firstAt = at;
    }
    const due = this.#begin + (at - this.#firstAt) / this.#speed;
    const left = due - this.#clock.now();
    if (this.#speed !== Infinity && left > 0)
      await new Promise<void>((resolve) => void this.#clock.setTimeout(resolve, left));
    else if (++this.#lines % linesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    return this.#speed === Infinity ? 0 : Math.max(0, this.#clock.now() - due);
  }
}
