import { exponential } from '../../lib/exchange/retry-strategy.js';
import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import type { Environment } from '../../lib/client/environment.js';
import { createClient } from '../../lib/client/index.js';
import { persist } from '../../lib/client/keeper.js';
import { nodeSocket } from '../../lib/client/node/ws-socket.js';
import type { ClientSocket, Connect, SocketListener } from '../../lib/client/socket.js';
import type { Clock } from '../../lib/primitives/clock.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { deferred } from '../support/engine-fixture.js';
import type { History, SentMessage } from './history.js';
import { type Inbox } from './inbox.js';
import { LifeClock } from './life-clock.js';
import type { ScheduleOptions } from './operations.js';
import { type Disk, PageStorage } from './page-storage.js';

/** How a seeded defect changes the sockets of a page. */
export type AroundConnect = (connect: Connect) => Connect;

export interface PageSettings {
  readonly number: number;
  readonly url: string;
  readonly options: ScheduleOptions;
  readonly history: History;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly disk: Disk | null;
  readonly aroundConnect?: AroundConnect | undefined;
}

/** One life of the client: from the load of a page to its end. */
export class Page {
  readonly number: number;
  readonly client: Client<AnyContract>;
  readonly clock: LifeClock;
  /** Rooms that the application wants to be in. */
  readonly rooms = new Map<string, { unsubscribe(): void }>();
  /** Whether the application has closed the client, and not opened it again. */
  wasClosed = false;
  readonly #settings: PageSettings;
  readonly #history: History;
  readonly #storage: PageStorage | undefined;
  readonly #sockets = new Set<ClientSocket>();
  readonly #aborts: AbortController[] = [];
  readonly #readers: AsyncIterator<unknown>[] = [];
  readonly #death = deferred();
  #isDead = false;

  constructor(settings: PageSettings) {
    const { number, url, options, history, clock, environment, disk } = settings;
    this.#settings = settings;
    this.#history = history;
    this.number = number;
    this.clock = new LifeClock(clock);
    this.#storage = disk === null ? undefined : new PageStorage(disk);
    history.note(() => `page ${number} is loaded`);
    this.client = createClient({
      url,
      autoConnect: options.autoConnect,
      connect: this.#connect(settings.aroundConnect?.(nodeSocket()) ?? nodeSocket()),
      environment,
      clock: this.clock,
      reconnect: exponential({ minMs: 100, maxMs: 1_600, random: randomFrom(number) }),
      timeouts: { connectMs: 5_000, requestMs: 8_000, closeMs: 1_000, idleMs: options.idleMs },
      outbox: { messages: options.outbox, whenFull: options.whenFull },
      ...(this.#storage === undefined ? {} : { storage: persist(this.#storage) }),
    });
    this.#listen();
  }

  emit(event: 'put' | 'slow'): void {
    const message = this.#history.sends('emit', this.number);
    this.#observe(message, this.client.emit(event, { n: message.n }).delivered);
  }

  publish(room: string): void {
    const message = this.#history.sends('publish', this.number);
    this.#observe(message, this.client.publish(room, 'posted', { n: message.n }).delivered);
  }

  volatile(): void {
    const message = this.#history.sends('volatile', this.number);
    this.#observe(message, this.client.emit('note', { n: message.n }, { volatile: true }).delivered);
  }

  request(event: 'put' | 'slow', isPatient: boolean): void {
    const message = this.#history.sends('request', this.number);
    const abort = new AbortController();
    this.#aborts.push(abort);
    const { signal } = abort;
    const options = isPatient ? { signal, timeoutMs: false as const } : { signal };
    const answered = this.client.request(event, { n: message.n }, options).then((answer) => {
      if (answer !== message.n)
        this.#history.violated(`request ${message.n} was answered with ${String(answer)}`);
    });
    this.#observe(message, answered);
  }

  abort(): void {
    this.#aborts.shift()?.abort();
  }

  stream(items: number, isPaced: boolean): void {
    const message = this.#history.sends('stream', this.number);
    const reader = this.client.stream('count', { n: message.n, items, isPaced })[Symbol.asyncIterator]();
    this.#readers.push(reader);
    this.#observe(message, this.#read(message, reader, items));
  }

  leave(): void {
    void this.#readers.shift()?.return?.();
  }

  subscribe(room: string): void {
    if (this.rooms.has(room)) return;
    const subscription = this.client.subscribe(room);
    subscription.ready.catch((error: unknown) => {
      const code = codeOf(error);
      // It was left, or closed, before the server has answered.
      if (!this.#isDead && !['CANCELLED', 'DISCONNECTED'].includes(code))
        this.#history.violated(`page ${this.number} was not let into ${room}: ${code}`);
      if (this.rooms.get(room) === subscription) this.rooms.delete(room);
    });
    this.rooms.set(room, subscription);
  }

  unsubscribe(room: string): void {
    this.rooms.get(room)?.unsubscribe();
    this.rooms.delete(room);
  }

  connect(): void {
    if (this.client.state === 'closed') this.wasClosed = false;
    this.client.connect().catch(() => undefined);
  }

  /** The client has come to its end without being asked. */
  ended(): void {
    this.#settings.inbox.closed();
  }

  close(): Promise<void> {
    this.wasClosed = true;
    this.#settings.inbox.closed();
    return Promise.race([this.client.close(), this.#death.promise]);
  }

  /** The page is gone: its code does not run any more, the system closes its sockets. */
  kill(): void {
    this.#isDead = true;
    this.#death.resolve();
    this.#storage?.kill();
    this.clock.end();
    for (const message of this.#history.open.filter(({ page }) => page === this.number)) {
      message.isOrphan = true;
      message.isKept = this.#isOnDisk(message);
    }
    for (const message of this.#history.sent.values())
      if (message.page === this.number && message.fate === 'ok') message.isLeft = this.#isOnDisk(message);
    for (const socket of this.#sockets) socket.terminate();
    this.#history.note(() => `page ${this.number} is gone`);
  }

  #listen(): void {
    const { client, number } = this;
    const { inbox } = this.#settings;
    const history = this.#history;
    const living =
      <Values extends unknown[]>(listener: (...values: Values) => unknown) =>
      (...values: Values): unknown =>
        this.#isDead ? undefined : listener(...values);
    client.on('tick', living(({ m }: { m: number }) => inbox.tick(m)) as never);
    client.on('vtick', living(({ m }: { m: number }) => inbox.volatileTick(m)) as never);
    client.on('posted', living(({ n }: { n: number }) => inbox.posted(n)) as never);
    client.on(
      'question',
      living(({ m }: { m: number }) => {
        inbox.tick(m);
        return m;
      }) as never,
    );
    client.when(
      'open',
      living((opened: { resumed: boolean; recovered: boolean }) => inbox.opened(client.session, opened)),
    );
    client.when(
      'gap',
      living(() => inbox.gap()),
    );
    client.when(
      'undelivered',
      living(({ data, error }: { data: unknown; error: Error }) => {
        const message = history.sent.get(
          (data as { n?: number; data?: { n: number } }).n ?? (data as { data: { n: number } }).data.n,
        );
        if (message === undefined) {
          history.violated('a message that nobody has sent is undelivered');
          return;
        }
        history.note(() => `page ${number} is told that ${message.n} is undelivered: ${codeOf(error)}`);
        message.isTold = true;
      }),
    );
    client.when(
      'error',
      living((error: unknown) => inbox.error(error)),
    );
  }

  async #read(message: SentMessage, reader: AsyncIterator<unknown>, items: number): Promise<void> {
    for (;;) {
      const { done, value } = await reader.next();
      if (done === true) break;
      const { n, at } = value as { n: number; at: number };
      if (this.#isDead) return;
      this.#history.note(() => `page ${this.number} reads item ${at} of ${message.n}`);
      if (n !== message.n || at !== message.items)
        this.#history.violated(`stream ${message.n} gave item ${at} of ${n} instead of ${message.items}`);
      message.items++;
    }
    if (message.items !== items && this.#readers.includes(reader))
      this.#history.violated(`stream ${message.n} ended after ${message.items} of ${items} items`);
    if (!this.#readers.includes(reader)) throw left;
  }

  #observe(message: SentMessage, outcome: Promise<void>): void {
    outcome.then(
      () => this.#settle(message),
      (error: unknown) => this.#settle(message, error === left ? 'CANCELLED' : codeOf(error)),
    );
  }

  #settle(message: SentMessage, code?: string): void {
    if (!this.#isDead) this.#history.settled(message, code);
  }

  #isOnDisk({ n, kind }: SentMessage): boolean {
    if (kind !== 'emit' && kind !== 'publish') return false;
    return [...(this.#settings.disk ?? [])].some(([key, value]) => {
      if (!key.startsWith('out/')) return false;
      const { data } = (value as { envelope: { data: { n?: number; data?: { n: number } } } }).envelope;
      return (data.n ?? data.data?.n) === n;
    });
  }

  #connect(connect: Connect): Connect {
    return (request, listener) => {
      // What the page was about to do when it was killed is not done.
      if (this.#isDead) return nothing;
      const alive = (): SocketListener | undefined => (this.#isDead ? undefined : listener);
      const guarded: SocketListener = {
        opened: () => alive()?.opened(),
        received: (data) => alive()?.received(data),
        alive: () => alive()?.alive(),
        closed: (code, reason) => {
          this.#sockets.delete(socket);
          alive()?.closed(code, reason);
        },
      };
      const socket = connect(request, guarded);
      this.#sockets.add(socket);
      return socket;
    };
  }
}

const left = new Error('the reader has left');

/** The socket of who does not run any more. */
const nothing: ClientSocket = {
  protocol: '',
  extensions: '',
  bufferedAmount: 0,
  send: () => undefined,
  close: () => undefined,
  terminate: () => undefined,
};

export function codeOf(error: unknown): string {
  return isGatewireError(error) ? error.code : String(error);
}

/** The same numbers for the same page. */
function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
