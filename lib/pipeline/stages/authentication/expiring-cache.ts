interface Entry<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** Remembers a limited number of values for a limited time; the one that was set first goes first. */
export class ExpiringCache<Value> {
  readonly #keepMs: number;
  readonly #size: number;
  readonly #entries = new Map<string, Entry<Value>>();

  /** @param keepMs 0: nothing is remembered */
  constructor(keepMs: number, size: number) {
    this.#keepMs = keepMs;
    this.#size = size;
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined;
  }

  set(key: string, value: Value, nowMs: number): void {
    if (this.#keepMs === 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: nowMs + this.#keepMs });
    if (this.#entries.size <= this.#size) return;
    for (const oldest of this.#entries.keys()) return void this.#entries.delete(oldest);
  }
}
