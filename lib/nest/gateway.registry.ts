import type { Engine } from '../server/engine.js';
import type { GatewireServer } from '../server/gatewire-server.js';
import type { DiscoveredGateway, GatewayExplorer } from './gateway.explorer.js';
import type { GatewayBinder } from './gateway.binder.js';
import { type GatewayDecoratorOptions, placeKey, placeOf, wsOptionsOf } from './gateway-place.js';
import { type NestHost, httpServerOf } from './nest-host.js';
import { bindRoomAuthorizers } from './room-authorizers.js';

/** Knows which gateways belong to which endpoint, and binds them when Nest asks for the endpoint's server. */
export class GatewayRegistry {
  readonly #engine: Engine;
  readonly #host: NestHost;
  readonly #explorer: GatewayExplorer;
  readonly #binder: GatewayBinder;
  /** Gateways that still wait for their endpoint, by place. Read from the container when the first is asked for. */
  #waiting: Map<string, DiscoveredGateway[]> | null = null;

  constructor(engine: Engine, host: NestHost, explorer: GatewayExplorer, binder: GatewayBinder) {
    this.#engine = engine;
    this.#host = host;
    this.#explorer = explorer;
    this.#binder = binder;
  }

  /**
   * The server of a place; at the first call its gateways are bound. Nest asks once for all gateways of a port and
   * path, and for a namespace first without it: that place may have no gateway, and then is not served.
   */
  server(port: number, options: GatewayDecoratorOptions): GatewireServer {
    const place = placeOf(port, options);
    const endpoint = this.#engine.endpoint({
      ...place,
      httpServer: httpServerOf(this.#host),
      wsOptions: wsOptionsOf(options),
    });
    const gateways = this.#take(placeKey(place));
    const authorizers = gateways.length > 0 ? bindRoomAuthorizers(this.#explorer.authorizers()) : [];
    gateways.forEach((gateway, index) => {
      const binding = this.#binder.bind(gateway, endpoint.server);
      // Each endpoint hears of the application's authorizers once.
      endpoint.bind(
        index === 0 ? { ...binding, authorizers: [...binding.authorizers, ...authorizers] } : binding,
      );
    });
    return endpoint.server;
  }

  #take(key: string): DiscoveredGateway[] {
    this.#waiting ??= byPlace(this.#explorer.gateways());
    const gateways = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    return gateways;
  }
}

function byPlace(gateways: readonly DiscoveredGateway[]): Map<string, DiscoveredGateway[]> {
  const groups = new Map<string, DiscoveredGateway[]>();
  for (const gateway of gateways) {
    const key = placeKey(gateway.place);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [gateway]);
    else group.push(gateway);
  }
  return groups;
}
