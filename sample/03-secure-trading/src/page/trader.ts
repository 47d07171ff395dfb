import type { Execution, Order } from '../orders/trading-events.js';
import type { Signer } from './signer.js';
import { tampered } from './signer.js';
import type { Answer, TradingSocket } from './trading-socket.js';

const floodSize = 20;

/** What came of a flood. */
export interface FloodOutcome {
  readonly accepted: number;
  readonly refused: number;
  readonly retryAfterMs: number;
}

/** Signs orders and sends them; and does what an attacker would with the last one. */
export class Trader {
  readonly #socket: TradingSocket;
  readonly #signer: Signer;
  #last: string | undefined;

  constructor(socket: TradingSocket, signer: Signer) {
    this.#socket = socket;
    this.#signer = signer;
  }

  get hasSent(): boolean {
    return this.#last !== undefined;
  }

  order(order: Order): Promise<Answer> {
    return this.#socket.request('order.create', order, async (frame) => {
      this.#last = await this.#signer.sign(frame);
      return this.#last;
    });
  }

  /** The very same frame once more. */
  replay(): Promise<Answer> {
    return this.#socket.sendForged(this.#last ?? '');
  }

  /** Ten times the quantity under the old signature. */
  tamper(): Promise<Answer> {
    const forged = tampered<{ data: Order }>(this.#last ?? '', (frame) => ({
      ...frame,
      data: { ...frame.data, quantity: frame.data.quantity * 10 },
    }));
    return this.#socket.sendForged(forged);
  }

  async flood(order: Order): Promise<FloodOutcome> {
    const answers = await Promise.all(Array.from({ length: floodSize }, () => this.order(order)));
    const refusals = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []));
    return {
      accepted: answers.length - refusals.length,
      refused: refusals.length,
      retryAfterMs: Math.max(0, ...refusals.map(({ details }) => details?.retryAfterMs ?? 0)),
    };
  }
}

export function executionOf(answer: Answer): Execution | undefined {
  return 'data' in answer ? (answer.data as Execution) : undefined;
}
