import type { PlacedOrder } from '../orders/orders-events.js';

const kept = 1_000;

/** Orders of everybody that have come to this page, by their numbers: the last thousand. */
export class Feed {
  readonly #orders = new Map<number, PlacedOrder>();
  /** Numbers of those that were heard: what is read may also be on its way here. */
  readonly #heard = new Set<number>();
  #first = Infinity;
  #last = 0;
  #doubled = 0;

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  /** How many were heard that had been heard before. */
  get doubled(): number {
    return this.#doubled;
  }

  /** How many are missing between the first and the last: numbers have no gaps. */
  get missing(): number {
    return this.#last === 0 ? 0 : this.#last - this.#first + 1 - this.#orders.size;
  }

  /** From the newest to the oldest. */
  latest(count: number): PlacedOrder[] {
    const orders: PlacedOrder[] = [];
    for (let number = this.#last; number >= this.#first && orders.length < count; number--) {
      const order = this.#orders.get(number);
      if (order !== undefined) orders.push(order);
    }
    return orders;
  }

  /** One has come. */
  heard(order: PlacedOrder): void {
    if (this.#heard.has(order.number)) this.#doubled++;
    this.#heard.add(order.number);
    this.#put(order);
  }

  /** What was there before this page listened. */
  read(orders: readonly PlacedOrder[]): void {
    for (const order of orders) this.#put(order);
  }

  #put(order: PlacedOrder): void {
    this.#orders.set(order.number, order);
    this.#first = Math.min(this.#first, order.number);
    this.#last = Math.max(this.#last, order.number);
    for (; this.#orders.size > kept; this.#first++) {
      this.#orders.delete(this.#first);
      this.#heard.delete(this.#first);
    }
  }
}
