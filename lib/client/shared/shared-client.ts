import { AsyncQueue } from '../../exchange/async-queue.js';
import { OptionError } from '../../primitives/option-error.js';
import type { GatewireError } from '../../protocol/gatewire-error.js';
import type {
  Client,
  ClientEvents,
  ClientStatus,
  Emitted,
  EmitOptions,
  EventsOptions,
  RequestOptions,
  RoomMessage,
  SendOptions,
  Subscription,
  Unsubscribe,
} from '../client-api.js';
import type { ClientState } from '../client-states.js';
import type { AnyContract, Contract } from '../contract.js';
import { Listeners, throwToNobody } from '../listeners.js';
import { clientError, serverError } from '../outgoing.js';
import { queueOptions } from '../sends.js';
import { errorBody, type SharedSendOptions, type WorkerMessage } from './messages.js';
import { PageLink, type PageLinkOwner, type SharedWorkerLike, type Waiting } from './page-link.js';
import { SharedRooms } from './shared-rooms.js';

/** How a page gets at the client that it shares. */
export interface SharedClientOptions {
  /** Its script calls `serveClient`. */
  readonly worker: SharedWorkerLike;
}

/**
 * The client of a `SharedWorker`, for one page: the same connection for all pages of an origin.
 *
 * `close()` and leaving the page end what this page has asked for and subscribed to, not the connection; what it has
 * emitted is delivered all the same. `retry` of requests is a function, which cannot travel: it is refused.
 *
 * @example
 * const worker = new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module' });
 * const client = sharedClient<Chat>({ worker });
 */
export function sharedClient<C extends Contract = AnyContract>({ worker }: SharedClientOptions): Client<C> {
  return new SharedClient(worker) as unknown as Client<C>;
}

class SharedClient implements Client<AnyContract>, PageLinkOwner {
  readonly #own = new Listeners(throwToNobody);
  readonly #events = new Listeners((error) => this.#failed(error));
  readonly #heard = new Set<string>();
  readonly #link: PageLink;
  readonly #rooms: SharedRooms;
  #status: ClientStatus = { state: 'idle', attempt: 0, retryInMs: undefined, closed: undefined };
  /** When it was told. */
  #statusAt = 0;
  #session: string | undefined;

  constructor(worker: SharedWorkerLike) {
    this.#link = new PageLink(worker, this);
    this.#rooms = new SharedRooms(this.#link, (error) => this.#failed(error));
    this.#link.join();
  }

  get state(): ClientState {
    return this.#status.state;
  }

  get status(): ClientStatus {
    const { retryInMs } = this.#status;
    const elapsedMs = performance.now() - this.#statusAt;
    return {
      ...this.#status,
      retryInMs: retryInMs === undefined ? undefined : Math.max(0, retryInMs - elapsedMs),
    };
  }

  get session(): string | undefined {
    return this.#session;
  }

  get pending(): number {
    return this.#link.pending;
  }

  emit(event: string, data?: unknown, options: EmitOptions = {}): Emitted {
    const delivered = new Promise<void>((resolve, reject) => {
      const failed = (error: GatewireError): void => {
        if (options.volatile !== true) this.#own.tell('undelivered', { event, data, error });
        reject(error);
      };
      this.#send('emit', event, data, options, { outcome: () => resolve(), failed });
    });
    // Who does not look at it has `undelivered`.
    delivered.catch(() => undefined);
    return { id: undefined, delivered };
  }

  request<Reply>(event: string, data?: unknown, options: RequestOptions = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (options.retry !== undefined)
        throw new OptionError('retry', 'nothing, as a function cannot travel to a worker', options.retry);
      const outcome = (reply: unknown): void => resolve(reply as Reply);
      this.#send('request', event, data, options, { outcome, failed: reject });
    });
  }

  stream<Item>(
    event: string,
    data?: unknown,
    options: SendOptions & EventsOptions = {},
  ): AsyncIterableIterator<Item> {
    const left = (): void => this.#link.cancel(id);
    const items = new AsyncQueue<Item>({ ...queueOptions(options), left });
    const outcome = (item: unknown, more: boolean): void => {
      if (more) items.push(item as Item);
      else items.end();
    };
    const id = this.#send('stream', event, data, options, { outcome, failed: (error) => items.fail(error) });
    return items;
  }

  on(event: string, listener: (data: never) => unknown): Unsubscribe {
    this.#events.add(event, listener);
    if (!this.#heard.has(event)) {
      this.#heard.add(event);
      this.#link.tell({ op: 'hear', event });
    }
    return () => this.off(event, listener);
  }

  once(event: string, listener: (data: never) => unknown): Unsubscribe {
    const end = this.on(event, (data) => {
      end();
      return listener(data);
    });
    return end;
  }

  off(event: string, listener: (data: never) => unknown): void {
    this.#events.remove(event, listener);
    if (!this.#events.has(event) && this.#heard.delete(event)) this.#link.tell({ op: 'unhear', event });
  }

  events<Data>(event: string, options: EventsOptions = {}): AsyncIterableIterator<Data> {
    const left = (): void => end();
    const queue = new AsyncQueue<Data>({ ...queueOptions(options), left });
    const end = this.on(event, (data: Data) => {
      queue.push(data);
    });
    options.signal?.addEventListener('abort', () => void queue.return(), { once: true });
    return queue;
  }

  subscribe(room: string, listener?: (message: RoomMessage) => void): Subscription {
    return this.#rooms.add(room, listener);
  }

  publish(room: string, event: string, data?: unknown, options?: EmitOptions): Emitted {
    return this.emit('$publish', { room, event, data }, options);
  }

  history(room: string): Promise<readonly RoomMessage[]> {
    return new Promise((resolve, reject) => {
      const outcome = (messages: unknown): void => resolve(messages as RoomMessage[]);
      this.#link.ask({ op: 'history', id: this.#link.nextId(), room }, { outcome, failed: reject });
    });
  }

  when<Name extends keyof ClientEvents>(event: Name, listener: ClientEvents[Name]): Unsubscribe {
    return this.#own.add(event, listener);
  }

  connect(): Promise<void> {
    this.#link.join();
    return new Promise((resolve, reject) =>
      this.#link.ask(
        { op: 'connect', id: this.#link.nextId() },
        { outcome: () => resolve(), failed: reject },
      ),
    );
  }

  close(code = 1000, reason = ''): Promise<void> {
    this.#link.leave('the client of this page was closed');
    this.#closed(code, reason);
    return Promise.resolve();
  }

  joined(): void {
    for (const event of this.#heard) this.#link.tell({ op: 'hear', event });
    this.#rooms.join();
  }

  ended(reason: string): void {
    this.#closed(1006, reason);
  }

  received(message: WorkerMessage): void {
    switch (message.op) {
      case 'status':
        return this.#changed(message.status, message.session);
      case 'event':
        if (message.ask === undefined) this.#events.tell(message.event, message.data);
        else void this.#answer(message.ask, message.event, message.data);
        return;
      case 'published':
        return this.#rooms.published(message.id, message.message);
      case 'open':
        return this.#own.tell('open', { resumed: message.resumed, recovered: message.recovered });
      case 'gap':
        return this.#own.tell('gap', message.gap);
      case 'error':
        return this.#failed(serverError(message.error));
      default:
    }
  }

  #send(
    op: 'emit' | 'request' | 'stream',
    event: string,
    data: unknown,
    { signal, ...options }: EmitOptions & RequestOptions,
    waiting: Waiting,
  ): number {
    const id = this.#link.nextId();
    if (signal?.aborted === true) waiting.failed(clientError('CANCELLED', 'aborted', signal.reason));
    else {
      this.#link.ask({ op, id, event, data, options: cloneable(options) }, { ...waiting, isMessage: true });
      // The worker says what has become of it.
      signal?.addEventListener('abort', () => this.#link.tell({ op: 'cancel', id }), { once: true });
    }
    return id;
  }

  async #answer(id: number, event: string, data: unknown): Promise<void> {
    try {
      this.#link.tell({ op: 'answer', id, data: await this.#events.ask(event, data) });
    } catch (error) {
      this.#link.tell({ op: 'answer', id, error: errorBody(error) });
    }
  }

  #closed(code: number, reason: string): void {
    this.#changed({ state: 'closed', attempt: 0, retryInMs: undefined, closed: { code, reason } }, undefined);
  }

  #changed(status: ClientStatus, session: string | undefined): void {
    this.#status = status;
    this.#statusAt = performance.now();
    this.#session = session;
    this.#own.tell('state', this.status);
  }

  #failed(error: unknown): void {
    this.#own.tell('error', error instanceof Error ? error : new Error(String(error)));
  }
}

function cloneable({
  meta,
  priority,
  volatile,
  latest,
  timeoutMs,
}: EmitOptions & RequestOptions): SharedSendOptions {
  return { meta, priority, volatile, latest, timeoutMs } as SharedSendOptions;
}
