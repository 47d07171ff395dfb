import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { after, type Clock, type TimerHandle } from '../primitives/clock.js';

/** Who takes upgrade requests. */
export interface UpgradeTaker {
  /** Whether a request is for one of ours. */
  claims(request: IncomingMessage): boolean;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Nobody has taken a request. */
  unclaimed(request: IncomingMessage, socket: Duplex): void;
}

type Emit = Server['emit'];
type AnyEmit = (event: string | symbol, ...args: unknown[]) => boolean;

/**
 * Listens to the upgrades of an HTTP server that may have other listeners: graphql-ws, Vite, socket.io.
 *
 * What is ours is taken before they see it, since a `ws` server with another path answers every request it does not know
 * with a 400. What is not ours is left to them; where there are none it is refused at once, else when nobody has taken it
 * after `graceMs`.
 */
export class UpgradeTap {
  readonly #server: Server;
  readonly #taker: UpgradeTaker;
  readonly #graceMs: number;
  readonly #clock: Clock;
  readonly #originalEmit: AnyEmit;
  /** Of somebody who has wrapped `emit` before us. */
  readonly #ownEmit: PropertyDescriptor | undefined;
  readonly #waiting = new Set<TimerHandle>();
  #isOpen = true;

  constructor(server: Server, taker: UpgradeTaker, graceMs: number, clock: Clock) {
    this.#server = server;
    this.#taker = taker;
    this.#graceMs = graceMs;
    this.#clock = clock;
    this.#originalEmit = server.emit.bind(server) as AnyEmit;
    this.#ownEmit = Object.getOwnPropertyDescriptor(server, 'emit');
    server.emit = this.#emit as Emit;
    // Node emits 'upgrade' only while somebody listens.
    server.on('upgrade', this.#onUpgrade);
  }

  /** Leaves the server as it was found. */
  close(): void {
    this.#isOpen = false;
    this.#server.off('upgrade', this.#onUpgrade);
    // Somebody who has wrapped `emit` after us keeps our wrapper, which lets everything through by now.
    if (this.#server.emit === (this.#emit as Emit)) {
      if (this.#ownEmit !== undefined) Object.defineProperty(this.#server, 'emit', this.#ownEmit);
      else delete (this.#server as Partial<Pick<Server, 'emit'>>).emit;
    }
    for (const timer of this.#waiting) this.#clock.clearTimeout(timer);
    this.#waiting.clear();
  }

  readonly #emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'upgrade' && this.#isOpen && this.#taker.claims(args[0] as IncomingMessage)) {
      this.#taker.take(args[0] as IncomingMessage, args[1] as Duplex, args[2] as Buffer);
      return true;
    }
    return this.#originalEmit(event, ...args);
  };

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex): void => {
    if (this.#server.listenerCount('upgrade') === 1) return this.#taker.unclaimed(request, socket);
    const writtenBefore = bytesWritten(socket);
    const timer = after(this.#clock, this.#graceMs, () => {
      this.#waiting.delete(timer);
      if (!isTaken(socket, writtenBefore)) this.#taker.unclaimed(request, socket);
    });
    this.#waiting.add(timer);
  };
}

/** Whoever takes a socket reads from it, writes to it, or ends it. */
function isTaken(socket: Duplex, writtenBefore: number): boolean {
  const isRead = socket.listenerCount('data') > 0 || socket.listenerCount('readable') > 0;
  return socket.destroyed || socket.writableEnded || isRead || bytesWritten(socket) > writtenBefore;
}

/** What earlier requests on the same connection have been answered counts as well. */
function bytesWritten(socket: Duplex): number {
  return (socket as { bytesWritten?: number }).bytesWritten ?? 0;
}
