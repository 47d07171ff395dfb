import type { Client, Subscription } from '../client-api.js';
import type { AnyContract } from '../contract.js';
import { serverError } from '../outgoing.js';
import { whenGone } from './lifeline.js';
import { errorBody, type PageMessage, type Port, post, type WorkerMessage } from './messages.js';

/** What the worker does for a page. */
export interface TabOwner {
  readonly client: Client<AnyContract>;
  joined(tab: Tab): void;
  left(tab: Tab): void;
  hear(tab: Tab, event: string): void;
  unhear(tab: Tab, event: string): void;
}

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One page of those that share a client, as the worker sees it. One that has left may come again by saying something. */
export class Tab {
  readonly #port: Port;
  readonly #owner: TabOwner;
  /** Messages under way. */
  readonly #running = new Map<number, { readonly isEmit: boolean; readonly abort: AbortController }>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #asked = new Map<number, Asked>();
  #lastAsk = 0;
  #isHere = false;
  #unwatch: (() => void) | undefined;

  constructor(port: Port, owner: TabOwner) {
    this.#port = port;
    this.#owner = owner;
  }

  listen(): void {
    const port = this.#port;
    this.#come();
    port.onmessage = ({ data }) => this.#received(data as PageMessage);
    port.addEventListener?.('close', () => this.#leave());
    port.start?.();
  }

  tell(message: WorkerMessage): void {
    const failure = post(this.#port, message);
    if (failure !== undefined) post(this.#port, { op: 'error', error: errorBody(failure) });
  }

  /** What the listeners of the page answer; undefined when it leaves before. */
  ask(event: string, data: unknown): Promise<unknown> {
    const ask = ++this.#lastAsk;
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject });
      this.tell({ op: 'event', event, data, ask });
    });
  }

  #received(message: PageMessage): void {
    if (message.op === 'leave') return this.#leave();
    this.#come();
    if (message.op === 'join') return;
    switch (message.op) {
      case 'holds':
        this.#unwatch?.();
        this.#unwatch = whenGone(message.lock, () => this.#leave());
        return;
      case 'hear':
        return this.#owner.hear(this, message.event);
      case 'unhear':
        return this.#owner.unhear(this, message.event);
      case 'answer':
        return this.#answered(message);
      case 'cancel':
        return this.#running.get(message.id)?.abort.abort();
      case 'unsubscribe':
        return this.#unsubscribe(message.id);
      case 'subscribe':
        return this.#outcome(message.id, this.#subscribe(message.id, message.room));
      case 'history':
        return this.#outcome(message.id, this.#owner.client.history(message.room));
      case 'connect':
        return this.#outcome(message.id, this.#owner.client.connect());
      default:
        this.#outcome(message.id, this.#send(message));
    }
  }

  async #send(message: PageMessage & { op: 'emit' | 'request' | 'stream' }): Promise<unknown> {
    const { op, id, event, data } = message;
    const { client } = this.#owner;
    const abort = new AbortController();
    const options = { ...message.options, signal: abort.signal };
    this.#running.set(id, { isEmit: op === 'emit', abort });
    try {
      if (op === 'request') return await client.request(event, data, options);
      if (op === 'emit') {
        await client.emit(event, data, options).delivered;
        return undefined;
      }
      for await (const item of client.stream(event, data, options))
        this.tell({ op: 'outcome', id, data: item, more: true });
      return undefined;
    } finally {
      this.#running.delete(id);
    }
  }

  #subscribe(id: number, room: string): Promise<void> {
    const subscription = this.#owner.client.subscribe(room, (message) =>
      this.tell({ op: 'published', id, message }),
    );
    this.#subscriptions.set(id, subscription);
    return subscription.ready;
  }

  #unsubscribe(id: number): void {
    this.#subscriptions.get(id)?.unsubscribe();
    this.#subscriptions.delete(id);
  }

  #answered({ id, data, error }: PageMessage & { op: 'answer' }): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(data);
    else asked?.reject(serverError(error));
  }

  #outcome(id: number, outcome: Promise<unknown>): void {
    outcome.then(
      (data) => this.tell({ op: 'outcome', id, data }),
      (error: unknown) => this.tell({ op: 'outcome', id, error: errorBody(error) }),
    );
  }

  #come(): void {
    if (this.#isHere) return;
    this.#isHere = true;
    this.#owner.joined(this);
  }

  #leave(): void {
    if (!this.#isHere) return;
    this.#isHere = false;
    this.#unwatch?.();
    this.#owner.left(this);
    for (const id of this.#subscriptions.keys()) this.#unsubscribe(id);
    for (const { resolve } of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
    // Nobody waits for an answer any more; but what a page has emitted is delivered.
    for (const { isEmit, abort } of this.#running.values()) if (!isEmit) abort.abort();
  }
}
