import { BloomFilter } from './bloom-filter.js';

/** How a {@link BloomGenerations} is made. */
export interface BloomOptions {
  /** Keys that come within `ttlMs`. */
  readonly expectedKeys: number;
  /** Share of wrong yeses with so many keys. */
  readonly falsePositives: number;
  /** How long a key must be known, in milliseconds. */
  readonly ttlMs: number;
}

interface Generation {
  readonly filter: BloomFilter;
  lastAddedAt: number;
}

/** Generations that keys of one `ttlMs` are spread over: what is forgotten goes by a fourth. */
const generationsPerTtl = 4;
/** Generations at most, when keys come faster than was expected. */
const maxGenerations = 8;

/**
 * A Bloom filter that forgets: generations are dropped when the last of their keys is older than `ttlMs`. It never says no
 * to a key that was added within that time: when more keys come than it is made for, it says yes too often instead.
 */
export class BloomGenerations {
  readonly #options: BloomOptions;
  readonly #seed: number;
  readonly #perGeneration: number;
  readonly #generations: Generation[] = [];

  /** @param seed secret, see {@link BloomFilter} */
  constructor(options: BloomOptions, seed: number) {
    this.#options = options;
    this.#seed = seed;
    this.#perGeneration = Math.max(1, Math.ceil(options.expectedKeys / generationsPerTtl));
  }

  /** How many generations there are. */
  get generations(): number {
    return this.#generations.length;
  }

  add(key: string, now: number): void {
    this.#expire(now);
    let newest = this.#generations.at(-1);
    const isFull = newest === undefined || newest.filter.size >= this.#perGeneration;
    if (newest === undefined || (isFull && this.#generations.length < maxGenerations)) {
      newest = { filter: this.#createFilter(), lastAddedAt: now };
      this.#generations.push(newest);
    }
    newest.filter.add(key);
    newest.lastAddedAt = now;
  }

  /** False: it was not added within `ttlMs`. True: it may have been. */
  mayHave(key: string, now: number): boolean {
    this.#expire(now);
    return this.#generations.some(({ filter }) => filter.mayHave(key));
  }

  /** Every generation is asked: each may be wrong only so often. */
  #createFilter(): BloomFilter {
    return new BloomFilter(this.#perGeneration, this.#options.falsePositives / generationsPerTtl, this.#seed);
  }

  #expire(now: number): void {
    for (;;) {
      const oldest = this.#generations[0];
      if (oldest === undefined || now - oldest.lastAddedAt <= this.#options.ttlMs) return;
      this.#generations.shift();
    }
  }
}
