import type { IncomingMessage } from 'node:http';
import type { Connection } from '../connection/connection.js';
import { isPromise } from '../primitives/is-promise.js';
import type { GatewayBinding } from './gateway-binding.js';

/** Connect guards and `onHandshake` of every gateway: each must pass before the next is asked. Throws, or rejects, to refuse. */
export function askBindings(
  bindings: readonly GatewayBinding[],
  connection: Connection,
  request: IncomingMessage,
): void | PromiseLike<unknown> {
  for (let i = 0; i < bindings.length; i++) {
    const pending = bindings[i]?.handshake?.(connection, request);
    if (!isPromise(pending)) continue;
    // The rest, now that one was asynchronous.
    return bindings
      .slice(i + 1)
      .reduce<PromiseLike<unknown>>(
        (before, binding) => before.then(() => binding.handshake?.(connection, request)),
        pending,
      );
  }
}
