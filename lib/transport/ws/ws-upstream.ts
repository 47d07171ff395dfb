import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { SocketListener } from '../transport-socket.js';
import type { ConnectUpstream, UpstreamRequest, UpstreamSocket } from '../upstream.js';

const protocolHeader = 'sec-websocket-protocol';

/** Upstream connections on `ws`. */
export const connectWsUpstream: ConnectUpstream = (request) => {
  const upstream = new WsUpstream(request);
  return { socket: upstream.opened(), abort: () => upstream.terminate() };
};

class WsUpstream implements UpstreamSocket {
  readonly #socket: WebSocket;
  readonly #closeMs: number;
  #tcp: Socket | null = null;
  #protocol = '';
  #closed: { readonly code: number; readonly reason: Buffer } | null = null;
  #listener: SocketListener | null = null;

  constructor({ url, subprotocols, headers, limits, closeMs, tls }: UpstreamRequest) {
    this.#closeMs = closeMs;
    this.#socket = new WebSocket(url, [...subprotocols], {
      ...tls,
      headers,
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: finite(limits.maxPayloadBytes),
      maxFragments: finite(limits.maxFragments),
      maxBufferedChunks: finite(limits.maxBufferedChunks),
      maxPendingAutoPongs: finite(limits.maxPendingAutoPongs),
      closeTimeout: closeMs,
    } as ConstructorParameters<typeof WebSocket>[2]);
    this.#socket.once('upgrade', (response) => this.#upgraded(response, subprotocols));
    this.#socket.on('message', (data, isBinary) => this.#listener?.onMessage(data as Buffer, isBinary));
    this.#socket.on('pong', () => this.#listener?.onPong());
    this.#socket.on('error', (error) => this.#listener?.onError(error));
    this.#socket.on('close', (code, reason) => {
      this.#closed = { code, reason };
      this.#listener?.onClose(code, reason);
    });
  }

  get protocol(): string {
    return this.#protocol;
  }

  get isPaused(): boolean {
    return this.#socket.isPaused;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  opened(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.once('open', () => {
        this.#socket.off('error', reject);
        // Nobody listens yet.
        this.#socket.pause();
        resolve(this);
      });
    });
  }

  start(listener: SocketListener): void {
    this.#listener = listener;
    if (this.#closed !== null) listener.onClose(this.#closed.code, this.#closed.reason);
    else this.#socket.resume();
  }

  send(data: string | Buffer, isBinary: boolean): void {
    this.#socket.send(data, { binary: isBinary });
  }

  onceDrained(callback: () => void): void {
    const tcp = this.#tcp as Socket;
    if (tcp.destroyed || !tcp.writable) return callback();
    let isCalled = false;
    const once = (): void => {
      if (isCalled) return;
      isCalled = true;
      tcp.off('close', once);
      callback();
    };
    tcp.once('close', once);
    // An empty write is told when all before it has gone.
    tcp.write('', once);
  }

  ping(): void {
    this.#socket.ping();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code?: number, reason?: string): void {
    // A paused socket would not read the close frame that answers.
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  end(): void {
    this.#socket.resume();
    this.#tcp?.end();
    this.#tcp?.setTimeout(this.#closeMs, () => this.#socket.terminate());
  }

  terminate(): void {
    // Before the 101 it is an error to abort, which `opened` has the listener for.
    this.#socket.terminate();
  }

  #upgraded(response: IncomingMessage, offered: readonly string[]): void {
    this.#tcp = response.socket;
    this.#protocol = response.headers[protocolHeader] ?? '';
    // A server that selects nothing is the client's to judge, as it would be without us; ws judges it here.
    if (this.#protocol === '' && offered[0] !== undefined) response.headers[protocolHeader] = offered[0];
  }
}

/** `ws` writes "no limit" as 0. */
function finite(limit: number): number {
  return limit === Infinity ? 0 : limit;
}
