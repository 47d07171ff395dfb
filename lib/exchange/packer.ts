/** How much goes into one pack. */
export interface PackLimits {
  readonly items: number;
  readonly bytes: number;
}

/**
 * Puts items together into packs, in order: a pack ends when the next item would make it too much. An item that is too
 * much by itself is a pack by itself.
 */
export class Packer<Item> {
  readonly #bytesOf: (item: Item) => number;
  limits: PackLimits;
  #items: Item[] = [];
  #bytes = 0;

  constructor(limits: PackLimits, bytesOf: (item: Item) => number) {
    this.limits = limits;
    this.#bytesOf = bytesOf;
  }

  /** Takes an item in. The pack that it has ended, if any. */
  put(item: Item): readonly Item[] | undefined {
    const bytes = this.#bytesOf(item);
    const isTooMuch =
      this.#items.length >= this.limits.items ||
      (this.#items.length > 0 && this.#bytes + bytes > this.limits.bytes);
    const ended = isTooMuch ? this.end() : undefined;
    this.#items.push(item);
    this.#bytes += bytes;
    return ended;
  }

  /** The pack so far; undefined: there is nothing in it. */
  end(): readonly Item[] | undefined {
    if (this.#items.length === 0) return undefined;
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }
}
