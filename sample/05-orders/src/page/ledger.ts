import type { Order } from '../orders/orders-events.js';
import { newId } from './new-id.js';

const buyerKey = 'orders-buyer';
const ordersKey = 'orders';

/** An order of this tab. */
export interface OwnOrder extends Order {
  readonly key: string;
  /** What the server has confirmed; null: it waits. */
  readonly number: number | null;
  /** Why the server does not take it. */
  readonly refusal?: string;
}

/** What this tab has ordered, also before it was loaded again. */
export class Ledger {
  /** Who orders: this tab. */
  readonly buyer: string;
  readonly #orders: Map<string, OwnOrder>;

  constructor() {
    this.buyer = sessionStorage.getItem(buyerKey) ?? newId();
    sessionStorage.setItem(buyerKey, this.buyer);
    const stored = sessionStorage.getItem(ordersKey);
    this.#orders = new Map(stored === null ? [] : (JSON.parse(stored) as [string, OwnOrder][]));
  }

  get size(): number {
    return this.#orders.size;
  }

  get keys(): ReadonlySet<string> {
    return new Set(this.#orders.keys());
  }

  /** From the first to the last. */
  orders(): OwnOrder[] {
    return [...this.#orders.values()];
  }

  waiting(): OwnOrder[] {
    return this.orders().filter(({ number, refusal }) => number === null && refusal === undefined);
  }

  put(order: OwnOrder): void {
    this.#orders.set(order.key, order);
    sessionStorage.setItem(ordersKey, JSON.stringify([...this.#orders]));
  }
}
