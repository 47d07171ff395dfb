import { Fifo } from './fifo.js';

/** Something with a rank: 0 is the first. */
export interface RankedItem {
  readonly rank: number;
}

/**
 * A line in which lower ranks go first, and none waits for ever: in one round each rank may send as many as its weight
 * says, and the next round begins when none of those who wait has any of it left. Order is kept within a rank.
 */
export class WeightedLine<Item extends RankedItem> {
  readonly #weights: readonly number[];
  readonly #lines: readonly Fifo<Item>[];
  /** What is left of the weights in this round. */
  readonly #left: number[];

  /** @param weights of rank 0, 1, 2…; at least 1 each. Higher ranks count as the last one */
  constructor(weights: readonly number[]) {
    this.#weights = weights;
    this.#lines = weights.map(() => new Fifo<Item>());
    this.#left = [...weights];
  }

  get size(): number {
    return this.#lines.reduce((sum, { size }) => sum + size, 0);
  }

  push(item: Item): void {
    this.#lines[Math.min(Math.max(item.rank, 0), this.#lines.length - 1)]!.push(item);
  }

  /** Whose turn it is; the same until the next {@link push} or {@link shift}. */
  peek(): Item | undefined {
    return this.#lines[this.#turn()]?.peek();
  }

  /** Takes away what {@link peek} tells. */
  shift(): void {
    const rank = this.#turn();
    if (rank === -1) return;
    if (this.#left[rank] === 0) this.#weights.forEach((weight, one) => (this.#left[one] = weight));
    this.#left[rank]!--;
    this.#lines[rank]!.shift();
  }

  clear(): void {
    for (const line of this.#lines) line.clear();
  }

  /** The first rank that has both somebody and a rest; in a new round, the first that has somebody. */
  #turn(): number {
    const inRound = this.#lines.findIndex(({ size }, rank) => size > 0 && this.#left[rank]! > 0);
    return inRound === -1 ? this.#lines.findIndex(({ size }) => size > 0) : inRound;
  }
}
