import type { PlacedOrder } from '../../orders/orders-events.js';
import type { Feed } from '../feed.js';
import { create, find } from './element.js';
import { wordsOf } from './order-list.js';

const shown = 60;

/** @param repeats held back, as they had come before @param own keys of the orders of this tab */
export function showFeed(feed: Feed, repeats: number, own: ReadonlySet<string>): void {
  const items = feed.latest(shown).map((order) => itemOf(order, own.has(order.key)));
  find('#feed').replaceChildren(...items);
  if (feed.last > 0) showSummary(feed);
  find('#repeats').textContent = repeats === 0 ? '' : `${repeats} sent again by a new server, held back.`;
}

function showSummary({ first, last, missing, doubled }: Feed): void {
  const isWhole = missing === 0 && doubled === 0;
  const summary = find<HTMLElement>('#feed-summary');
  summary.dataset['verdict'] = isWhole ? 'good' : 'bad';
  const faults = isWhole ? 'no gap, none twice' : `${missing} missing, ${doubled} twice`;
  summary.textContent = `No. ${first} to ${last}: ${faults}.`;
}

function itemOf(order: PlacedOrder, isOwn: boolean): HTMLLIElement {
  const item = create('li', 'order', create('span', 'what', wordsOf(order)));
  if (isOwn) item.append(create('span', 'own', 'yours'));
  item.append(create('span', 'outcome', `No. ${order.number}`));
  return item;
}
