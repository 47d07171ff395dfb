import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PathParams } from '../connection/handshake.js';
import { ErrorCode } from '../protocol/error-code.js';
import { noParams, PathTable } from '../routing/path-table.js';
import type { HandshakeGate } from './handshake-gate.js';
import { refuseUpgrade } from './http-refusal.js';
import type { UpgradeTaker } from './upgrade-tap.js';

interface Found {
  readonly gate: HandshakeGate;
  readonly path: string;
  readonly params: PathParams;
}

/** Where gateways with a port of their own and no path are. */
const anyPath = '/*';

/** Finds the endpoint of an upgrade request by its path. One per HTTP server. */
export class UpgradeRouter implements UpgradeTaker {
  readonly #routes = new PathTable<HandshakeGate>();
  /** As with platform-ws: paths are names, but for the one of a port without paths. */
  readonly #literal = new Map<string, HandshakeGate>();
  readonly #isCompatible: boolean;
  #isOpen = true;

  constructor(isCompatible: boolean) {
    this.#isCompatible = isCompatible;
  }

  add(path: string, gate: HandshakeGate): void {
    if (this.#isCompatible) this.#literal.set(path, gate);
    else this.#routes.add(path, gate);
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
    if (!this.#isOpen)
      return refuseUpgrade(socket, { status: 503, code: ErrorCode.Overloaded, message: 'shutting down' });
    found.gate.accept({ request, socket, head }, found.path, found.params);
  }

  unclaimed(_request: IncomingMessage, socket: Duplex): void {
    if (this.#isCompatible) {
      socket.destroy();
      return;
    }
    refuseUpgrade(socket, {
      status: 404,
      code: ErrorCode.NotFound,
      message: 'no WebSocket endpoint at this path',
    });
  }

  #find(request: IncomingMessage): Found | undefined {
    const path = pathOf(request.url ?? '/');
    if (this.#isCompatible) {
      const gate = this.#literal.get(path) ?? this.#literal.get(anyPath);
      return gate && { gate, path, params: noParams };
    }
    const found = this.#routes.match(path);
    return found && { gate: found.value, path, params: found.params };
  }
}

/** Path of a request target, in origin form or absolute form (RFC 9112 section 3.2). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0] as string;
  return URL.canParse(target) ? new URL(target).pathname : '/';
}
