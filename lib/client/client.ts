import { AsyncQueue } from '../exchange/async-queue.js';
import { after, type TimerHandle } from '../primitives/clock.js';
import { randomId } from '../primitives/random-id.js';
import type { Envelope } from '../protocol/envelope.js';
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
} from './client-api.js';
import type { ClientSettings } from './client-settings.js';
import type { ClientState } from './client-states.js';
import { Connector, type ConnectorOwner } from './connector.js';
import type { AnyContract } from './contract.js';
import { greetingOf, provided } from './greeting.js';
import type { RoomHistory } from './history.js';
import type { Keeper, KeptMessage } from './keeper.js';
import type { Link } from './link.js';
import { Listeners, throwToNobody } from './listeners.js';
import { Outbox } from './outbox.js';
import { clientError, disconnected } from './outgoing.js';
import { lazyJson, plainWire } from './plain-wire.js';
import { Receiver } from './receiver.js';
import { emitNow, queueOptions, Sends } from './sends.js';
import { ackMs, Session, type Welcome } from './session.js';
import { Subscriptions } from './subscriptions.js';
import type { Wire } from './wire.js';

const refreshId = '$auth';

/** Puts the pieces of a client together; each of them has one of its jobs. */
export class RealtimeClient implements Client<AnyContract>, ConnectorOwner {
  readonly #settings: ClientSettings;
  readonly #session = new Session();
  readonly #events: Listeners;
  readonly #own: Listeners;
  readonly #wire: Wire;
  readonly #connector: Connector;
  readonly #outbox: Outbox;
  readonly #sends: Sends;
  readonly #subscriptions: Subscriptions;
  readonly #receiver: Receiver;
  readonly #keeper: Keeper | null;
  readonly #history: RoomHistory | null;
  /** Resolves when what was kept has been taken up, or could not be: nobody connects before. */
  #restored: Promise<void> | null = null;
  #link: Link | null = null;
  /** Whether the server keeps a session for us. */
  #hasSession = false;
  #lastId = 0;
  #ackTimer: TimerHandle = undefined;
  #idleTimer: TimerHandle = undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    const { clock, storage } = settings;
    const failed = (error: unknown): void => this.failed(error);
    // A listener of `error` that throws has nobody left to tell.
    this.#own = new Listeners(throwToNobody);
    this.#events = new Listeners(failed);
    const wire = settings.codec === undefined ? lazyJson : plainWire(settings.codec);
    this.#wire = settings.pipeline?.(wire, failed) ?? wire;
    this.#keeper = storage?.(failed) ?? null;
    this.#history = settings.history?.(failed) ?? null;
    const idPrefix = storage === undefined ? '' : `${randomId().slice(0, 8)}.`;
    this.#outbox = new Outbox({ ...settings, wire: this.#wire, kept: this.#keeper?.kept });
    this.#sends = new Sends({
      outbox: this.#outbox,
      clock,
      combine: settings.flow?.combine,
      requestMs: settings.requestMs,
      nextId: () => (idPrefix === '' ? ++this.#lastId : idPrefix + String(++this.#lastId)),
      cancel: (id) => this.#link?.say({ event: '$cancel', id }),
      undelivered: ({ event, data }, error) => this.#own.tell('undelivered', { event, data, error }),
    });
    const gap = (room: string): void => this.#own.tell('gap', { room });
    const say = (envelope: Envelope): void => this.#link?.say(envelope);
    this.#subscriptions = new Subscriptions({ say, failed, idPrefix, gap, history: this.#history });
    this.#receiver = new Receiver({
      events: this.#events,
      outcome: (envelope) => this.#outbox.outcome(envelope) || this.#subscriptions.outcome(envelope),
      history: this.#history,
      rooms: this.#subscriptions,
      control: (event, data) => this.#control(event, data),
      reply: say,
      failed,
    });
    this.#connector = new Connector(
      {
        ...settings,
        wire: this.#wire,
        greeting: () => greetingOf(settings, this.#wire.codec, this.#session.ticket),
        canRefresh: typeof settings.token === 'function' || typeof settings.headers === 'function',
      },
      this,
    );
    if (this.#keeper !== null) this.#restored = this.#restore(this.#keeper);
    // Not before the caller has had time to listen.
    if (settings.autoConnect !== false)
      queueMicrotask(() => {
        if (this.state === 'idle') this.#connectSoon();
      });
  }

  get state(): ClientState {
    return this.#connector.state;
  }

  get status(): ClientStatus {
    return this.#connector.status;
  }

  get session(): string | undefined {
    return this.#hasSession ? this.#session.id : undefined;
  }

  get pending(): number {
    return this.#outbox.size;
  }

  emit(event: string, data?: unknown, options?: EmitOptions): Emitted {
    if (options?.volatile === true)
      return emitNow(this.state === 'open' ? this.#link : null, event, data, options);
    this.#busy();
    return this.#sends.emit(event, data, options);
  }

  request<Reply>(event: string, data?: unknown, options?: RequestOptions): Promise<Reply> {
    this.#busy();
    return this.#sends.request(event, data, options) as Promise<Reply>;
  }

  stream<Item>(
    event: string,
    data?: unknown,
    options?: SendOptions & EventsOptions,
  ): AsyncIterableIterator<Item> {
    this.#busy();
    return this.#sends.stream(event, data, options) as AsyncIterableIterator<Item>;
  }

  on(event: string, listener: (data: never) => unknown): Unsubscribe {
    return this.#events.add(event, listener);
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
    this.#busy();
    return this.#subscriptions.add(room, listener);
  }

  publish(room: string, event: string, data?: unknown, options?: EmitOptions): Emitted {
    return this.emit('$publish', { room, event, data }, options);
  }

  history(room: string): Promise<readonly RoomMessage[]> {
    return this.#history?.read(room) ?? Promise.resolve([]);
  }

  when<Name extends keyof ClientEvents>(event: Name, listener: ClientEvents[Name]): Unsubscribe {
    return this.#own.add(event, listener);
  }

  connect(): Promise<void> {
    if (this.#link !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const ends = [
        this.when('open', () => done(resolve)),
        this.#own.add('ended', (error: Error) => {
          done(() => reject(error));
        }),
      ];
      const done = (tell: () => void): void => {
        for (const end of ends) end();
        tell();
      };
      this.#connectSoon();
    });
  }

  async close(code = 1000, reason = ''): Promise<void> {
    this.#sends.flush();
    await this.#connector.close(code, reason);
    // Both may have the same storage: it finishes what it was given before it is closed.
    await this.#history?.close();
    await this.#keeper?.close();
  }

  changed(): void {
    this.#own.tell('state', this.status);
  }

  opened(link: Link, welcome: Welcome | undefined): void {
    const wasAsked = this.#session.id !== undefined;
    const isResumed = welcome?.resumed === true;
    const isRecovered = isResumed && welcome.recovered;
    this.#link = link;
    this.#hasSession = welcome !== undefined;
    if (welcome === undefined) this.#session.forget();
    else this.#session.welcome(welcome);
    this.#keeper?.session(this.#session.ticket);
    if (!isRecovered) this.#sends.breakStreams(isResumed);
    this.#subscriptions.open(!isResumed, isRecovered);
    this.#outbox.open(link, welcome?.limits);
    this.#own.tell('open', { resumed: isResumed, recovered: isRecovered });
    if (wasAsked && !isRecovered) this.#own.tell('gap', {});
    this.#busy();
  }

  received(envelopes: readonly Envelope[], isCounted: boolean): void {
    const number = this.#hasSession && isCounted ? this.#session.count() : 0;
    if (number === null) return;
    for (const envelope of envelopes) this.#receiver.receive(envelope);
    this.#busy();
    if (number === 0) return;
    if (this.#session.processed(number)) this.#acknowledge();
    else this.#ackTimer ??= this.#settings.clock.setTimeout(() => this.#acknowledge(), ackMs);
  }

  lost(): void {
    this.#link = null;
    this.#clearTimers();
    this.#outbox.pause();
    this.#subscriptions.pause();
    // Nobody will send the answers again.
    if (!this.#hasSession)
      for (const message of this.#outbox.unanswered()) this.#outbox.fail(message, disconnected());
  }

  ended(code: number, reason: string, cause: unknown): void {
    const why = reason === '' ? '' : `: ${reason}`;
    const error = clientError('DISCONNECTED', `the connection has ended for good with ${code}${why}`, cause);
    this.#link = null;
    this.#clearTimers();
    this.#keeper?.seal();
    this.#outbox.failAll(error);
    this.#outbox.clear();
    this.#subscriptions.end(error);
    this.#session.forget();
    this.#own.tell('ended', error);
  }

  failed(error: unknown): void {
    this.#own.tell('error', error instanceof Error ? error : new Error(String(error)));
  }

  #connectSoon(): void {
    if (this.#restored === null) this.#connector.connect();
    else void this.#restored.then(() => this.#connector.connect());
  }

  async #restore(keeper: Keeper): Promise<void> {
    try {
      const take = (messages: readonly KeptMessage[]): void =>
        this.#outbox.restore(messages.map((message) => this.#sends.restored(message)));
      const { ticket, messages } = await keeper.load(take);
      if (ticket !== null && this.#session.id === undefined) this.#session.restore(ticket);
      take(messages);
    } catch (error) {
      this.failed(error);
    }
  }

  #control(event: string, data: unknown): void {
    const { reconnectMs, expiresInMs } = (data ?? {}) as { reconnectMs?: unknown; expiresInMs?: unknown };
    if (event === '$drain') {
      this.#outbox.pause();
      this.#subscriptions.pause();
      this.#connector.drain(typeof reconnectMs === 'number' ? reconnectMs : 0);
    } else if (event === '$auth' && expiresInMs !== undefined) void this.#refresh();
  }

  /** Credentials end soon: fresh ones, in place. */
  async #refresh(): Promise<void> {
    const { token } = this.#settings;
    if (typeof token !== 'function') return;
    const link = this.#link;
    try {
      const fresh = await provided(token);
      if (fresh !== undefined) link?.say({ event: '$auth', id: refreshId, data: { token: fresh } });
    } catch (error) {
      this.failed(error);
    }
  }

  #acknowledge(): void {
    this.#settings.clock.clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const ack = this.#session.acknowledge();
    if (ack === undefined) return;
    this.#keeper?.session(this.#session.ticket);
    this.#link?.say(ack);
  }

  /** There is something to do: whoever rests wakes up, and does not rest for a while. */
  #busy(): void {
    const { idleMs, clock } = this.#settings;
    if (idleMs === Infinity) return;
    clock.clearTimeout(this.#idleTimer);
    if (this.#link !== null)
      this.#idleTimer = after(clock, idleMs, () => void this.#connector.rest('idle', 'rest'));
    else if (this.state === 'idle' && this.#settings.autoConnect !== false) this.#connectSoon();
  }

  #clearTimers(): void {
    const { clock } = this.#settings;
    clock.clearTimeout(this.#ackTimer);
    clock.clearTimeout(this.#idleTimer);
    this.#ackTimer = undefined;
  }
}
