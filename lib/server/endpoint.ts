import type { Connection } from '../connection/connection.js';
import type { ConnectionPorts } from '../connection/connection-ports.js';
import type { MessageHandler } from '../pipeline/message-handler.js';
import type { Population } from '../rooms/audience.js';
import { RoomRegistry } from '../rooms/room-registry.js';
import { UserIndex } from '../rooms/user-index.js';
import { EventTable } from '../routing/event-table.js';
import type { Transport } from '../transport/transport.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';
import type { EngineShared } from './engine-shared.js';
import type { GatewayBinding } from './gateway-binding.js';
import { GatewireServer } from './gatewire-server.js';
import type { Inlet } from './inlet.js';
import { Messenger } from './messenger.js';
import { Topics } from './topics.js';

/** One place that clients connect to: a port and a path, with the gateways that share it. */
export class Endpoint implements Population {
  readonly path: string;
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
  readonly bindings: GatewayBinding[] = [];
  readonly table = new EventTable<MessageHandler>();
  readonly transport: Transport;
  readonly ports: ConnectionPorts<Connection>;
  readonly #topics: Topics;

  readonly #serve: () => void;

  /** @param serve makes the path known: called for the first gateway, as without one there is nothing to serve */
  constructor(path: string, wsOptions: WsEndpointOptions, shared: EngineShared, serve: () => void) {
    this.#serve = serve;
    const { options, scheduler, counters, heartbeat, refusals } = shared;
    this.path = path;
    this.selectsSubprotocol = wsOptions.handleProtocols !== undefined;
    this.shared = shared;
    this.rooms = new RoomRegistry(options.limits.roomsPerConnection);
    this.transport = shared.createTransport(wsOptions);
    const messenger = new Messenger(shared.messenger, () => [this]);
    this.server = new GatewireServer(messenger, shared, () => [this]);
    this.ports = {
      memberships: this.rooms,
      users: this.users,
      outbound: messenger,
      heartbeat,
      send: {
        sendQueueBytes: options.limits.sendQueueBytes,
        slowConsumer: options.slowConsumer,
        scheduler,
        counters,
      },
      closeMs: options.timeouts.closeMs,
    };
    this.#topics = new Topics((room, event, data) => this.server.publish(room, event, data));
    const handlers = this.#topics.handlers((error, { connection, id }) => {
      if (id === undefined) refusals.refuse(connection, undefined, error);
    });
    if (!options.isCompatible)
      for (const handler of handlers) this.table.addReserved(handler.pattern, handler);
  }

  /** Adds a gateway. */
  bind(binding: GatewayBinding): void {
    if (this.bindings.length === 0) this.#serve();
    this.bindings.push(binding);
    this.#topics.add(binding.authorizers);
    for (const handler of binding.handlers) {
      if (this.shared.options.isCompatible) this.table.addExact(handler.pattern, handler);
      else this.table.add(handler.pattern, handler);
    }
  }
}
