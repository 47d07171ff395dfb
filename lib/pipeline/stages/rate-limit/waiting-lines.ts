import { after, type Clock } from '../../../primitives/clock.js';

/** Who waits for the same counter waits in line: the first to come is the first to go. */
export class WaitingLines {
  readonly #clock: Clock;
  readonly #lines = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody waits for this key: then nobody else may go before. */
  has(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Runs `turn` after those before it in line. It MUST NOT reject. */
  async wait<Result>(key: string, turn: () => Promise<Result>): Promise<Result> {
    const before = this.#lines.get(key);
    const mine = before === undefined ? turn() : before.then(turn);
    const end = mine.then(() => undefined);
    this.#lines.set(key, end);
    try {
      return await mine;
    } finally {
      if (this.#lines.get(key) === end) this.#lines.delete(key);
    }
  }

  /** Resolves after a time, or as soon as nobody waits for the result any more. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = after(this.#clock, ms, resolve);
      signal.addEventListener(
        'abort',
        () => {
          this.#clock.clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
