import type { DiscoveredGateway } from './gateway.explorer.js';

const readOnce = 'afterInit';

/**
 * Knows which gateway Nest is connecting. Nest does not say, and its order is its own: version 12 connects the very first
 * gateway last. But of every gateway it reads `afterInit`, shortly before it hands over the gateway's connections.
 */
export class ConnectOrder {
  #current: DiscoveredGateway | null = null;

  /** Notes when Nest comes to one of these. Called before it connects any. */
  watch(gateways: Iterable<DiscoveredGateway>): void {
    for (const gateway of gateways) this.#watch(gateway);
  }

  /** The gateway that is being connected; null where that cannot be seen. Each is given once. */
  take(): DiscoveredGateway | null {
    const current = this.#current;
    this.#current = null;
    return current;
  }

  #watch(gateway: DiscoveredGateway): void {
    const instance = gateway.wrapper.instance as Record<string, unknown>;
    const own = Object.getOwnPropertyDescriptor(instance, readOnce);
    if (!Object.isExtensible(instance) || own?.configurable === false) return;
    Object.defineProperty(instance, readOnce, {
      configurable: true,
      get: () => {
        if (own === undefined) Reflect.deleteProperty(instance, readOnce);
        else Object.defineProperty(instance, readOnce, own);
        this.#current = gateway;
        return instance[readOnce];
      },
    });
  }
}
