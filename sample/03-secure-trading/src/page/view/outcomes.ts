import type { Order } from '../../orders/trading-events.js';
import type { FloodOutcome } from '../trader.js';
import { executionOf } from '../trader.js';
import type { Answer } from '../trading-socket.js';
import { formatPrice } from './format.js';
import type { RecordLine } from './record-list.js';

/** @param title what was tried */
export function lineOf(title: string, answer: Answer): RecordLine {
  const execution = executionOf(answer);
  if (execution)
    return {
      at: Date.now(),
      title,
      detail: `Order ${execution.orderId}, executed at ${formatPrice(execution.price)}`,
      outcome: 'accepted',
    };
  const { code = 'ERROR', message, details } = (answer as Extract<Answer, { error: object }>).error;
  const retry = details?.retryAfterMs;
  return {
    at: Date.now(),
    title,
    detail: retry === undefined ? message : `Try again in ${retry} ms`,
    outcome: code,
  };
}

export function lineOfFlood({ accepted, refused, retryAfterMs }: FloodOutcome): RecordLine {
  return {
    at: Date.now(),
    title: `Flood of ${accepted + refused} orders`,
    detail: `${accepted} accepted, ${refused} refused; try again in ${retryAfterMs} ms`,
    outcome: refused === 0 ? 'accepted' : 'RATE_LIMITED',
  };
}

export function titleOf({ side, quantity, symbol }: Order): string {
  return `${side === 'buy' ? 'Buy' : 'Sell'} ${quantity} ${symbol}`;
}
