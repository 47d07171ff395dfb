import { ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';
import type { ConnectionContexts } from './connection-contexts.js';
import type { DiscoveredGateway } from './gateway.explorer.js';
import type { HandlerSite } from './handler-site.js';
import { nestMetadataKeys } from './metadata-keys.js';

/** Which object serves a connection: the one of the application, or the connection's own where something is request-scoped. */
export class GatewayInstances {
  readonly isStatic: boolean;
  readonly #gateway: DiscoveredGateway;
  readonly #contexts: ConnectionContexts;
  readonly #server: unknown;
  /** The instance itself once it is there: a message after it must not wait, or it would be overtaken. */
  readonly #scoped = new WeakMap<Connection, object | Promise<object>>();

  /** @param server for `@WebSocketServer()`: Nest gives it to static gateways only */
  constructor(gateway: DiscoveredGateway, contexts: ConnectionContexts, server: unknown) {
    this.#gateway = gateway;
    this.#contexts = contexts;
    this.#server = server;
    this.isStatic = gateway.wrapper.isDependencyTreeStatic();
  }

  /** The application's instance; of a scoped gateway a placeholder, whose constructor never ran. */
  get shared(): object {
    return this.#gateway.wrapper.instance as object;
  }

  of(connection: Connection): object | Promise<object> {
    if (this.isStatic) return this.shared;
    const known = this.#scoped.get(connection);
    if (known !== undefined) return known;
    this.#contexts.hold(connection);
    const pending = this.#resolve(connection).then((instance) => {
      if (this.#scoped.has(connection)) this.#scoped.set(connection, instance);
      return instance;
    });
    this.#scoped.set(connection, pending);
    return pending;
  }

  /** What enhancers of a method are resolved for. */
  site(instance: object, methodName: string, connection?: Connection): HandlerSite {
    const { wrapper, moduleKey } = this.#gateway;
    const method = (instance as Record<string, HandlerSite['callback'] | undefined>)[methodName];
    return {
      instance,
      callback: method ?? (() => undefined),
      methodName,
      moduleKey,
      inquirerId: wrapper.id,
      contextId: this.isStatic || connection === undefined ? undefined : this.#contextId(connection),
    };
  }

  /** The gateway's last hook for the connection is done. */
  forget(connection: Connection): void {
    if (this.#scoped.delete(connection)) this.#contexts.release(connection);
  }

  #contextId(connection: Connection): NonNullable<HandlerSite['contextId']> {
    return this.#contexts.of(connection, this.#gateway.wrapper.isDependencyTreeDurable());
  }

  async #resolve(connection: Connection): Promise<object> {
    const { wrapper } = this.#gateway;
    // That of the gateway's own module: another module may provide the same class.
    const moduleRef = wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef;
    const instance = await moduleRef.resolve<object>(wrapper.token as never, this.#contextId(connection), {
      strict: true,
    });
    for (const property in instance) {
      if (Reflect.hasMetadata(nestMetadataKeys.isServerProperty, instance, property)) {
        Reflect.set(instance, property, this.#server);
      }
    }
    return instance;
  }
}
