import { type Clock, systemClock } from '../../primitives/clock.js';
import type { DedupRecord, DedupStore } from '../dedup-store.js';

/** Remembers in this process, as many keys as come within their time: for tests, and as the model of other drivers. */
export class MemoryDedupStore implements DedupStore {
  readonly #clock: Clock;
  readonly #records = new Map<string, { record: DedupRecord; expiresAt: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#records.size;
  }

  claim(key: string, event: string, ttlMs: number): DedupRecord | undefined {
    const known = this.#records.get(key);
    if (known !== undefined && this.#clock.now() < known.expiresAt) return known.record;
    this.settle(key, { event, kind: 'running' }, ttlMs);
    return undefined;
  }

  settle(key: string, record: DedupRecord, ttlMs: number): void {
    const now = this.#clock.now();
    this.#records.delete(key);
    this.#records.set(key, { record, expiresAt: now + ttlMs });
    for (const [oldest, { expiresAt }] of this.#records) {
      if (now < expiresAt) return;
      this.#records.delete(oldest);
    }
  }

  release(key: string): void {
    this.#records.delete(key);
  }
}
