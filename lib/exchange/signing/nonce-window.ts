/** What became of a nonce: it is new, it has been here, or there is no room to remember it. */
export type NonceVerdict = 'new' | 'seen' | 'full';

/**
 * Remembers nonces for at least as long as a message may be old. Two generations: the older one is forgotten as a
 * whole, so that nothing is swept.
 */
export class NonceWindow {
  readonly #atLeastMs: number;
  readonly #capacity: number;
  #recent = new Set<string>();
  #older = new Set<string>();
  #turnedAt: number;

  /** @param capacity nonces in a generation; more are refused, as forgetting one would let it be replayed */
  constructor(atLeastMs: number, capacity: number, now: number) {
    this.#atLeastMs = atLeastMs;
    this.#capacity = capacity;
    this.#turnedAt = now;
  }

  use(nonce: string, now: number): NonceVerdict {
    this.#turn(now);
    if (this.#recent.has(nonce) || this.#older.has(nonce)) return 'seen';
    if (this.#recent.size >= this.#capacity) return 'full';
    this.#recent.add(nonce);
    return 'new';
  }

  /** Whether everything that is remembered is too old to matter. */
  isIdle(now: number): boolean {
    return now - this.#turnedAt >= 2 * this.#atLeastMs;
  }

  #turn(now: number): void {
    const elapsed = now - this.#turnedAt;
    if (elapsed < this.#atLeastMs) return;
    this.#older = elapsed < 2 * this.#atLeastMs ? this.#recent : new Set();
    this.#recent = new Set();
    this.#turnedAt = now;
  }
}
