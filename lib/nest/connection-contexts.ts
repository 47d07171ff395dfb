import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';

/**
 * One injection context for each connection: what is request-scoped lives as long as its connection, and `REQUEST` is
 * the connection (for durable providers, the payload of the application's strategy). As in Nest 12, on every version.
 */
export class ConnectionContexts {
  readonly #moduleRef: ModuleRef;
  readonly #key = requestContextKey();

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

  /** The last hook of the connection is done. */
  forget(connection: Connection): void {
    Reflect.deleteProperty(connection, this.#key);
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
