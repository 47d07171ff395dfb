/**
 * Numbers that come once each, more or less in order: a repeat is told from one that has been overtaken, as long as that
 * is among the last ones.
 */
export class ReplayWindow {
  readonly #width: number;
  readonly #seen = new Set<number>();
  #highest = -1;

  /** @param width numbers below the highest that are remembered; what is further below counts as a repeat */
  constructor(width = 1_024) {
    this.#width = width;
  }

  /** Notes a number. False: it has been here before, or may have been. */
  use(number: number): boolean {
    if (number <= this.#highest - this.#width || this.#seen.has(number)) return false;
    this.#seen.add(number);
    if (number > this.#highest) this.#raise(number);
    return true;
  }

  #raise(number: number): void {
    const lowest = number - this.#width;
    if (lowest - this.#highest >= 0) {
      for (const one of this.#seen) if (one <= lowest) this.#seen.delete(one);
    } else for (let one = this.#highest - this.#width + 1; one <= lowest; one++) this.#seen.delete(one);
    this.#highest = number;
  }
}
