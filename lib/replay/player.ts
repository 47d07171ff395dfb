import type { ClientSocket } from '../client/socket.js';
import type { ClosedLine, OpenedLine } from '../exchange/recording/recording-line.js';
import { after, type Clock } from '../primitives/clock.js';
import { CloseCode } from '../protocol/close-code.js';
import type { Envelope } from '../protocol/envelope.js';
import { isReservedEvent } from '../protocol/event-name.js';
import { Asked } from './asked.js';
import type { Comparable } from './comparable.js';
import { EventBook } from './event-book.js';
import { Exchange } from './exchange.js';
import type { Judge } from './judge.js';
import { encodeOutgoing } from './outgoing.js';
import { openPlayerSocket, type PlayerSocketListener } from './player-socket.js';
import type { ReplayConnection, ResolvedReplayOptions } from './replay.options.js';

/** A value without a name answers a message without an id. */
export const nameless = '(value)';

/** Of the request that finds out whether more is on its way. */
const lastId = 'gatewire-replay';

/** The server is given so long to answer that, and to close. */
const lastMs = 1_000;

/** Closes that say something about the server that was recorded, and nothing about what it was sent. */
const unrelated: readonly number[] = [
  CloseCode.GoingAway,
  CloseCode.AbnormalClosure,
  CloseCode.ServiceRestart,
];

/** Requests that the recording has no answer to, yet or ever; the oldest are forgotten. */
const mostUnanswered = 4_096;

/** What one player needs to know of the recording. */
export interface PlayerSettings {
  readonly options: ResolvedReplayOptions;
  readonly judge: Judge;
  /** Events that the recording has; those that it has not are none that is unexpected. */
  readonly isCompared: (event: string) => boolean;
  /** Where the recording is, in milliseconds. */
  readonly at: () => number;
}

/** One connection that plays what was recorded of one, and hears what comes back. */
export class Player implements PlayerSocketListener {
  readonly #settings: PlayerSettings;
  readonly #connection: ReplayConnection;
  readonly #exchanges = new Map<string | number, Exchange>();
  /** Of these, the requests that the recording has no answer to so far. */
  readonly #unanswered = new Set<Exchange>();
  readonly #books = new Map<string, EventBook>();
  readonly #asked = new Asked<Envelope>((id, answer) => this.#write({ ...answer, id }));
  /** Until the socket is open. */
  #waiting: (() => void)[] | null = [];
  #socket: ClientSocket | null = null;
  /** How the server has ended it. */
  #closed: number | null = null;
  #isOpened = false;
  #isJudged = true;
  #onLast: (() => void) | null = null;
  #onClosed: (() => void) | null = null;
  readonly opened: Promise<void>;

  constructor(connection: ReplayConnection, line: OpenedLine, settings: PlayerSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.opened = openPlayerSocket(connection, line, settings.options, this).then(
      (socket) => this.#open(socket),
      (error: unknown) => this.closed(CloseCode.AbnormalClosure, String(error), false),
    );
  }

  /** Messages that wait for the socket to be open. */
  get waiting(): number {
    return this.#waiting?.length ?? 0;
  }

  get bufferedBytes(): number {
    return this.#closed === null ? (this.#socket?.bufferedAmount ?? 0) : 0;
  }

  /** @param at by the recording */
  send(envelope: Envelope, at: number): void {
    const rewritten = this.#rewritten(envelope);
    if (rewritten === null || this.#closed !== null) {
      this.#settings.judge.findings.unsent++;
      return;
    }
    const { event, id } = rewritten;
    if (event === '$cancel' && id !== undefined) this.#exchanges.get(id)?.cancel();
    const exchange = event === undefined || event === '$cancel' ? undefined : this.#exchange(envelope, at);
    if (event === undefined && id !== undefined) return this.#asked.answer(id, rewritten);
    const write = (): void => {
      if (exchange !== undefined) exchange.sentAt = this.#settings.judge.now();
      this.#write(rewritten);
    };
    if (this.#waiting === null) write();
    else this.#waiting.push(write);
  }

  /** The recording has an answer. */
  expectAnswer(id: string | number, comparable: Comparable, isEnd: boolean): void {
    const exchange = this.#exchanges.get(id);
    if (this.#closed !== null || exchange === undefined) return;
    this.#unanswered.delete(exchange);
    exchange.expect(comparable, isEnd);
  }

  expectEvent(event: string, comparable: Comparable, at: number): void {
    if (this.#closed === null && this.#isJudged) this.#book(event).expect(comparable, at);
  }

  /** The recording has been asked something by the server. */
  expectRequest(event: string, id: string | number): void {
    this.#asked.recorded(event, id);
  }

  /** Lines of it are missing in the recording: what comes from now on may be an answer to one of them. */
  gap(): void {
    this.#isJudged = false;
    this.#endBooks();
    for (const exchange of [...this.#exchanges.values()]) exchange.drop();
  }

  /** Everything has been sent. Resolves when what is awaited is there, and the connection is closed as it was. */
  async finish(line: ClosedLine | null): Promise<void> {
    await this.opened;
    const { judge } = this.#settings;
    await judge.whenSettled();
    const recorded = line?.by === 'server' && !unrelated.includes(line.code) ? line.code : null;
    if (this.#closed === null && recorded === null) await this.#drain();
    if (this.#closed === null && recorded !== null) await this.#within((tell) => (this.#onClosed = tell));
    this.#judgeClose(line, recorded);
    this.#endBooks();
    if (this.#closed === null) await this.#close(line);
  }

  /** At once. */
  terminate(): void {
    this.#socket?.terminate();
  }

  received(envelope: Envelope): void {
    const { judge, options } = this.#settings;
    const { event, id } = envelope;
    judge.findings.received++;
    if (id === lastId) return this.#onLast?.();
    if (id !== undefined && !(event !== undefined && typeof id === 'number' && id < 0)) {
      const exchange = this.#exchanges.get(id);
      return exchange?.receive(options.comparables.sent(envelope, exchange.event), envelope.more !== true);
    }
    if (event !== undefined && id !== undefined) this.#asked.asked(event, id);
    const name = event ?? nameless;
    if (!this.#isJudged || isReservedEvent(name) || !this.#settings.isCompared(name)) return;
    this.#book(name).receive(options.comparables.sent(envelope, name), this.#settings.at());
  }

  closed(code: number, reason: string, wasOpen: boolean): void {
    const { findings } = this.#settings.judge;
    this.#closed = code;
    if (wasOpen) findings.unsent += this.waiting;
    else {
      findings.failed++;
      findings.failure(
        `a connection to ${this.#connection.path} could not be opened: ${code} ${reason}`.trim(),
      );
      findings.unsent += this.waiting;
    }
    this.#waiting = null;
    this.#settings.judge.giveUp();
    this.#onClosed?.();
    this.#onLast?.();
  }

  #open(socket: ClientSocket): void {
    this.#socket = socket;
    if (this.#closed !== null) return;
    this.#isOpened = true;
    this.#settings.judge.findings.opened++;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const write of waiting) write();
  }

  #rewritten(envelope: Envelope): Envelope | null {
    const { rewrite } = this.#settings.options;
    if (rewrite === undefined) return envelope;
    const { event, id, data, meta } = envelope;
    const message = rewrite({ event, id, data, meta }, this.#connection);
    if (message === null) return null;
    const { data: newData, meta: newMeta, event: newEvent } = message;
    return withoutAbsent({ ...envelope, event: newEvent, data: newData, meta: newMeta });
  }

  #exchange({ event, id }: Envelope, at: number): Exchange | undefined {
    if (id === undefined || event === undefined) return undefined;
    const exchange: Exchange = new Exchange({ id, event, at }, this.#settings.judge, () => {
      this.#unanswered.delete(exchange);
      if (this.#exchanges.get(id) === exchange) this.#exchanges.delete(id);
    });
    this.#exchanges.get(id)?.expire();
    this.#exchanges.set(id, exchange);
    this.#unanswered.add(exchange);
    if (this.#unanswered.size > mostUnanswered) this.#unanswered.values().next().value?.drop();
    return exchange;
  }

  #write(envelope: Envelope): void {
    const { judge, options } = this.#settings;
    try {
      this.#socket?.send(encodeOutgoing(envelope, options.codec));
      judge.findings.sent++;
    } catch (error) {
      judge.findings.unsent++;
      judge.findings.failure(
        `a message of ${envelope.event ?? 'an answer'} could not be sent: ${(error as Error).message}`,
      );
    }
  }

  #book(event: string): EventBook {
    let book = this.#books.get(event);
    if (book === undefined) {
      book = new EventBook(event, this.#settings.judge, this.#settings.options.ordered);
      this.#books.set(event, book);
    }
    return book;
  }

  #endBooks(): void {
    for (const book of this.#books.values()) book.end(this.#isJudged);
    this.#books.clear();
  }

  /** What the server has sent before its answer to this is here. */
  async #drain(): Promise<void> {
    await this.#within((tell) => {
      this.#onLast = tell;
      this.#socket?.send(this.#settings.options.codec.encode({ event: '$ping', id: lastId }));
    });
    this.#onLast = null;
  }

  async #close(line: ClosedLine | null): Promise<void> {
    const code = line?.code ?? CloseCode.NormalClosure;
    // A client may say no others (RFC 6455 section 7.4).
    if (code === 1_000 || (code >= 3_000 && code < 5_000)) this.#socket?.close(code);
    else if (code === 1_005) this.#socket?.close();
    else this.#socket?.terminate();
    await this.#within((tell) => (this.#onClosed = tell));
    if (this.#closed === null) this.terminate();
  }

  /** @param recorded the code that the server had closed it with; null: it had not */
  #judgeClose(line: ClosedLine | null, recorded: number | null): void {
    const { judge, at, isCompared } = this.#settings;
    if (!isCompared('$close') || !this.#isJudged) return;
    const place = { connection: judge.connection, event: '$close', at: line?.at ?? at() };
    const [expected, actual] = [recorded, this.#closed].map((code) => ({
      value: code === null ? undefined : { code },
      text: String(code),
    })) as [Comparable, Comparable];
    if (recorded !== null && this.#closed !== null) judge.findings.compare(place, expected, actual);
    else if (recorded !== null) judge.findings.missing(place, expected);
    else if (this.#closed !== null && this.#isOpened && line?.by !== 'transport')
      judge.findings.unexpected(place, actual);
  }

  /** Waits for something to be told, but not for long. */
  async #within(start: (tell: () => void) => void): Promise<void> {
    const { clock }: { clock: Clock } = this.#settings.options;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      timer = after(clock, lastMs, resolve);
      start(resolve);
    });
    clock.clearTimeout(timer);
  }
}

function withoutAbsent(envelope: { [Name in keyof Envelope]?: Envelope[Name] | undefined }): Envelope {
  return Object.fromEntries(Object.entries(envelope).filter(([, value]) => value !== undefined));
}
