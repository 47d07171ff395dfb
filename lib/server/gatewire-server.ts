import { EventEmitter } from 'node:events';
import type { Connection } from '../connection/connection.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { AnyEvents, EventData, EventMap, EventName } from '../connection/event-map.js';
import type { Published } from '../delivery/published.js';
import type { RoomHistories } from '../delivery/room-histories.js';
import type { RoomHistory } from '../delivery/room-history.js';
import { OptionError } from '../primitives/option-error.js';
import { everybody } from '../rooms/audience.js';
import type { BroadcastPort, RequestOutcome } from '../rooms/broadcast-port.js';
import { BroadcastTarget, type Excluded } from '../rooms/broadcast-target.js';
import type { AckOutcome, AckResult } from './peer-acks.js';
import { type ComposedEndpoint, describeEndpoint, type EndpointComposition } from './composition.js';
import type { EngineShared } from './engine-shared.js';
import { collectStats, type ServerStats, type StatsSource } from './server-stats.js';

/** What a server reports about. */
export interface ServedEndpoint extends StatsSource, ComposedEndpoint {}

/** The rooms of one endpoint, or of all. */
export type ServedRooms = Pick<RoomHistories, 'publish' | 'of'>;

type Listener = (...args: never[]) => void;

/**
 * The server side of WebSockets for application code. `@WebSocketServer()` gives a gateway the one of its endpoint;
 * injection gives the one of the whole application.
 *
 * @example
 * constructor(private readonly server: GatewireServer) {}
 * this.server.to('room:1').emit('tick', data);
 */
export class GatewireServer<Events extends EventMap = AnyEvents> {
  readonly #port: BroadcastPort;
  readonly #rooms: ServedRooms;
  readonly #shared: EngineShared;
  readonly #endpoints: () => Iterable<ServedEndpoint>;
  readonly #emitter = new EventEmitter();

  /** @internal */
  constructor(
    port: BroadcastPort,
    rooms: ServedRooms,
    shared: EngineShared,
    endpoints: () => Iterable<ServedEndpoint>,
  ) {
    this.#port = port;
    this.#rooms = rooms;
    this.#shared = shared;
    this.#endpoints = endpoints;
  }

  /** Those in the room (or rooms). */
  to(room: string | readonly string[]): BroadcastTarget<Events> {
    return this.#all.to(room);
  }

  /** The same as {@link to}, for reading. */
  in(room: string | readonly string[]): BroadcastTarget<Events> {
    return this.#all.to(room);
  }

  /** Every connection whose `principal.id` this is: all devices of a user. */
  user(id: string | readonly string[]): BroadcastTarget<Events> {
    return this.#all.user(id);
  }

  /** Everybody but these. */
  except(excluded: Excluded | readonly Excluded[]): BroadcastTarget<Events> {
    return this.#all.except(excluded);
  }

  /** Everybody who can take it at once. */
  get volatile(): BroadcastTarget<Events> {
    return this.#all.volatile;
  }

  /** Sends `{event, data}` to everybody. */
  emit<Name extends EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: EmitOptions,
  ): void {
    this.#all.emit(event, data, options);
  }

  /**
   * Sends `{event, data, room}` to a room: subscribers of a pattern learn which room it was. A room with history
   * (`history` of the module's options) remembers it first; `key` is for those that keep the latest of each key.
   */
  publish<Name extends EventName<Events>>(
    room: string,
    event: Name,
    data?: EventData<Events, Name>,
    options?: Omit<EmitOptions, 'reliable'>,
  ): Published {
    if ((options as EmitOptions | undefined)?.reliable)
      throw new OptionError('reliable', 'absent: a room with history brings subscribers up to date', true);
    return this.#rooms.publish(room, event, data, options);
  }

  /**
   * What was published to a room: pages of it, for the application.
   *
   * @throws {GatewireError} `BAD_REQUEST` on the server of the whole application when there are several endpoints: each has
   * rooms of its own, and `@WebSocketServer()` gives the server of one
   */
  history(room: string): RoomHistory {
    return this.#rooms.of(room);
  }

  /** Asks everybody and waits for every answer or its time-out. */
  request<Reply = unknown, Name extends EventName<Events> = EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: RequestOptions,
  ): Promise<RequestOutcome<Reply>[]> {
    return this.#all.request<Reply, Name>(event, data, options);
  }

  /**
   * Answers a question of this process with `ack: 'http'` for the peer: by the token that it was sent with. What `createAckHandler` calls;
   * for other ways (a queue, a webhook) call it yourself.
   */
  acknowledge(token: string, outcome: AckOutcome): AckResult {
    const result = this.#shared.acks.settle(token, outcome);
    this.#shared.stageHost.count(`ack.${result}`);
    return result;
  }

  /** The connections as they are now. */
  connections(): Promise<Connection<Events>[]> {
    return this.#all.connections();
  }

  /** As a `ws` server has them: the connections as they are now. */
  get clients(): ReadonlySet<Connection<Events>> {
    return new Set(this.#port.connections(everybody)) as unknown as ReadonlySet<Connection<Events>>;
  }

  /** What runs around the handlers, for each endpoint: the same that is printed at start-up, at debug level. */
  composition(): EndpointComposition[] {
    return [...this.#endpoints()].map((endpoint) => describeEndpoint(endpoint));
  }

  /** Every counter and gauge. */
  stats(): ServerStats {
    return collectStats(this.#shared, this.#endpoints());
  }

  /** `connection` (connection, request): the 101 is out, `handleConnection` has not run yet. */
  on(event: 'connection', listener: Listener): this {
    this.#emitter.on(event, listener as (...args: unknown[]) => void);
    return this;
  }

  once(event: 'connection', listener: Listener): this {
    this.#emitter.once(event, listener as (...args: unknown[]) => void);
    return this;
  }

  off(event: 'connection', listener: Listener): this {
    this.#emitter.off(event, listener as (...args: unknown[]) => void);
    return this;
  }

  /** @internal */
  tell(event: 'connection', ...args: unknown[]): void {
    this.#emitter.emit(event, ...args);
  }

  get #all(): BroadcastTarget<Events> {
    return new BroadcastTarget<Events>(this.#port);
  }
}
