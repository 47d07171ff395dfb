import type { Connection } from '../connection/connection.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { AnyEvents, EventData, EventMap, EventName } from '../connection/event-map.js';
import { everybody, type Audience } from './audience.js';
import type { BroadcastPort, RequestOutcome } from './broadcast-port.js';

/** A room, or a connection, whatever its events. */
export type Excluded = string | Pick<Connection, 'id' | 'handshake'>;

/**
 * Some connections, and what can be done to all of them. Immutable: each step makes a new target, so that one can be kept.
 *
 * @example
 * server.to('room:1').except(connection).volatile.emit('tick', data)
 */
export class BroadcastTarget<Events extends EventMap = AnyEvents> {
  readonly #port: BroadcastPort;
  readonly #audience: Audience;
  readonly #isVolatile: boolean;

  /** @internal */
  constructor(port: BroadcastPort, audience: Audience = everybody, isVolatile = false) {
    this.#port = port;
    this.#audience = audience;
    this.#isVolatile = isVolatile;
  }

  /** Also those in the room (or rooms). A connection in several is reached once. */
  to(room: string | readonly string[]): BroadcastTarget<Events> {
    return this.#with({ rooms: this.#audience.rooms.concat(room) });
  }

  /** The same as {@link to}, for reading: `server.in('room:1').connections()`. */
  in(room: string | readonly string[]): BroadcastTarget<Events> {
    return this.to(room);
  }

  /** Also every connection whose `principal.id` this is. */
  user(id: string | readonly string[]): BroadcastTarget<Events> {
    return this.#with({ users: this.#audience.users.concat(id) });
  }

  /** But not these connections, or those in this room. */
  except(excluded: Excluded | readonly Excluded[]): BroadcastTarget<Events> {
    const list = Array.isArray(excluded) ? (excluded as readonly Excluded[]) : [excluded as Excluded];
    const rooms = list.filter((one) => typeof one === 'string');
    const connections = list.filter((one) => typeof one !== 'string');
    return this.#with({
      exceptRooms: this.#audience.exceptRooms.concat(rooms),
      exceptConnections: this.#audience.exceptConnections.concat(connections),
    });
  }

  /** Sends only to those who can take it at once; the others miss it. For what the next message makes obsolete. */
  get volatile(): BroadcastTarget<Events> {
    return new BroadcastTarget(this.#port, this.#audience, true);
  }

  /** Sends `{event, data}` to all of them: encoded once, framed once. */
  emit<Name extends EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: EmitOptions,
  ): void {
    this.#port.emit(this.#audience, event, data, this.#isVolatile ? { ...options, volatile: true } : options);
  }

  /** Asks all of them and waits for every answer or its time-out; never rejects. */
  request<Reply = unknown, Name extends EventName<Events> = EventName<Events>>(
    event: Name,
    data?: EventData<Events, Name>,
    options?: RequestOptions,
  ): Promise<RequestOutcome<Reply>[]> {
    return this.#port.request(this.#audience, event, data, options) as Promise<RequestOutcome<Reply>[]>;
  }

  /** The connections as they are now. */
  connections(): Promise<Connection<Events>[]> {
    return Promise.resolve(this.#port.connections(this.#audience) as unknown as Connection<Events>[]);
  }

  /** Puts all of them into a room. */
  async join(room: string): Promise<void> {
    for (const connection of await this.connections()) connection.join(room);
  }

  /** Takes all of them out of a room. */
  async leave(room: string): Promise<void> {
    for (const connection of await this.connections()) connection.leave(room);
  }

  /** Closes all of them, after what was sent before. @param code @default 1000 */
  async disconnect(code = 1000, reason = ''): Promise<void> {
    for (const connection of await this.connections()) connection.close(code, reason);
  }

  #with(change: Partial<Audience>): BroadcastTarget<Events> {
    return new BroadcastTarget(this.#port, { ...this.#audience, ...change }, this.#isVolatile);
  }
}
