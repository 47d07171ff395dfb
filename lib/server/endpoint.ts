import type { Connection } from '../connection/connection.js';
import type { ConnectionPorts } from '../connection/connection-ports.js';
import { RoomHistories } from '../delivery/room-histories.js';
import type { MessageHandler } from '../pipeline/message-handler.js';
import type { Population } from '../rooms/audience.js';
import { RoomRegistry } from '../rooms/room-registry.js';
import { UserIndex } from '../rooms/user-index.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { ConnectionTap } from '../pipeline/connection-tap.js';
import type { GatewayMiddleware, HandshakePhase, InboundFramePhase } from '../pipeline/middleware.js';
import type { Stage } from '../pipeline/stage.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import { CodecTable } from '../protocol/codec-table.js';
import { CloseCode } from '../protocol/close-code.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { EventTable } from '../routing/event-table.js';
import type { Transport } from '../transport/transport.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';
import type { ConnectionProxy } from './connection-proxy.js';
import {
  type Compression,
  type CompressionOptions,
  compressionOfWs,
  createCompression,
} from './compression.js';
import { compositionLines, describeEndpoint } from './composition.js';
import { encodingOf } from './encoding.js';
import type { ResolvedEngineOptions } from './options.js';
import { Encodings } from './encodings.js';
import { ConnectionAuthentication } from './connection-authentication.js';
import type { EngineShared } from './engine-shared.js';
import type { GatewayBinding } from './gateway-binding.js';
import { GatewireServer } from './gatewire-server.js';
import type { Inlet } from './inlet.js';
import { Messenger } from './messenger.js';
import { Topics } from './topics.js';

/** The decorator's say comes first, in our words or in those of `ws`. */
function compressionOf(own: EndpointOptions, module: ResolvedEngineOptions): Compression | null {
  if (own.compression !== undefined) return createCompression(own.compression, module.slowConsumer);
  return own.wsOptions.perMessageDeflate === undefined
    ? module.compression
    : compressionOfWs(own.wsOptions.perMessageDeflate);
}

type Leaver = NonNullable<GatewayMiddleware['disconnected']>;
type Successor = NonNullable<GatewayMiddleware['resumed']>;
type Controller = NonNullable<GatewayMiddleware['controlFrame']>;

function leaver({ middleware }: Stage): Leaver[] {
  const { tap } = middleware;
  return [
    ...(middleware.disconnected === undefined ? [] : [middleware.disconnected.bind(middleware)]),
    ...(tap?.disconnected === undefined ? [] : [tap.disconnected.bind(tap)]),
  ];
}

/** What an endpoint has instead of the module's options. */
export interface EndpointOptions {
  readonly wsOptions: WsEndpointOptions;
  readonly codecs?: readonly Codec[] | undefined;
  readonly compression?: boolean | CompressionOptions | undefined;
}

/** One place that clients connect to: a port and a path, with the gateways that share it. */
export class Endpoint implements Population {
  readonly path: string;
  /** The same in every process: port (0: the application's) and path. */
  readonly name: string;
  /** Whether the gateway's decorator has a `handleProtocols` of its own. */
  readonly selectsSubprotocol: boolean;
  readonly shared: EngineShared;
  /** What `@WebSocketServer()` gives the gateways of this endpoint. */
  readonly server: GatewireServer;
  /** Connections whose 101 is out. */
  readonly connections = new Set<Connection>();
  readonly inlets = new Map<Connection, Inlet>();
  readonly rooms: RoomRegistry;
  readonly users = new UserIndex();
  readonly histories: RoomHistories;
  readonly bindings: GatewayBinding[] = [];
  readonly table = new EventTable<MessageHandler>();
  readonly transport: Transport;
  readonly ports: ConnectionPorts<Connection>;
  readonly codecs: CodecTable;
  readonly encodings: Encodings;
  /** The module's stages, then those of the gateways, in order: for phases that belong to the endpoint. */
  stages: readonly Stage[];
  /** Those of the stages for frames that come in. */
  framePhases: readonly InboundFramePhase[] = [];
  /** Those for before the 101. */
  handshakePhases: readonly HandshakePhase[] = [];
  /** Tells who watches what has come in; null: nobody does. */
  received: ((connection: Connection, envelope: Envelope) => void) | null = null;
  /** Passes its connections on, where a gateway says so. */
  proxy: ConnectionProxy | null = null;
  readonly authentication: ConnectionAuthentication;
  readonly #topics: Topics;

  #successors: readonly Successor[] = [];
  #controllers: readonly Controller[] = [];
  #taps: readonly ConnectionTap[] = [];
  readonly #leavers: Leaver[] = [];
  readonly #serve: () => void;

  /** @param serve makes the path known: called for the first gateway, as without one there is nothing to serve */
  constructor(
    path: string,
    own: EndpointOptions & { port?: number },
    shared: EngineShared,
    serve: () => void,
  ) {
    const { wsOptions } = own;
    this.#serve = serve;
    const { options, scheduler, counters, heartbeat, refusals } = shared;
    this.path = path;
    this.name = `${own.port ?? 0}${path}`;
    this.selectsSubprotocol = wsOptions.handleProtocols !== undefined;
    this.shared = shared;
    this.rooms = new RoomRegistry(options.limits.roomsPerConnection);
    this.codecs = own.codecs === undefined ? options.codecs : new CodecTable(own.codecs);
    const compression = compressionOf(own, options);
    this.transport = shared.createTransport(
      compression === null ? wsOptions : { ...wsOptions, perMessageDeflate: compression.negotiation },
      this.codecs.subprotocols,
    );
    this.encodings = new Encodings(this.codecs, compression);
    this.stages = [];
    this.#addStages(shared.stages);
    this.#leavers.push(...shared.stages.flatMap(leaver));
    const messenger = new Messenger(shared.messenger, () => [this]);
    this.histories = new RoomHistories({ ...shared.history, path, port: messenger });
    this.server = new GatewireServer(messenger, this.histories, shared, () => [this]);
    this.ports = {
      memberships: this.rooms,
      users: this.users,
      outbound: messenger,
      heartbeat,
      controlFrame: (connection, kind) => {
        for (const tell of this.#controllers) this.#guarded(() => tell(connection, kind));
      },
      send: {
        sendQueueBytes: options.limits.sendQueueBytes,
        slowConsumer: options.slowConsumer,
        scheduler,
        counters,
      },
      closedSocket: (protocol) => this.transport.closedSocket(protocol),
      closeMs: options.timeouts.closeMs,
    };
    this.authentication = new ConnectionAuthentication({
      host: shared.stageHost,
      timeouts: options.timeouts,
      outcomes: shared.outcomes,
      refusals,
    });
    this.#topics = new Topics(this.histories, shared.outcomes);
    const handlers = this.#topics.handlers((error, { connection, id }) => {
      if (id === undefined) refusals.refuse(connection, undefined, error);
    });
    if (!options.isCompatible)
      for (const handler of handlers) this.table.addReserved(handler.pattern, handler);
  }

  /** Adds a gateway. */
  bind(binding: GatewayBinding): void {
    if (this.bindings.length === 0) this.#serve();
    if (binding.authenticator !== undefined) this.authentication.require(binding.authenticator, binding.name);
    this.bindings.push(binding);
    this.#proxyBy(binding);
    this.#addStages(binding.stages ?? []);
    this.#leavers.push(...[...(binding.stages ?? []), ...(binding.handlerStages ?? [])].flatMap(leaver));
    this.#topics.add(binding.authorizers);
    for (const handler of binding.handlers) {
      if (this.shared.options.isCompatible) this.table.addExact(handler.pattern, handler);
      else this.table.add(handler.pattern, handler);
    }
    const { logger } = this.shared;
    if (logger.debug === undefined) return;
    const described = describeEndpoint({
      path: this.path,
      stages: this.stages,
      shared: this.shared,
      bindings: [binding],
    });
    for (const line of compositionLines(described)) logger.debug(line);
  }

  #proxyBy({ proxy, name }: GatewayBinding): void {
    if (proxy !== undefined && this.proxy !== null) throw unclear(name, this.path);
    this.proxy = proxy ?? this.proxy;
    if (this.proxy !== null && this.bindings.some(({ handlers }) => handlers.length > 0))
      throw unclear(name, this.path);
  }

  /** Tells who watches that the application knows a connection from now on. */
  arrived(connection: Connection): void {
    for (const tap of this.#taps) this.#guarded(() => tap.connected?.(connection));
  }

  /** Tells the stages that a connection is gone. */
  departed(connection: Connection, reason: DisconnectReason): void {
    this.encodings.release(encodingOf(connection));
    this.histories.departed(connection);
    this.#tellGone(connection, reason);
  }

  /** Its client is away: what belongs to the socket alone goes with it. */
  left(connection: Connection): void {
    const encoding = encodingOf(connection);
    if (encoding.isRepeatable) return;
    connection.reencode(this.encodings.withoutSocket(encoding));
    if (encodingOf(connection).isRepeatable) connection.session?.log.keep(true);
  }

  /** Tells the stages that a connection goes on as another. */
  succeeded(connection: Connection, fresh: Connection): void {
    for (const tell of this.#successors) this.#guarded(() => tell(connection, fresh));
    this.#tellGone(fresh, {
      code: CloseCode.NormalClosure,
      reason: `goes on as connection ${connection.id}`,
      by: 'server',
      wasClean: true,
    });
  }

  #tellGone(connection: Connection, reason: DisconnectReason): void {
    for (const tell of this.#leavers) this.#guarded(() => tell(connection, reason));
  }

  /** A stage that fails must not take the process down. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.shared.logger.error(error);
    }
  }

  #addStages(stages: readonly Stage[]): void {
    this.stages = [...this.stages, ...stages];
    this.framePhases = this.stages.flatMap(({ middleware }) =>
      middleware.inboundFrame === undefined ? [] : [middleware.inboundFrame.bind(middleware)],
    );
    this.handshakePhases = this.stages.flatMap(({ middleware }) =>
      middleware.handshake === undefined ? [] : [middleware.handshake.bind(middleware)],
    );
    this.#controllers = this.stages.flatMap(({ middleware }) =>
      middleware.controlFrame === undefined ? [] : [middleware.controlFrame.bind(middleware)],
    );
    this.#successors = this.stages.flatMap(({ middleware }) =>
      middleware.resumed === undefined ? [] : [middleware.resumed.bind(middleware)],
    );
    this.#tap(this.stages.flatMap(({ middleware: { tap } }) => tap ?? []));
  }

  #tap(taps: readonly ConnectionTap[]): void {
    this.#taps = taps;
    const isHeard = taps.some((tap) => tap.received !== undefined);
    this.received = !isHeard
      ? null
      : (connection, envelope) => {
          for (const tap of taps) this.#guarded(() => tap.received?.(connection, envelope));
        };
    const sent = taps.filter((tap) => tap.sent !== undefined);
    this.encodings.setStages(
      this.stages,
      sent.map((tap) => (connection, envelope) => this.#guarded(() => tap.sent?.(connection, envelope))),
    );
  }
}

/** Who would get a message? */
function unclear(name: string, path: string): GatewireError {
  return new GatewireError(
    ErrorCode.Internal,
    `${name}: connections to ${path} are passed on already, or handled here`,
    {
      remediation: 'Give a gateway with @ProxyTo() a path of its own, and no handlers.',
    },
  );
}
