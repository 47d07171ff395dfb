import type { ConnectionCounterName } from '../connection/connection-counters.js';
import type { Population } from '../rooms/audience.js';
import type { EngineShared } from './engine-shared.js';

/** What is there right now. */
export interface ServerGauges {
  readonly connections: number;
  readonly handshakesInFlight: number;
  readonly rooms: number;
  readonly roomMemberships: number;
  readonly users: number;
  /** Messages that wait for their handlers. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** Bytes sent that peers have not taken. */
  readonly bufferedBytes: number;
  /** Requests that wait for peers. */
  readonly requestsInFlight: number;
  readonly streams: number;
  /** Sessions of the whole application. */
  readonly sessions: number;
  /** Those whose clients are away. */
  readonly sessionsAway: number;
  /** Connections to other servers that gateways with `@ProxyTo()` hold. */
  readonly upstreams: number;
}

/** Every counter (totals since the start, of the whole application) and every gauge (of the endpoints asked). */
export interface ServerStats {
  readonly counters: Readonly<Record<ConnectionCounterName, number>>;
  /** Errors that went to peers, by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the stages of the pipeline have counted: `rate-limit.refused` and the like. */
  readonly stages: Readonly<Record<string, number>>;
  readonly gauges: ServerGauges;
}

/** What one connection has waiting. */
interface Waiting {
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly requestsInFlight: number;
  readonly streams: number;
}

/** What stats are collected from: an endpoint. */
export interface StatsSource extends Population {
  readonly inlets: ReadonlyMap<unknown, Waiting>;
  readonly proxy: { readonly upstreams: number } | null;
}

export function collectStats(shared: EngineShared, endpoints: Iterable<StatsSource>): ServerStats {
  const gauges: Record<keyof ServerGauges, number> = {
    connections: 0,
    handshakesInFlight: shared.admission.handshakes,
    rooms: 0,
    roomMemberships: 0,
    users: 0,
    queuedMessages: 0,
    queuedBytes: 0,
    bufferedBytes: 0,
    requestsInFlight: 0,
    streams: 0,
    sessions: shared.sessions?.size ?? 0,
    sessionsAway: shared.sessions?.away ?? 0,
    upstreams: 0,
  };
  for (const { connections, inlets, rooms, users, proxy } of endpoints) {
    gauges.connections += connections.size;
    gauges.rooms += rooms.size;
    gauges.roomMemberships += rooms.memberships;
    gauges.users += users.size;
    gauges.upstreams += proxy?.upstreams ?? 0;
    for (const connection of connections) gauges.bufferedBytes += connection.bufferedBytes;
    for (const inlet of inlets.values()) {
      gauges.queuedMessages += inlet.queuedMessages;
      gauges.queuedBytes += inlet.queuedBytes;
      gauges.requestsInFlight += inlet.requestsInFlight;
      gauges.streams += inlet.streams;
    }
  }
  return {
    counters: { ...shared.counters },
    errors: Object.fromEntries(shared.errorCounts),
    stages: Object.fromEntries(shared.stageCounts),
    gauges,
  };
}
