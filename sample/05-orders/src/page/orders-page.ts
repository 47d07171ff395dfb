import type { ClientStatus } from 'gatewire/client';
import type { ServerState } from '../supervisor/supervisor-events.js';
import { Counter, type CounterListener } from './counter.js';
import type { Feed } from './feed.js';
import type { OwnOrder } from './ledger.js';
import { someOrder } from './menu.js';
import { Supervisor } from './supervisor.js';
import type { Verdict } from './verdict.js';
import { showConnection } from './view/connection-pill.js';
import { find } from './view/element.js';
import { showFeed } from './view/feed-view.js';
import { OrderList } from './view/order-list.js';
import { showServer } from './view/server-panel.js';
import { showTally } from './view/tally.js';

const orderEveryMs = 250;
/** While the server is away, and in all. */
const mostWaiting = 40;
const mostOrders = 2_000;

/** Puts the counter, the supervisor and their views together. */
export class OrdersPage implements CounterListener {
  readonly #supervisor: Supervisor;
  readonly #list = new OrderList();
  readonly #always = find<HTMLInputElement>('#always');
  readonly #hunt = find<HTMLInputElement>('#hunt');
  #counter: Counter | null = null;
  #verdict: Verdict | null = null;
  #total = 0;
  #kills = 0;
  #isHunted = false;

  constructor() {
    this.#supervisor = new Supervisor((state) => this.#serverChanged(state));
    find('#kill').addEventListener('click', () => void this.#supervisor.kill());
    this.#hunt.addEventListener('change', () => void this.#supervisor.hunt(this.#hunt.checked));
    find('#order').addEventListener('click', () => this.#counter?.order(someOrder()));
    setInterval(() => {
      if (this.#always.checked) this.#orderMore();
    }, orderEveryMs);
  }

  connectionChanged(status: ClientStatus): void {
    showConnection(status, this.#counter?.resumes ?? 0);
  }

  orderChanged(order: OwnOrder): void {
    this.#list.show(order);
    this.#showTally();
  }

  judged(verdict: Verdict, total: number): void {
    this.#verdict = verdict;
    this.#total = total;
    this.#showTally();
  }

  feedChanged(feed: Feed): void {
    showFeed(feed, this.#counter?.repeats ?? 0, this.#counter?.ledger.keys ?? new Set());
  }

  #serverChanged(state: ServerState): void {
    this.#kills = Object.values(state.kills).reduce((sum, times) => sum + times, 0);
    showServer(state, this.#kills);
    // Nothing but a change: who has just moved the switch is ahead of what the supervisor tells.
    if (state.isHunted !== this.#isHunted) this.#hunt.checked = this.#isHunted = state.isHunted;
    this.#counter ??= this.#open(state.port);
    // The client would come back by itself, a little later.
    if (state.isUp) this.#counter.connect();
    this.#showTally();
  }

  /** The gateway is on another port of the host that has served the page. */
  #open(port: number): Counter {
    const url = new URL('/orders', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.port = String(port);
    const counter = new Counter(url, this);
    for (const order of counter.ledger.orders()) this.#list.show(order);
    return counter;
  }

  #orderMore(): void {
    const ledger = this.#counter?.ledger;
    if (ledger === undefined || ledger.waiting().length >= mostWaiting) return;
    if (ledger.size < mostOrders) this.#counter?.order(someOrder());
    else this.#always.checked = false;
  }

  #showTally(): void {
    const orders = this.#counter?.ledger.orders() ?? [];
    showTally({ orders, verdict: this.#verdict, total: this.#total, kills: this.#kills });
  }
}
