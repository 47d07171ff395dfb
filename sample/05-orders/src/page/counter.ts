import {
  type Client,
  type ClientStatus,
  createClient,
  exponential,
  isGatewireError,
  pipeline,
} from 'gatewire/client';
import { deduplicate } from 'gatewire/client/stages';
import type { Order, OrdersContract } from '../orders/orders-events.js';
import { Feed } from './feed.js';
import { Ledger, type OwnOrder } from './ledger.js';
import { newId } from './new-id.js';
import { judge, type Verdict } from './verdict.js';

/** What the counter tells the page. */
export interface CounterListener {
  connectionChanged(status: ClientStatus): void;
  /** An order is new, or something has become of it. */
  orderChanged(order: OwnOrder): void;
  /** The database was asked. */
  judged(verdict: Verdict, total: number): void;
  feedChanged(feed: Feed): void;
}

/** How often the database is asked, where something has changed. */
const countEveryMs = 1_000;
/** Chromium lets pages wait whose WebSockets fail again and again: no more attempts than needed. */
const reconnect = exponential({ minMs: 500, maxMs: 5_000 });
/** However long it takes: what is asked waits for a connection, and goes out again after one that broke. */
const patiently = { timeoutMs: false, retry: exponential({ maxMs: 2_000 }) } as const;

/**
 * Where orders are placed, apart from how it looks. The client sends an order until it is answered, over however many connections and
 * lives of the server; the key tells all of them that it is one order.
 */
export class Counter {
  readonly ledger = new Ledger();
  readonly feed = new Feed();
  /** How often the client went on with the session that it had. */
  resumes = 0;
  /** Messages that the server has sent again after its death, as it could not know that it had sent them. */
  repeats = 0;
  readonly #listener: CounterListener;
  readonly #client: Client<OrdersContract>;
  #isStale = true;

  /** @param url of the gateway */
  constructor(url: URL, listener: CounterListener) {
    this.#listener = listener;
    url.searchParams.set('buyer', this.ledger.buyer);
    const isThere = deduplicate({ ttlMs: false, onDuplicate: () => this.repeats++ });
    const client = createClient<OrdersContract>({ url, reconnect, pipeline: pipeline(isThere) });
    this.#client = client;
    client.on('order.placed', (order) => {
      this.feed.heard(order);
      listener.feedChanged(this.feed);
    });
    client.when('state', (status) => listener.connectionChanged(status));
    client.when('open', ({ resumed }) => {
      if (resumed) this.resumes++;
      this.#isStale = true;
      void this.#count();
    });
    // Who was away for longer than the history reaches back, or whose session has ended.
    client.when('gap', () => void this.#readFeed());
    void client.subscribe('orders').ready.then(() => this.#readFeed());
    for (const order of this.ledger.waiting()) void this.#send(order);
    setInterval(() => void this.#count(), countEveryMs);
  }

  /** Tries now rather than at the next attempt. */
  connect(): void {
    // What becomes of it is shown as a state.
    this.#client.connect().catch(() => undefined);
  }

  order({ drink, cups }: Order): void {
    const order: OwnOrder = { key: newId(), drink, cups, number: null };
    this.#put(order);
    void this.#send(order);
  }

  async #send(order: OwnOrder): Promise<void> {
    const { key, drink, cups } = order;
    try {
      const { number } = await this.#client.request(
        'order.place',
        { drink, cups },
        { meta: { key }, ...patiently },
      );
      this.#put({ ...order, number });
    } catch (error) {
      this.#put({ ...order, refusal: isGatewireError(error) ? error.message : String(error) });
    }
  }

  #put(order: OwnOrder): void {
    this.ledger.put(order);
    this.#isStale = true;
    this.#listener.orderChanged(order);
  }

  async #count(): Promise<void> {
    if (!this.#isStale || this.#client.state !== 'open') return;
    this.#isStale = false;
    const asked = this.ledger.orders();
    try {
      const count = await this.#client.request('order.count');
      this.#listener.judged(judge(asked, count), count.total);
    } catch {
      // Without an answer the database is asked again.
      this.#isStale = true;
    }
  }

  async #readFeed(): Promise<void> {
    this.feed.read(await this.#client.request('order.latest', undefined, patiently));
    this.#listener.feedChanged(this.feed);
  }
}
