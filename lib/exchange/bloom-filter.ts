const { imul } = Math;

/**
 * A set that may say yes to what is not in it, and never no to what is (Bloom, 1970). Two hashes make all the others
 * (Kirsch and Mitzenmacher, 2006).
 */
export class BloomFilter {
  readonly bits: number;
  readonly hashes: number;
  readonly #words: Uint32Array;
  readonly #seed: number;
  #size = 0;

  /**
   * @param expected how many keys it is for
   * @param falsePositives the share of wrong yeses once it has so many
   * @param seed secret, so that nobody can choose keys that collide
   */
  constructor(expected: number, falsePositives: number, seed: number) {
    this.bits = Math.max(32, Math.ceil((-expected * Math.log(falsePositives)) / Math.LN2 ** 2));
    this.hashes = Math.max(1, Math.round((this.bits / expected) * Math.LN2));
    this.#words = new Uint32Array(Math.ceil(this.bits / 32));
    this.#seed = seed;
  }

  /** Keys that were added. */
  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    this.#size++;
    const step = stepOf(key, this.#seed);
    let at = hash(key, this.#seed);
    for (let i = 0; i < this.hashes; i++, at = (at + step) >>> 0) {
      const bit = at % this.bits;
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  /** False: it was never added. True: it may have been. */
  mayHave(key: string): boolean {
    const step = stepOf(key, this.#seed);
    let at = hash(key, this.#seed);
    for (let i = 0; i < this.hashes; i++, at = (at + step) >>> 0) {
      const bit = at % this.bits;
      if (((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Odd, so that steps do not fall into a small circle. */
function stepOf(key: string, seed: number): number {
  return (hash(key, seed ^ 0x9e3779b9) | 1) >>> 0;
}

/** FNV-1a over UTF-16 code units, with MurmurHash3's finalizer: 32 bits that look like chance. */
function hash(key: string, seed: number): number {
  let state = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < key.length; i++) state = imul(state ^ key.charCodeAt(i), 0x01000193);
  state = imul(state ^ (state >>> 16), 0x85ebca6b);
  state = imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
