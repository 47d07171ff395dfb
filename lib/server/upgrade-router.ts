import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PathParams } from '../connection/handshake.js';
import { ErrorCode } from '../protocol/error-code.js';
import { PathTable } from '../routing/path-table.js';
import type { Endpoint } from './endpoint.js';
import type { HandshakeGate } from './handshake-gate.js';
import { refuseUpgrade } from './http-refusal.js';
import type { UpgradeTaker } from './upgrade-tap.js';

interface Route {
  readonly endpoint: Endpoint;
  readonly gate: HandshakeGate;
}

/** Finds the endpoint of an upgrade request by its path. One per HTTP server. */
export class UpgradeRouter implements UpgradeTaker {
  readonly #routes = new PathTable<Route>();
  #isOpen = true;

  add(path: string, route: Route): void {
    this.#routes.add(path, route);
  }

  /** From now on everything is refused with 503: the server is going down. */
  shut(): void {
    this.#isOpen = false;
  }

  claims(request: IncomingMessage): boolean {
    return this.#find(request) !== undefined;
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const found = this.#find(request);
    if (found === undefined) return this.unclaimed(request, socket);
    if (!this.#isOpen) return refuseUpgrade(socket, { status: 503, code: ErrorCode.Overloaded, message: 'shutting down' });
    found.route.gate.accept({ request, socket, head }, found.path, found.params);
  }

  unclaimed(_request: IncomingMessage, socket: Duplex): void {
    refuseUpgrade(socket, { status: 404, code: ErrorCode.NotFound, message: 'no WebSocket endpoint at this path' });
  }

  #find(request: IncomingMessage): { route: Route; path: string; params: PathParams } | undefined {
    const path = pathOf(request.url ?? '/');
    const found = this.#routes.match(path);
    // An endpoint that no gateway has been bound to is not served.
    if (found === undefined || found.value.endpoint.bindings.length === 0) return undefined;
    return { route: found.value, path, params: found.params };
  }
}

/** Path of a request target, in origin form or absolute form (RFC 9112 section 3.2). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0] as string;
  return URL.canParse(target) ? new URL(target).pathname : '/';
}
