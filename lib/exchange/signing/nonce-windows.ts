import { NonceWindow, type NonceVerdict } from './nonce-window.js';

/** A window for each key, so that who floods with one key leaves room for the others. Only keys whose signature has held get one. */
export class NonceWindows {
  readonly #atLeastMs: number;
  readonly #capacity: number;
  readonly #byKey = new Map<string, NonceWindow>();

  /** @param capacity nonces that are remembered for each key @see NonceWindow */
  constructor(atLeastMs: number, capacity: number) {
    this.#atLeastMs = atLeastMs;
    this.#capacity = capacity;
  }

  use(kid: string, nonce: string, now: number): NonceVerdict {
    let window = this.#byKey.get(kid);
    if (window === undefined) {
      this.#forgetIdle(now);
      window = new NonceWindow(this.#atLeastMs, this.#capacity, now);
      this.#byKey.set(kid, window);
    }
    return window.use(nonce, now);
  }

  /** Keys rotate: a new one is the occasion to let go of those that nobody uses any more. */
  #forgetIdle(now: number): void {
    for (const [kid, window] of this.#byKey) if (window.isIdle(now)) this.#byKey.delete(kid);
  }
}
