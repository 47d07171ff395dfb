/** Places of what has left that are kept before the rest moves up. */
const slack = 512;

/** First come, first served. */
export class Fifo<Item> {
  readonly #items: (Item | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  peek(): Item | undefined {
    return this.#items[this.#first];
  }

  /** Takes away what {@link peek} tells. */
  shift(): void {
    if (this.size === 0) return;
    this.#items[this.#first++] = undefined;
    if (this.size === 0) this.clear();
    else if (this.#first >= slack && this.#first >= this.size) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#items.length = this.#first = 0;
  }
}
