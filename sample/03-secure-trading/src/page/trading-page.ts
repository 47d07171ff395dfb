import type { AuditEntry, Login, Order, Quote } from '../orders/trading-events.js';
import { refresh } from './http.js';
import { Signer } from './signer.js';
import { Trader } from './trader.js';
import { type SocketListener, TradingSocket } from './trading-socket.js';
import { find } from './view/element.js';
import { Expiry } from './view/expiry.js';
import { lineOf, lineOfFlood, titleOf } from './view/outcomes.js';
import { RecordList } from './view/record-list.js';
import { Ticker } from './view/ticker.js';

/** Everything behind the login. */
export class TradingPage implements SocketListener {
  readonly #ticker = new Ticker();
  readonly #orders = new RecordList('#orders');
  readonly #audit = new RecordList('#audit');
  readonly #expiry = new Expiry();
  readonly #form = find<HTMLFormElement>('#order');
  readonly #forgeries = [find<HTMLButtonElement>('#replay'), find<HTMLButtonElement>('#tamper')];
  #login: Login;
  #socket: TradingSocket;
  #trader: Trader;

  private constructor(login: Login, signer: Signer) {
    this.#login = login;
    this.#socket = new TradingSocket(login.token, this);
    this.#trader = new Trader(this.#socket, signer);
    find('#who').textContent = login.kid;
    this.#expiry.set(login.expiresAt);
    this.#listen();
  }

  static async start(login: Login): Promise<TradingPage> {
    return new TradingPage(login, await Signer.of(login.kid, login.secret));
  }

  opened(): void {
    this.#showState('open', 'Connected');
  }

  closed(reason: string): void {
    this.#showState('closed', `${reason}. Sign in again.`);
    for (const button of document.querySelectorAll<HTMLButtonElement>('#app main button'))
      button.disabled = true;
  }

  event(name: string, data: unknown): void {
    if (name === 'prices') this.#ticker.show(data as readonly Quote[]);
    else if (name === 'audit') this.#addAudit(data as AuditEntry);
    else if (name === 'history') for (const entry of data as readonly AuditEntry[]) this.#addAudit(entry);
    // The server says that the token ends soon.
    else if (name === '$auth') void this.#refresh();
  }

  #listen(): void {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#order(this.#filledIn());
    });
    on('#replay', async () =>
      this.#orders.add(lineOf('Replay of the last order', await this.#trader.replay())),
    );
    on('#tamper', async () =>
      this.#orders.add(lineOf('Last order, quantity changed', await this.#trader.tamper())),
    );
    on('#flood', () => this.#flood());
    on('#refresh', () => this.#refresh());
    // All there is to forget is in this page.
    on('#sign-out', () => {
      this.#socket.close();
      location.reload();
    });
  }

  async #order(order: Order): Promise<void> {
    const answer = await this.#trader.order(order);
    this.#orders.add(lineOf(titleOf(order), answer));
    this.#allowForgeries();
  }

  async #flood(): Promise<void> {
    this.#orders.add(lineOfFlood(await this.#trader.flood(this.#filledIn())));
    this.#allowForgeries();
  }

  #allowForgeries(): void {
    for (const button of this.#forgeries) button.disabled = !this.#trader.hasSent;
  }

  async #refresh(): Promise<void> {
    try {
      const { token, expiresAt } = await refresh(this.#login.token);
      const answer = await this.#socket.request('$auth', { token });
      if ('error' in answer) throw new Error(answer.error.message);
      this.#login = { ...this.#login, token, expiresAt };
      this.#expiry.set(expiresAt);
      find('#refreshed').textContent = 'Token refreshed on the open connection';
    } catch (error) {
      find('#refreshed').textContent = error instanceof Error ? error.message : String(error);
    }
  }

  #addAudit({ at, event, outcome, durationMs }: AuditEntry): void {
    const detail = durationMs === undefined ? 'before it was read' : `${durationMs.toFixed(1)} ms`;
    this.#audit.add({ at, title: event, detail, outcome });
  }

  #filledIn(): Order {
    const fields = new FormData(this.#form);
    return {
      symbol: fields.get('symbol') as string,
      side: fields.get('side') as Order['side'],
      quantity: Number(fields.get('quantity')),
    };
  }

  #showState(state: string, words: string): void {
    const status = find<HTMLElement>('#connection');
    status.dataset['state'] = state;
    find('#connection-text').textContent = words;
  }
}

function on(selector: string, act: () => unknown): void {
  find(selector).addEventListener('click', () => void act());
}
