import type { GatewireError } from '../../protocol/gatewire-error.js';
import { clientError, serverError } from '../outgoing.js';
import { hold, whenGone } from './lifeline.js';
import { type PageMessage, type Port, post, type WorkerMessage } from './messages.js';

/** What is used of a `SharedWorker`. */
export interface SharedWorkerLike {
  readonly port: Port;
  addEventListener?(type: 'error', listener: (event: { readonly message?: string }) => void): void;
}

/** Who waits for an outcome. */
export interface Waiting {
  /** Whether it is a message of the application. */
  readonly isMessage?: boolean;
  /** @param more it is an item, and not the last */
  outcome(data: unknown, more: boolean): void;
  failed(error: GatewireError): void;
}

/** Whose link it is. */
export interface PageLinkOwner {
  /** The worker knows nothing of this page yet. */
  joined(): void;
  received(message: WorkerMessage): void;
  /** The worker is no more. */
  ended(reason: string): void;
}

interface PageScope {
  addEventListener?: (type: 'pagehide' | 'pageshow', listener: () => void) => void;
  removeEventListener?: PageScope['addEventListener'];
}

const scope = globalThis as PageScope;

/** The page's end of the channel to a worker: who waits for what, and whether both ends are still there. */
export class PageLink {
  readonly #port: Port;
  readonly #owner: PageLinkOwner;
  readonly #waiting = new Map<number, Waiting>();
  #isHere = false;
  #release = (): void => undefined;
  #unwatch = (): void => undefined;
  #lastId = 0;

  constructor(worker: SharedWorkerLike, owner: PageLinkOwner) {
    this.#port = worker.port;
    this.#owner = owner;
    this.#port.onmessage = ({ data }) => this.#received(data as WorkerMessage);
    this.#port.addEventListener?.('close', () => this.#end('the worker is gone'));
    worker.addEventListener?.('error', ({ message }) => this.#end(message ?? 'the worker has failed'));
    this.#port.start?.();
  }

  /** Messages of the application whose outcome is missing. */
  get pending(): number {
    let pending = 0;
    for (const { isMessage } of this.#waiting.values()) if (isMessage === true) pending++;
    return pending;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  join(): void {
    scope.addEventListener?.('pagehide', this.#hidden);
    scope.addEventListener?.('pageshow', this.#come);
    this.#come();
  }

  /** Ends what this page has asked for. */
  leave(reason: string): void {
    scope.removeEventListener?.('pagehide', this.#hidden);
    scope.removeEventListener?.('pageshow', this.#come);
    this.#go(reason);
  }

  ask(message: PageMessage & { readonly id: number }, waiting: Waiting): void {
    if (!this.#isHere)
      return waiting.failed(clientError('DISCONNECTED', 'the client of this page is closed'));
    this.#waiting.set(message.id, waiting);
    const failure = post(this.#port, message);
    if (failure === undefined) return;
    this.#waiting.delete(message.id);
    waiting.failed(failure);
  }

  tell(message: PageMessage): void {
    if (this.#isHere) post(this.#port, message);
  }

  /** Nobody waits for it any more, and nobody need work on it. */
  cancel(id: number): void {
    if (this.#waiting.delete(id)) this.tell({ op: 'cancel', id });
  }

  readonly #hidden = (): void => this.#go('the page was left');

  readonly #come = (): void => {
    if (this.#isHere) return;
    this.#isHere = true;
    this.#release = hold((lock) => this.tell({ op: 'holds', lock }));
    this.tell({ op: 'join' });
    this.#owner.joined();
  };

  #go(reason: string): void {
    this.tell({ op: 'leave' });
    this.#isHere = false;
    this.#release();
    this.#unwatch();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.failed(clientError('DISCONNECTED', reason));
  }

  #end(reason: string): void {
    if (!this.#isHere) return;
    this.leave(reason);
    this.#owner.ended(reason);
  }

  #received(message: WorkerMessage): void {
    if (!this.#isHere) return;
    if (message.op === 'holds') this.#unwatch = whenGone(message.lock, () => this.#end('the worker is gone'));
    else if (message.op === 'outcome') this.#outcome(message);
    else this.#owner.received(message);
  }

  #outcome({ id, data, error, more = false }: WorkerMessage & { readonly op: 'outcome' }): void {
    const waiting = this.#waiting.get(id);
    if (!more) this.#waiting.delete(id);
    if (error === undefined) waiting?.outcome(data, more);
    else waiting?.failed(serverError(error));
  }
}
