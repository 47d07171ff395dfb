import type { OwnOrder } from '../ledger.js';
import { create, find } from './element.js';

const shown = 60;

/** The orders of this tab, the newest on top. */
export class OrderList {
  readonly #list = find<HTMLOListElement>('#orders');
  readonly #items = new Map<string, HTMLLIElement>();

  /** One that is new, or has changed. */
  show(order: OwnOrder): void {
    let item = this.#items.get(order.key);
    // What has scrolled away is not looked for.
    if (item === undefined && order.number !== null && this.#items.size >= shown) return;
    if (item === undefined) {
      this.#items.set(order.key, (item = create('li', 'order')));
      this.#list.prepend(item);
    }
    item.dataset['state'] = stateOf(order);
    item.replaceChildren(create('span', 'what', wordsOf(order)), create('span', 'outcome', outcomeOf(order)));
    this.#trim();
  }

  /** What waits stays. */
  #trim(): void {
    for (const [key, item] of this.#items) {
      if (this.#items.size <= shown) return;
      if (item.dataset['state'] === 'waiting') continue;
      item.remove();
      this.#items.delete(key);
    }
  }
}

/** As one would say it. */
export function wordsOf({ drink, cups }: Pick<OwnOrder, 'drink' | 'cups'>): string {
  return `${cups} × ${drink}`;
}

function stateOf({ number, refusal }: OwnOrder): 'waiting' | 'placed' | 'refused' {
  return refusal !== undefined ? 'refused' : number === null ? 'waiting' : 'placed';
}

function outcomeOf({ number, refusal }: OwnOrder): string {
  return refusal ?? (number === null ? 'waits' : `No. ${number}`);
}
