import type { Agent } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { type ClientOptions as WsOptions, type PerMessageDeflateOptions, WebSocket } from 'ws';
import { wholeNumber } from '../../primitives/option-checks.js';
import type { ClientSocket, Connect, SocketListener } from '../socket.js';
import { readRefusal } from './http-refusal.js';
import { TickWriter } from './tick-writer.js';

/** What of TLS a client sets: Node's own options, with Node's defaults. */
type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'rejectUnauthorized' | 'servername'
>;

/** How a client on Node connects. */
export interface NodeSocketOptions extends TlsOptions {
  /** Goes through a proxy: an agent of `https-proxy-agent`, `socks-proxy-agent`, or another. @default none */
  readonly agent?: Agent | undefined;
  /** Offers the extension permessage-deflate, with these settings of `ws`. @default false */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** A longer message of the server ends the connection with 1009. @default 104_857_600 (100 MiB) */
  readonly maxPayloadBytes?: number;
}

/**
 * Opens sockets with the `ws` package. A server that refuses with an HTTP status is told as the close code that mirrors
 * it, with what it has said: `4401`, `HTTP 401: …`.
 *
 * @example
 * createClient({ url, connect: nodeSocket({ agent: new HttpsProxyAgent('http://proxy:3128') }) });
 * @throws {OptionError} for a `maxPayloadBytes` that is no size
 */
export function nodeSocket(options: NodeSocketOptions = {}): Connect {
  const { maxPayloadBytes = 104_857_600, perMessageDeflate = false, ...connection } = options;
  const fixed = {
    ...connection,
    perMessageDeflate,
    maxPayload: wholeNumber('maxPayloadBytes', maxPayloadBytes, 1, 2 ** 31 - 1),
  } satisfies WsOptions;
  return ({ url, protocols, headers }, listener) =>
    new NodeSocket(new WebSocket(url, [...protocols], { ...fixed, headers: { ...headers } }), listener);
}

class NodeSocket implements ClientSocket {
  readonly #socket: WebSocket;
  #writer: TickWriter | null = null;

  constructor(socket: WebSocket, listener: SocketListener) {
    this.#socket = socket;
    let refusal = { code: 1006, reason: '' };
    socket.on('upgrade', (response) => (this.#writer = new TickWriter(response.socket)));
    socket.on('open', () => listener.opened());
    socket.on('message', (data: Buffer, isBinary) =>
      // Plain bytes, as in a browser: a Buffer's methods mean other things.
      listener.received(
        isBinary ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data.toString(),
      ),
    );
    socket.on('ping', () => listener.alive());
    socket.on('pong', () => listener.alive());
    socket.on('error', (error) => (refusal.reason ||= error.message));
    socket.on('unexpected-response', (request, response) => {
      void readRefusal(response).then((found) => {
        refusal = found;
        request.destroy();
        socket.terminate();
      });
    });
    socket.on('close', (code, reason) => {
      if (code === 1006) listener.closed(refusal.code, refusal.reason);
      else listener.closed(code, reason.toString());
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  get bufferedAmount(): number {
    return this.#writer?.waitingBytes ?? this.#socket.bufferedAmount;
  }

  send(data: string | Uint8Array): void {
    this.#writer?.gather();
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
