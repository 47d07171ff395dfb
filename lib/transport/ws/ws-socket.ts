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

  adopt(before: TransportSocket): void {
    if (!(before instanceof EventEmitter)) return;
    for (const event of before.eventNames()) {
      for (const listener of before.rawListeners(event)) {
        if (own.some(([, ours]) => ours === listener)) continue;
        before.off(event, listener as () => void);
        this.on(event, listener as () => void);
      }
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

  /** Lets go of what only an open socket needs: a session may keep the object for long after its end, and that is most of it. */
  release(): void {
    this.#tcp = null;
    const remove = EventEmitter.prototype.off.bind(this);
    // An error has to find its listener whenever it comes.
    for (const [event, listener] of own)
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- the compiler disagrees
      if (event !== 'error') remove(event, listener as () => void);
    Object.assign(this, { _socket: null, _receiver: null, _sender: null });
  }
}

const own: readonly (readonly [event: string, listener: (...args: never[]) => void])[] = [
  ['message', onMessage],
  ['ping', onPing],
  ['pong', onPong],
  ['error', onError],
  ['close', onClose],
];

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
  // Not before the application's own listeners have been told.
  process.nextTick(releaseSocket, this);
}

function releaseSocket(socket: WsSocket): void {
  socket.release();
}
