import type { Count } from '../orders/orders-events.js';
import type { OwnOrder } from './ledger.js';

/** The orders of this tab, held against the rows of the database. */
export interface Verdict {
  /** Rows with keys of this tab. */
  readonly rows: number;
  /** Confirmed, and not there under the number that was said. */
  readonly lost: number;
  /** Rows beyond the first of their keys. */
  readonly doubled: number;
}

/** @param orders as they were when the database was asked: what is confirmed later may not be in the answer */
export function judge(orders: readonly OwnOrder[], { rows }: Pick<Count, 'rows'>): Verdict {
  const there = new Set(rows.map(([number, key]) => `${number} ${key}`));
  const keys = new Set(rows.map(([, key]) => key));
  const confirmed = orders.filter(({ number }) => number !== null);
  return {
    rows: rows.length,
    lost: confirmed.filter(({ number, key }) => !there.has(`${String(number)} ${key}`)).length,
    doubled: rows.length - keys.size,
  };
}
