import type { OwnOrder } from '../ledger.js';
import type { Verdict } from '../verdict.js';
import { find } from './element.js';

/** What is counted. */
export interface Tally {
  readonly orders: readonly OwnOrder[];
  /** Null: the database was not asked yet. */
  readonly verdict: Verdict | null;
  /** Rows of everybody. */
  readonly total: number;
  readonly kills: number;
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** The numbers, and what they mean. */
export function showTally({ orders, verdict, total, kills }: Tally): void {
  const refused = orders.filter(({ refusal }) => refusal !== undefined).length;
  const confirmed = orders.filter(({ number }) => number !== null).length;
  const waiting = orders.length - confirmed - refused;
  const { rows, lost, doubled } = verdict ?? { rows: 0, lost: 0, doubled: 0 };
  const numbers = { sent: orders.length, confirmed, rows, lost, doubled };
  for (const [name, count] of Object.entries(numbers)) find(`#${name}`).textContent = String(count);
  find('#total').textContent = `of ${plural(total, 'row', 'rows')}`;
  find('#waiting').textContent = waiting === 0 ? 'none waits' : plural(waiting, 'waits', 'wait');

  const isGood = lost === 0 && doubled === 0;
  const state =
    !isGood || refused > 0 ? 'bad' : orders.length === 0 ? 'idle' : waiting > 0 ? 'waiting' : 'good';
  find<HTMLElement>('#tally').dataset['verdict'] = state;
  find('#verdict').textContent =
    orders.length === 0
      ? 'Order something. Then kill the server.'
      : `${plural(orders.length, 'order', 'orders')}, ${plural(kills, 'kill', 'kills')}: ` +
        `${lost === 0 ? 'none' : lost} lost, ${doubled === 0 ? 'none' : doubled} doubled${refused === 0 ? '' : `, ${refused} refused`}.`;
  find('#refused').textContent = refused === 0 ? '' : `${refused} refused`;
}
