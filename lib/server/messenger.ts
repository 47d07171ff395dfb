import type { Connection } from '../connection/connection.js';
import type { Outbound } from '../connection/connection-ports.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { FlushScheduler } from '../connection/flush-scheduler.js';
import type { OutgoingFrame } from '../connection/outgoing-frame.js';
import { compose } from '../exchange/compose.js';
import { isPromise } from '../primitives/is-promise.js';
import { limit } from '../primitives/option-checks.js';
import type { OutboundPhase } from '../pipeline/middleware.js';
import type { OutboundMessage, OutboundTarget } from '../pipeline/outbound-message.js';
import type { Envelope } from '../protocol/envelope.js';
import { type Audience, forEachIn, type Population } from '../rooms/audience.js';
import type { BroadcastPort, RequestOutcome } from '../rooms/broadcast-port.js';
import { encodedBytes, encodeMessage, sendEncoded } from './message-encoder.js';

/** What all messengers of an engine share. */
export interface MessengerSettings {
  readonly phases: readonly OutboundPhase[];
  readonly fragmentBytes: number;
  readonly scheduler: FlushScheduler;
  /** Told when an outbound stage fails asynchronously: there is no caller left to throw at. */
  readonly onError: (error: unknown, stage: string) => void;
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
    if (!connection.canSend) return false;
    let isSent = true;
    const target: OutboundTarget = { kind: 'connection', connection };
    this.#throughStages(event, data, options, target, (message) => {
      isSent = this.#sendTo(connection, envelopeOf(message), options);
    });
    return isSent;
  }

  emit(
    audience: Audience,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    room?: string,
  ): void {
    this.#throughStages(event, data, options, targetOf(audience), (message) => {
      const envelope = envelopeOf(message);
      if (room !== undefined) envelope.room = room;
      this.#broadcast(audience, envelope, options);
    });
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

  #sendTo(connection: Connection, envelope: Envelope, options: EmitOptions | undefined): boolean {
    const { queue } = connection;
    if (queue === null || !connection.canSend) return false;
    const encoded = this.#encode(envelope, options);
    if ('bytes' in encoded && options?.volatile !== true) return queue.sendOwn(encoded);
    return sendEncoded(queue, encoded, options?.volatile === true);
  }

  #broadcast(audience: Audience, envelope: Envelope, options: EmitOptions | undefined): void {
    const encoded = this.#encode(envelope, options);
    const isVolatile = options?.volatile === true;
    const send = (connection: Connection): void => {
      if (connection.canSend && connection.queue !== null) sendEncoded(connection.queue, encoded, isVolatile);
    };
    const deliver = (connection: Connection): void => connection.deliver(encoded as OutgoingFrame);
    const visit = 'parts' in encoded || isVolatile ? send : deliver;
    for (const population of this.#populations()) forEachIn(population, audience, visit);
    this.#settings.scheduler.broadcastDone(encodedBytes(encoded));
  }

  #encode(envelope: Envelope, options: EmitOptions | undefined): ReturnType<typeof encodeMessage> {
    const asked = options?.fragmentBytes;
    const fragmentBytes = asked === undefined ? this.#settings.fragmentBytes : limit('fragmentBytes', asked);
    return encodeMessage(envelope, {
      key: options?.key ?? envelope.event ?? null,
      droppable: true,
      fragmentBytes,
    });
  }

  #throughStages(
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    target: OutboundTarget,
    deliver: (message: OutboundMessage) => void,
  ): void {
    const message: OutboundMessage = { event, data, meta: options?.meta && { ...options.meta }, target };
    const { phases, onError } = this.#settings;
    if (phases.length === 0) return deliver(message);
    const done = compose(phases, deliver)(message);
    if (isPromise(done)) done.then(undefined, (error: unknown) => onError(error, 'outbound'));
  }
}

function envelopeOf({ event, data, meta }: OutboundMessage): Envelope {
  if (event === undefined) return meta === undefined ? { data } : { data, meta };
  return meta === undefined ? { event, data } : { event, data, meta };
}

function targetOf({ rooms, users }: Audience): OutboundTarget {
  if (rooms.length > 0) return { kind: 'rooms', rooms };
  return users.length > 0 ? { kind: 'users', users } : { kind: 'all' };
}
