import type { Connection } from '../connection/connection.js';
import type { EmitOptions } from '../connection/emit-options.js';
import { isPromise } from '../primitives/is-promise.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { everybody } from '../rooms/audience.js';
import type { BroadcastPort } from '../rooms/broadcast-port.js';
import type { LogPage, LogPosition, MessageLog, Retention } from '../store/message-log.js';
import type { CatchUp } from './catch-up.js';
import type { RetentionOf } from './history-options.js';
import { decodeBody, encodeBody, type LoggedContent } from './logged-body.js';
import { BeingLogged, Logged, notLogged, type Published } from './published.js';
import { RoomFeed } from './room-feed.js';
import { RoomHistory } from './room-history.js';
import { placeOf, SaidEpochs } from './said-epochs.js';

/** Where a subscriber was when it last heard of a room. */
export interface Since {
  readonly offset: number;
  readonly epoch: string;
}

/** What a subscriber is told about its room: what follows has higher offsets. */
export interface Entered extends LogPosition {
  /** Whether everything after `since` follows. Absent where it was not asked for. */
  readonly recovered?: boolean;
  /** Offsets skip messages that later ones have replaced. */
  readonly sparse?: true;
}

/** What the rooms with history of one endpoint work with. */
export interface RoomHistoriesSettings {
  /** Of the endpoint, in the names of logs. */
  readonly path: string;
  readonly log: MessageLog;
  readonly retentionOf: RetentionOf;
  readonly pageBytes: number;
  readonly port: BroadcastPort;
  /** A failure of the store, or of what was in it. */
  readonly failed: (error: unknown) => void;
}

/** Messages that are read at a time for one subscriber. */
const pageMessages = 1_000;

const unavailable = (cause: unknown): GatewireError =>
  new GatewireError(ErrorCode.Unavailable, 'the history of the room cannot be reached', { cause });

/** Rooms of one endpoint that remember: puts what is published into the log first, and has subscribers catch up (PROTOCOL.md, "History"). */
export class RoomHistories {
  readonly #settings: RoomHistoriesSettings;
  readonly #feeds = new Map<string, RoomFeed>();
  readonly #epochs = new SaidEpochs();

  constructor(settings: RoomHistoriesSettings) {
    this.#settings = settings;
  }

  /** Whether a room remembers. A pattern is no room: who subscribes to one hears what comes. */
  has(room: string): boolean {
    return this.#settings.retentionOf(room) !== undefined;
  }

  /** What was published to a room, for the application. */
  of(room: string): RoomHistory {
    const { log } = this.#settings;
    return new RoomHistory({
      read: (query) => log.read(this.#logOf(room), query),
      remove: () => log.remove(this.#logOf(room)),
    });
  }

  /** @throws {TypeError} for data that cannot be kept */
  publish(room: string, event: string, data: unknown, options: EmitOptions | undefined): Published {
    const retention = this.#settings.retentionOf(room);
    // What the next message makes obsolete is not worth remembering.
    if (retention === undefined || options?.volatile === true) {
      this.#settings.port.emit({ ...everybody, rooms: [room] }, event, data, options, { room });
      return notLogged;
    }
    return this.#publish(room, { event, data, meta: options?.meta }, options, retention);
  }

  /**
   * A connection that is in the room already catches up with it. Nothing is sent before the caller has told what is
   * returned to the subscriber, and has called `begin`.
   *
   * @throws {GatewireError} `UNAVAILABLE` when the log cannot be read
   */
  async enter(
    connection: Connection,
    room: string,
    since: Since | undefined,
  ): Promise<{ readonly entered: Entered; readonly begin: () => void }> {
    const feed = this.#feed(room);
    // From now on what is published is kept for it.
    const catchUp = feed.begin(connection);
    try {
      const page = await this.#read(room, since?.offset ?? 0, since === undefined ? 0 : pageMessages);
      const { epoch } = page;
      const sparse =
        this.#settings.retentionOf(room)?.latestPerKey === true ? ({ sparse: true } as const) : {};
      if (since === undefined) {
        const entered = { epoch, offset: page.offset, ...sparse };
        return { entered, begin: () => void this.#run(room, feed, catchUp, entered, null) };
      }
      const recovered = since.epoch === epoch && since.offset <= page.offset && page.isWhole;
      const entered = { epoch, offset: recovered ? since.offset : page.offset, recovered, ...sparse };
      return {
        entered,
        begin: () => void this.#run(room, feed, catchUp, entered, recovered ? page : null),
      };
    } catch (error) {
      this.#end(room, feed, catchUp);
      this.#settings.failed(error);
      throw unavailable(error);
    }
  }

  /** A connection is gone. */
  departed(connection: Connection): void {
    for (const [room, feed] of this.#feeds) {
      feed.end(connection);
      this.#release(room, feed);
    }
  }

  #publish(
    room: string,
    content: LoggedContent,
    options: EmitOptions | undefined,
    retention: Retention,
  ): Published {
    const { log } = this.#settings;
    const body = encodeBody(content);
    const key = retention.latestPerKey ? options?.key : undefined;
    const appended = this.#guarded(() => log.append(this.#logOf(room), { body, key }, retention));
    const feed = this.#feeds.get(room);
    if (!isPromise(appended) && feed?.isBusy !== true) {
      this.#deliver(room, content, options, appended);
      return new Logged(appended);
    }
    return new BeingLogged(this.#deliverLater(room, content, options, Promise.resolve(appended)));
  }

  async #deliverLater(
    room: string,
    content: LoggedContent,
    options: EmitOptions | undefined,
    appended: Promise<LogPosition>,
  ): Promise<LogPosition> {
    const feed = this.#feed(room);
    try {
      return await feed.inTurn(
        appended,
        (position) => this.#deliver(room, content, options, position),
        () => this.#release(room, feed),
      );
    } catch (error) {
      this.#settings.failed(error);
      throw unavailable(error);
    }
  }

  #deliver(
    room: string,
    content: LoggedContent,
    options: EmitOptions | undefined,
    position: LogPosition,
  ): void {
    const feed = this.#feeds.get(room);
    feed?.published({ ...position, content });
    const audience = { ...everybody, rooms: [room], exceptConnections: feed?.catchingUp ?? [] };
    const { event, data } = content;
    this.#settings.port.emit(audience, event, data, options, this.#epochs.place(room, position));
    if (feed !== undefined) this.#release(room, feed);
  }

  /** Sends a subscriber what it has missed, page by page as it takes them, until it is where the room is. */
  async #run(
    room: string,
    feed: RoomFeed,
    catchUp: CatchUp,
    from: LogPosition,
    first: LogPage | null,
  ): Promise<void> {
    const { connection } = catchUp;
    let at: LogPosition = { epoch: from.epoch, offset: from.offset };
    let page = first;
    try {
      while (!catchUp.isOver && connection.rooms.has(room)) {
        if (page !== null) at = this.#send(connection, room, page, at);
        if ((page === null || at.offset >= page.offset) && this.#arrive(room, feed, catchUp, at)) return;
        await connection.queue?.ready();
        page = await this.#read(room, at.offset, pageMessages);
        // The log has begun a new life meanwhile: the client sees it by the epoch of its first message.
        if (page.epoch !== at.epoch) page = await this.#read(room, 0, pageMessages);
      }
    } catch (error) {
      this.#settings.failed(error);
    } finally {
      if (!catchUp.hasArrived) this.#end(room, feed, catchUp);
      this.#release(room, feed);
    }
  }

  /** Sends what has come since the last page was read. False: more than was kept; it has to be read. */
  #arrive(room: string, feed: RoomFeed, catchUp: CatchUp, at: LogPosition): boolean {
    const rest = catchUp.after(at);
    if (rest === undefined) return false;
    for (const message of rest) this.#sendOne(catchUp.connection, room, message.content, message);
    const { epoch, offset } = rest.at(-1) ?? at;
    feed.arrived(catchUp, { epoch, offset });
    return true;
  }

  /** @returns how far it has got with the page */
  #send(connection: Connection, room: string, page: LogPage, at: LogPosition): LogPosition {
    const { epoch, entries } = page;
    for (const { offset, body } of entries)
      this.#sendOne(connection, room, decodeBody(body), { offset, epoch });
    // A page that has nothing after `at` is the end: what it lacks was replaced by later ones.
    const last = entries.at(-1)?.offset ?? page.offset;
    return { epoch, offset: epoch === at.epoch ? Math.max(last, at.offset) : last };
  }

  #sendOne(connection: Connection, room: string, content: LoggedContent, position: LogPosition): void {
    const { event, data, meta } = content;
    const options = meta === undefined ? undefined : { meta };
    this.#settings.port.emitToMember(connection, event, data, options, placeOf(room, position));
  }

  #read(room: string, after: number, limit: number): LogPage | PromiseLike<LogPage> {
    const { log, pageBytes } = this.#settings;
    return log.read(this.#logOf(room), { after, limit, maxBytes: pageBytes });
  }

  /** The name by which the log knows a room. */
  #logOf(room: string): string {
    return `${this.#settings.path}#${room}`;
  }

  #guarded<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      this.#settings.failed(error);
      throw unavailable(error);
    }
  }

  #feed(room: string): RoomFeed {
    let feed = this.#feeds.get(room);
    if (feed === undefined) this.#feeds.set(room, (feed = new RoomFeed()));
    return feed;
  }

  #end(room: string, feed: RoomFeed, catchUp: CatchUp): void {
    // Another may have taken its place.
    if (!catchUp.isOver) feed.end(catchUp.connection);
    this.#release(room, feed);
  }

  #release(room: string, feed: RoomFeed): void {
    if (feed.isIdle && this.#feeds.get(room) === feed) this.#feeds.delete(room);
  }
}
