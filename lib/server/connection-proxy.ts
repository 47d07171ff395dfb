import type { IncomingMessage } from 'node:http';
import type { Connection } from '../connection/connection.js';
import type { InboundFramePhase } from '../pipeline/middleware.js';
import type { Stage } from '../pipeline/stage.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { EngineShared } from './engine-shared.js';
import type { Inlet, InletSettings } from './inlet.js';

/** What a proxy uses of its endpoint. */
export interface ProxiedEndpoint {
  readonly shared: EngineShared;
  readonly stages: readonly Stage[];
  readonly framePhases: readonly InboundFramePhase[];
}

/** Passes the connections of an endpoint on, instead of handlers. */
export interface ConnectionProxy {
  /** Upstream connections that are open. */
  readonly upstreams: number;
  /** Before the 101, after everything that may refuse. Rejects to refuse. */
  connect(connection: Connection, request: IncomingMessage, shared: EngineShared): Promise<void>;
  /** What the 101 is to select; false: nothing. */
  subprotocolOf(connection: Connection): string | false;
  /** After the 101: where the frames of the connection come in. */
  inlet(
    connection: Connection,
    socket: TransportSocket,
    request: IncomingMessage,
    endpoint: ProxiedEndpoint,
    settings: InletSettings,
  ): Inlet;
}
