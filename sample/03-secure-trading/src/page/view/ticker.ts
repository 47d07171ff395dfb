import type { Quote } from '../../orders/trading-events.js';
import { create, find } from './element.js';
import { formatChange, formatPrice } from './format.js';

/** The prices, as they come. */
export class Ticker {
  readonly #list = find<HTMLElement>('#prices');

  show(quotes: readonly Quote[]): void {
    this.#list.replaceChildren(...quotes.map(row));
  }
}

function row({ symbol, price, change }: Quote): HTMLElement {
  const item = create('li', 'quote');
  const moved = create('span', 'change', formatChange(change));
  moved.dataset['trend'] = change > 0 ? 'up' : change < 0 ? 'down' : 'flat';
  item.append(create('strong', '', symbol), create('span', 'price', formatPrice(price)), moved);
  return item;
}
