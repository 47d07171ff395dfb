import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { Quote } from '../orders/trading-events.js';

const openingPrices = { AURA: 184.2, BOLT: 61.75, CIRQ: 327.4, DELT: 12.08 };
export const symbols = Object.keys(openingPrices);

const everyMs = 1_000;
/** The most that a price moves at once. */
const swing = 0.004;

/** A market without a reason: prices that walk at random. */
export class MarketTicker implements OnApplicationBootstrap, OnModuleDestroy {
  readonly quotes = new Subject<readonly Quote[]>();
  #current: readonly Quote[] = Object.entries(openingPrices).map(([symbol, price]) => ({
    symbol,
    price,
    change: 0,
  }));
  #timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#current = this.#current.map(moved);
      this.quotes.next(this.#current);
    }, everyMs);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.quotes.complete();
  }

  current(): readonly Quote[] {
    return this.#current;
  }

  priceOf(symbol: string): number {
    return this.#current.find((quote) => quote.symbol === symbol)?.price ?? NaN;
  }
}

function moved({ symbol, price }: Quote): Quote {
  const next = Math.max(0.01, Math.round(price * (1 + (Math.random() * 2 - 1) * swing) * 100) / 100);
  return { symbol, price: next, change: next / price - 1 };
}
