import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { Endpoint } from '../server/endpoint.js';
import type { Engine } from '../server/engine.js';
import type { GatewireServer } from '../server/gatewire-server.js';
import { ConnectOrder } from './connect-order.js';
import type { DiscoveredGateway, GatewayExplorer } from './gateway.explorer.js';
import type { GatewayBinder } from './gateway.binder.js';
import { type GatewayDecoratorOptions, placeKey, placeOf, wsOptionsOf } from './gateway-place.js';
import { type NestHost, httpServerOf } from './nest-host.js';
import { bindRoomAuthorizers } from './room-authorizers.js';

interface Served {
  readonly key: string;
  readonly endpoint: Endpoint;
}

/** Knows which gateways belong to which endpoint, and binds each when Nest connects it: in Nest's order. */
export class GatewayRegistry {
  readonly #engine: Engine;
  readonly #host: NestHost;
  readonly #explorer: GatewayExplorer;
  readonly #binder: GatewayBinder;
  readonly #order = new ConnectOrder();
  readonly #served = new Map<unknown, Served>();
  /** Gateways that Nest has not connected yet. Read from the container when the first server is asked for. */
  #waiting: Set<DiscoveredGateway> | null = null;

  constructor(engine: Engine, host: NestHost, explorer: GatewayExplorer, binder: GatewayBinder) {
    this.#engine = engine;
    this.#host = host;
    this.#explorer = explorer;
    this.#binder = binder;
  }

  /**
   * The server of a place. Nest asks once for all gateways of a port and path, and for a namespace first without it: that
   * place may have no gateway, and then is not served.
   */
  server(port: number, options: GatewayDecoratorOptions): GatewireServer {
    if (this.#engine.options.isCompatible && options.namespace !== undefined) throw unknownNamespaces();
    this.#discover();
    const place = placeOf(port, options);
    const endpoint = this.#engine.endpoint({
      ...place,
      httpServer: httpServerOf(this.#host),
      wsOptions: wsOptionsOf(options),
      codecs: options.codecs,
      compression: options.compression,
    });
    this.#served.set(endpoint.server, { key: placeKey(place), endpoint });
    return endpoint.server;
  }

  /** Nest hands over the connections of a gateway, to this server: the gateway is bound. */
  connect(server: unknown): void {
    const served = this.#served.get(server);
    const gateway = this.#order.take() ?? this.#firstAt(served?.key);
    if (served === undefined || gateway === undefined || !this.#waiting?.delete(gateway)) return;
    const { endpoint } = served;
    const binding = this.#binder.bind(gateway, endpoint.server);
    // Each endpoint hears of the application's authorizers once.
    const shared = endpoint.bindings.length === 0 ? bindRoomAuthorizers(this.#explorer.authorizers()) : [];
    endpoint.bind({ ...binding, authorizers: [...binding.authorizers, ...shared] });
  }

  #discover(): void {
    if (this.#waiting !== null) return;
    this.#waiting = new Set(this.#explorer.gateways());
    this.#order.watch(this.#waiting);
  }

  #firstAt(key: string | undefined): DiscoveredGateway | undefined {
    return [...(this.#waiting ?? [])].find(({ place }) => placeKey(place) === key);
  }
}

/** As platform-ws says it. */
function unknownNamespaces(): GatewireError {
  return new GatewireError(ErrorCode.Internal, 'platform-ws does not support namespaces', {
    remediation: 'Leave out the option compatibility, or give the gateway a path in place of the namespace.',
  });
}
