import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';

/**
 * One injection context for each connection: what is request-scoped lives as long as its connection, and `REQUEST` is
 * the connection (for durable providers, the payload of the application's strategy). As in Nest 12, on every version.
 */
export class ConnectionContexts {
  readonly #moduleRef: ModuleRef;
  readonly #key = requestContextKey();
  /** How many gateways still use the context of a connection. */
  readonly #holders = new WeakMap<Connection, number>();

  constructor(moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /** Makes it at the first call. `ContextIdFactory.getByRequest(connection)` gives the same from then on. */
  of(connection: Connection, isDurable: boolean): ContextId {
    const known = (connection as unknown as Record<symbol, ContextId | undefined>)[this.#key];
    if (known !== undefined) return known;
    const contextId = ContextIdFactory.getByRequest(connection);
    Object.defineProperty(connection, this.#key, { value: contextId, configurable: true });
    const { payload } = contextId as { payload?: object };
    this.#moduleRef.registerRequestByContextId(
      isDurable ? payload : Object.assign(connection, payload),
      contextId,
    );
    return contextId;
  }

  /** A gateway uses the context until it calls {@link release}: all gateways of a connection share it. */
  hold(connection: Connection): void {
    this.#holders.set(connection, (this.#holders.get(connection) ?? 0) + 1);
  }

  /** A gateway's last hook for the connection is done. After the last gateway's, the context is gone. */
  release(connection: Connection): void {
    const holders = (this.#holders.get(connection) ?? 1) - 1;
    this.#holders.set(connection, holders);
    if (holders === 0) Reflect.deleteProperty(connection, this.#key);
  }
}

/** The property by which Nest finds the context of a request: it is not exported, but looked for. */
function requestContextKey(): symbol {
  let key = Symbol.for('gatewire:request-context');
  const probe = new Proxy(
    {},
    {
      get: (_, name) => {
        if (typeof name !== 'symbol') return undefined;
        key = name;
        return { id: 0 };
      },
    },
  );
  ContextIdFactory.getByRequest(probe);
  return key;
}
