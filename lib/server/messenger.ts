import type { Connection } from '../connection/connection.js';
import type { Outbound } from '../connection/connection-ports.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { FlushScheduler } from '../connection/flush-scheduler.js';
import { limit } from '../primitives/option-checks.js';
import type { OutboundMessage, OutboundTarget } from '../pipeline/outbound-message.js';
import { type Audience, forEachIn, type Population } from '../rooms/audience.js';
import type { BroadcastPort, RequestOutcome, RoomPlace } from '../rooms/broadcast-port.js';
import { encodingOf } from './encoding.js';
import { type Encoded, encodedBytes, encodeMessage, sendEncoded } from './message-encoder.js';
import { type Delivery, envelopeOf, type OutboundWay, type Receivers } from './outbound-way.js';

/** What all messengers of an engine share. */
export interface MessengerSettings {
  readonly way: OutboundWay;
  readonly fragmentBytes: number;
  readonly scheduler: FlushScheduler;
}

/** Emits to one, to some, to all: through the outbound stages, encoded once. */
export class Messenger implements Outbound<Connection>, BroadcastPort {
  readonly #settings: MessengerSettings;
  readonly #populations: () => Iterable<Population>;

  /** @param populations whose connections broadcasts reach: one endpoint's, or all */
  constructor(settings: MessengerSettings, populations: () => Iterable<Population>) {
    this.#settings = settings;
    this.#populations = populations;
  }

  /** To one connection. */
  emitTo(connection: Connection, event: string, data: unknown, options: EmitOptions | undefined): boolean {
    if (isReliable(options)) return connection.emitReliably(event, data, options);
    const { queue } = connection;
    if (queue === null || !connection.canSend) return false;
    const message = messageOf(event, data, options, { kind: 'connection', connection });
    const delivery = this.#delivery(event, options);
    if (this.#settings.way.isBare && encodingOf(connection).isPlain) {
      const encoded = encodeMessage(envelopeOf(message, delivery), delivery);
      if ('bytes' in encoded && !delivery.isVolatile) return queue.sendOwn(encoded);
      return sendEncoded(queue, encoded, delivery.isVolatile);
    }
    let isLost = false;
    const lost = (error: unknown): void => {
      isLost = true;
      this.#settings.way.lost(error);
    };
    this.#settings.way.send(message, { ...delivery, lost }, (visit) => visit(connection));
    return !isLost;
  }

  emit(
    audience: Audience,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    place?: RoomPlace,
  ): void {
    // Each receiver has an id of its own to answer.
    if (isReliable(options) && place === undefined) {
      for (const connection of this.connections(audience)) connection.emitReliably(event, data, options);
      return;
    }
    const message = messageOf(event, data, options, targetOf(audience));
    const delivery = this.#delivery(event, options, place);
    const receivers: Receivers = (visit) => {
      for (const population of this.#populations()) forEachIn(population, audience, visit);
    };
    if (this.#settings.way.isBare) this.#broadcast(message, delivery, receivers);
    else this.#settings.way.send(message, delivery, receivers);
  }

  emitToMember(
    connection: Connection,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    place: RoomPlace,
  ): void {
    const message = messageOf(event, data, options, { kind: 'rooms', rooms: [place.room] });
    this.#settings.way.send(message, this.#delivery(event, options, place), (visit) => visit(connection));
  }

  async request(
    audience: Audience,
    event: string,
    data: unknown,
    options?: RequestOptions,
  ): Promise<RequestOutcome[]> {
    const ask = async (connection: Connection): Promise<RequestOutcome> => {
      try {
        return { connection, status: 'fulfilled', value: await connection.request(event, data, options) };
      } catch (error) {
        return { connection, status: 'rejected', reason: error as Error };
      }
    };
    return Promise.all(this.connections(audience).map(ask));
  }

  connections(audience: Audience): Connection[] {
    const connections: Connection[] = [];
    for (const population of this.#populations()) {
      forEachIn(population, audience, (connection) => void connections.push(connection));
    }
    return connections;
  }

  /** The short way of what no outbound stage waits for; it is walked once for every receiver. */
  #broadcast(message: OutboundMessage, delivery: Delivery, receivers: Receivers): void {
    let encoded = null as Encoded | null;
    let others = null as Connection[] | null;
    receivers((connection) => {
      if (connection.encoding?.isPlain !== true) {
        (others ??= []).push(connection);
        return;
      }
      encoded ??= encodeMessage(envelopeOf(message, delivery), delivery);
      if ('bytes' in encoded && !delivery.isVolatile) connection.deliver(encoded);
      else if (connection.canSend && connection.queue !== null)
        sendEncoded(connection.queue, encoded, delivery.isVolatile);
    });
    if (others !== null) this.#toOthers(message, delivery, others);
    if (encoded !== null) this.#settings.scheduler.broadcastDone(encodedBytes(encoded));
  }

  #toOthers(message: OutboundMessage, delivery: Delivery, others: readonly Connection[]): void {
    this.#settings.way.send(message, delivery, (visit) => others.forEach(visit));
  }

  #delivery(event: string, options: EmitOptions | undefined, place?: RoomPlace): Delivery {
    const asked = options?.fragmentBytes;
    return {
      key: options?.key ?? event,
      droppable: true,
      fragmentBytes: asked === undefined ? this.#settings.fragmentBytes : limit('fragmentBytes', asked),
      isVolatile: options?.volatile === true,
      extra: place,
    };
  }
}

function isReliable(options: EmitOptions | undefined): options is EmitOptions {
  return options?.reliable !== undefined && options.reliable !== false;
}

function messageOf(
  event: string,
  data: unknown,
  options: EmitOptions | undefined,
  target: OutboundTarget,
): OutboundMessage {
  return { event, data, meta: options?.meta && { ...options.meta }, target };
}

function targetOf({ rooms, users }: Audience): OutboundTarget {
  if (rooms.length > 0) return { kind: 'rooms', rooms };
  return users.length > 0 ? { kind: 'users', users } : { kind: 'all' };
}
