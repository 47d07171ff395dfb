import type { Connection } from '../../lib/connection/connection.js';

/** What a client sends. */
export type SentKind = 'emit' | 'request' | 'volatile' | 'stream' | 'publish';

/** One message of a client, from the call on. */
export interface SentMessage {
  readonly n: number;
  readonly kind: SentKind;
  readonly page: number;
  /** `open`, `ok`, or the code of the error it has ended with. */
  fate: string;
  /** Its page has died before it was settled. */
  isOrphan: boolean;
  /** It was on the disk when its page died: the next page has to send it. */
  isKept: boolean;
  /** It was settled, and still on the disk when its page died: the next page cannot know, and sends it again, or says that it could not. */
  isLeft: boolean;
  /** It was told as `undelivered`. */
  isTold: boolean;
  /** Sessions in which its handler was entered. */
  readonly entered: SessionRecord[];
  /** How often its handler was done. */
  completed: number;
  /** Items of a stream that have come. */
  items: number;
}

/** One session of the server: one `Connection`, whatever sockets it has had. */
export class SessionRecord {
  readonly connection: Connection;
  readonly life: number;
  /** Messages of the client in the order in which their handlers were entered. */
  readonly entered: SentMessage[] = [];
  /** Messages to the client in the order in which they were sent: volatile ones not. */
  readonly ticks: number[] = [];
  readonly placeOf = new Map<number, number>();
  /** For each of them, how much was sent up to it. */
  readonly sendsAt: number[] = [];
  readonly volatileTicks: number[] = [];
  /** Whatever was sent to it, at least. */
  sends = 0;
  /** Place of the last message that any page has received; -1: none. */
  furthest = -1;
  /** The client has been told that messages after the last one are missing. */
  isGapTold = false;
  disconnects = 0;
  /** It has ended because its server has. */
  isServerEnding = false;

  constructor(connection: Connection, life: number) {
    this.connection = connection;
    this.life = life;
  }

  get id(): string | undefined {
    return (this.connection as { readonly session?: { readonly id: string } }).session?.id;
  }

  tick(m: number): void {
    this.placeOf.set(m, this.ticks.length);
    this.ticks.push(m);
    this.sendsAt.push(++this.sends);
  }
}

/** Everything that has happened in one schedule, from both ends, and what was wrong with it. */
export class History {
  readonly violations: string[] = [];
  readonly sent = new Map<number, SentMessage>();
  readonly sessions: SessionRecord[] = [];
  /** Lines for a person who reads a failure; null: nobody does. */
  readonly trace: string[] | null;
  #lastN = 0;
  #lastM = 0;

  constructor(isTracing: boolean) {
    this.trace = isTracing ? [] : null;
  }

  note(line: () => string): void {
    this.trace?.push(line());
  }

  violated(what: string): void {
    this.violations.push(what);
    this.note(() => `VIOLATION ${what}`);
  }

  nextM(): number {
    return ++this.#lastM;
  }

  sends(kind: SentKind, page: number): SentMessage {
    const message: SentMessage = {
      n: ++this.#lastN,
      kind,
      page,
      fate: 'open',
      isOrphan: false,
      isKept: false,
      isLeft: false,
      isTold: false,
      entered: [],
      completed: 0,
      items: 0,
    };
    this.sent.set(message.n, message);
    this.note(() => `page ${page} sends ${kind} ${message.n}`);
    return message;
  }

  get open(): SentMessage[] {
    return [...this.sent.values()].filter(({ fate, isOrphan }) => fate === 'open' && !isOrphan);
  }

  sessionOf(connection: Connection): SessionRecord | undefined {
    return this.sessions.find((one) => one.connection === connection);
  }

  sessionById(id: string | undefined): SessionRecord | undefined {
    return id === undefined ? undefined : this.sessions.find((one) => one.id === id);
  }

  connected(connection: Connection, life: number): void {
    if (this.sessionOf(connection) !== undefined)
      return this.violated('handleConnection ran twice for a session');
    this.sessions.push(new SessionRecord(connection, life));
    this.note(() => `server ${life}: session ${this.sessions.length} begins`);
  }

  /** @param isServerEnding the server ends all of its sessions */
  disconnected(connection: Connection, isServerEnding: boolean): void {
    const record = this.sessionOf(connection);
    if (record === undefined) return this.violated('handleDisconnect without handleConnection');
    this.note(() => `server ${record.life}: session ${this.sessions.indexOf(record) + 1} ends`);
    record.isServerEnding ||= isServerEnding;
    if (++record.disconnects > 1) this.violated('handleDisconnect ran twice for a session');
  }

  /** A handler is entered with message `n`. */
  enters(connection: Connection, n: unknown): SentMessage | undefined {
    const message = this.sent.get(n as number);
    const record = this.sessionOf(connection);
    if (message === undefined || record === undefined) {
      this.violated(
        `the server handles message ${String(n)}, which nobody has sent, or before handleConnection`,
      );
      return undefined;
    }
    this.note(() => `session ${this.sessions.indexOf(record) + 1} enters ${message.kind} ${message.n}`);
    if (message.kind === 'volatile' ? message.entered.length > 0 : message.entered.includes(record))
      this.violated(`${message.kind} ${message.n} was handled twice in one session`);
    const before = record.entered.findLast(({ kind }) => orderOf(kind) === orderOf(message.kind));
    if (before !== undefined && before.n > message.n)
      this.violated(`${message.kind} ${message.n} was handled after ${before.kind} ${before.n}`);
    record.entered.push(message);
    record.sends++;
    message.entered.push(record);
    return message;
  }

  /** The client is told the fate of a message. @param code of the error; undefined: it was handled */
  settled(message: SentMessage, code?: string): void {
    this.note(() => `${message.kind} ${message.n} is settled: ${code ?? 'ok'}`);
    if (message.fate !== 'open') this.violated(`${message.kind} ${message.n} was settled twice`);
    message.fate = code ?? 'ok';
    if (code === undefined && message.completed === 0 && message.kind !== 'volatile')
      this.violated(`${message.kind} ${message.n} was told to be handled, and was not`);
  }
}

/** Messages of one order are handled in the order of the calls: what is volatile may overtake, rooms have a queue of their own. */
function orderOf(kind: SentKind): string {
  return kind === 'volatile' || kind === 'publish' ? kind : 'calls';
}
