import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { SocketListener, TransportSocket } from '../transport-socket.js';

/** What zlib uses unless told otherwise. */
const largestWindowBits = 15;

/**
 * A `ws` socket that also takes ready-made frames. A subclass, so that a connection needs no wrapper object;
 * its four listeners are shared by all sockets.
 */
export class WsSocket extends WebSocket implements TransportSocket {
  listener: SocketListener | null = null;
  /** What the 101 says about extensions. */
  negotiated = '';
  #tcp: Socket | null = null;

  /** One that nothing can be done with any more. */
  static closed(protocol: string): WsSocket {
    // Without an address it is a server's, and waits for a connection.
    const socket = new WsSocket(null as never, undefined, { autoPong: true });
    return Object.assign(socket, { _readyState: WebSocket.CLOSED, _protocol: protocol });
  }

  get unsentBytes(): number {
    return this.#tcp === null ? 0 : this.#tcp.writableLength;
  }

  get canDeflate(): boolean {
    // Where nothing is said, the window is the largest (RFC 7692 section 7.1.2.1).
    if (!this.negotiated.includes('permessage-deflate')) return false;
    const window = /server_max_window_bits=(\d+)/.exec(this.negotiated)?.[1];
    return window === undefined || Number(window) === largestWindowBits;
  }

  get keepsDeflateContext(): boolean {
    return this.canDeflate && !this.negotiated.includes('server_no_context_takeover');
  }

  /** Takes hold of the network socket that the upgrade came with. */
  attach(tcp: Socket): void {
    this.#tcp = tcp;
    for (const [event, listener] of own) this.on(event, listener);
  }

  /** Handlers run after the listeners that an application puts on the socket itself: so ours stays the last. */
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    const add = EventEmitter.prototype.on.bind(this);
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- the compiler disagrees
    add(event, listener as () => void);
    if (event !== 'message' || listener === onMessage || !this.listeners(event).includes(onMessage))
      return this;
    this.off(event, onMessage);
    add(event, onMessage);
    return this;
  }

  get isObserved(): boolean {
    return foreignListeners(this).length > 0;
  }

  adopt(before: TransportSocket): void {
    if (!(before instanceof EventEmitter)) return;
    for (const [event, listener] of foreignListeners(before)) {
      before.off(event, listener);
      this.on(event, listener);
    }
  }

  writeFrames(bytes: Uint8Array, written?: (error?: Error | null) => void): void {
    if (this.#tcp !== null) this.#tcp.write(bytes, written);
    else if (written !== undefined) process.nextTick(written, new Error('the socket is closed'));
  }

  onceDrained(callback: () => void): void {
    const tcp = this.#tcp;
    if (tcp === null) setImmediate(callback);
    else if (tcp.writableNeedDrain) tcp.once('drain', callback);
    // Below Node's own mark there is no 'drain' event; an empty write is told when all before it has gone.
    else tcp.write('', callback);
  }
}

const own: readonly (readonly [event: string, listener: (...args: never[]) => void])[] = [
  ['message', onMessage],
  ['ping', onPing],
  ['pong', onPong],
  ['error', onError],
  ['close', onClose],
];

/** Listeners that are not ours. */
function foreignListeners(socket: EventEmitter): [event: string | symbol, listener: () => void][] {
  return socket.eventNames().flatMap((event) =>
    socket
      .rawListeners(event)
      .filter((listener) => !own.some(([, ours]) => ours === listener))
      .map((listener): [string | symbol, () => void] => [event, listener as () => void]),
  );
}

// With the default binaryType 'nodebuffer' a message is always one Buffer.
function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  (this as WsSocket).listener?.onMessage(data as Buffer, isBinary);
}

function onPing(this: WebSocket): void {
  (this as WsSocket).listener?.onPing?.();
}

function onPong(this: WebSocket): void {
  (this as WsSocket).listener?.onPong();
}

function onError(this: WebSocket, error: Error): void {
  (this as WsSocket).listener?.onError(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as WsSocket).listener?.onClose(code, reason);
}
