import { after, type Clock, type TimerHandle } from '../primitives/clock.js';

/** When what is held goes on its way: whatever comes first. */
export interface HoldLimits {
  /** Milliseconds from the first that came. */
  readonly ms: number;
  readonly items: number;
  readonly bytes: number;
}

/** Counts what comes and says when it is time to let it go: it has become enough, or has waited for long enough. */
export class Hold {
  readonly #clock: Clock;
  readonly #limits: HoldLimits;
  readonly #due: () => void;
  #items = 0;
  #bytes = 0;
  #timer: TimerHandle = undefined;

  /** @param due called when the time is over; not by {@link add} or {@link release} */
  constructor(clock: Clock, limits: HoldLimits, due: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#due = due;
  }

  get isHolding(): boolean {
    return this.#items > 0;
  }

  /** One more has come. It may be what makes it enough: then nothing is held any more. */
  add(bytes: number): void {
    const { ms, items, bytes: most } = this.#limits;
    this.#bytes += bytes;
    if (++this.#items >= items || this.#bytes >= most) return this.release();
    if (this.#items === 1)
      this.#timer = after(this.#clock, ms, () => {
        this.release();
        this.#due();
      });
  }

  /** Lets go, whatever there is. */
  release(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#items = this.#bytes = 0;
  }
}
