import type { Clock, TimerHandle } from '../primitives/clock.js';

/** Something that the recording has, and the server has yet to send. */
export interface Expectation {
  /** It has not come in time. */
  expire(): void;
}

/** So many at once: the recording is read no further until there are fewer. */
const mostAwaited = 10_000;

/** What is awaited of the server, each for the same time: one timer for all. */
export class Awaited {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** In the order in which their time is over. */
  readonly #deadlines = new Map<Expectation, number>();
  /** Of these, what the replay does not go on without at full speed. */
  readonly #gating = new Set<Expectation>();
  #timer: { readonly handle: TimerHandle } | null = null;
  #onIdle: (() => void)[] = [];
  #onRoom: (() => void)[] = [];

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Its time begins: anew, where it is awaited already. */
  add(expectation: Expectation, isGating: boolean): void {
    this.#deadlines.delete(expectation);
    this.#deadlines.set(expectation, this.#clock.now() + this.#timeoutMs);
    if (isGating) this.#gating.add(expectation);
    this.#arm();
  }

  done(expectation: Expectation): void {
    if (!this.#deadlines.delete(expectation)) return;
    this.#gating.delete(expectation);
    if (this.#gating.size === 0) this.#onIdle = tell(this.#onIdle);
    if (this.#deadlines.size < mostAwaited) this.#onRoom = tell(this.#onRoom);
  }

  /** Resolves when nothing is awaited that the replay does not go on without. Undefined: that is so now. */
  idle(): Promise<void> | undefined {
    if (this.#gating.size === 0) return undefined;
    return new Promise((resolve) => void this.#onIdle.push(resolve));
  }

  /** Resolves when more may be awaited. Undefined: that is so now. */
  room(): Promise<void> | undefined {
    if (this.#deadlines.size < mostAwaited) return undefined;
    return new Promise((resolve) => void this.#onRoom.push(resolve));
  }

  /** Nothing is awaited any more. */
  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
    this.#deadlines.clear();
    this.#gating.clear();
    this.#onIdle = tell(this.#onIdle);
    this.#onRoom = tell(this.#onRoom);
  }

  #arm(): void {
    if (this.#timer !== null) return;
    const [first] = this.#deadlines.values();
    if (first === undefined) return;
    const expire = (): void => {
      this.#timer = null;
      this.#expire();
      this.#arm();
    };
    const delayMs = Math.max(1, Math.ceil(first - this.#clock.now()));
    this.#timer = { handle: this.#clock.setTimeout(expire, delayMs) };
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [expectation, deadline] of this.#deadlines) {
      if (deadline > now) return;
      expectation.expire();
      this.done(expectation);
    }
  }
}

function tell(waiting: (() => void)[]): (() => void)[] {
  for (const one of waiting) one();
  return [];
}
