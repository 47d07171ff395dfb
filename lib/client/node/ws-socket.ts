import { WebSocket } from 'ws';
import type { ClientSocket, Connect, SocketListener } from '../socket.js';

/** What a refusal before the 101 would have been as a close code (PROTOCOL.md, "Refusals"). */
const refusals: Readonly<Record<number, number>> = {
  400: 4400,
  401: 4401,
  403: 4403,
  404: 4404,
};

/** Opens sockets with the `ws` package. */
export function nodeSocket(): Connect {
  return ({ url, protocols, headers }, listener) => {
    const socket = new WebSocket(url, [...protocols], { headers: { ...headers }, perMessageDeflate: false });
    return new NodeSocket(socket, listener);
  };
}

class NodeSocket implements ClientSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, listener: SocketListener) {
    this.#socket = socket;
    let refusal = { code: 1006, reason: '' };
    socket.on('open', () => listener.opened());
    socket.on('message', (data: Buffer, isBinary) => listener.received(isBinary ? data : data.toString()));
    socket.on('ping', () => listener.alive());
    socket.on('pong', () => listener.alive());
    socket.on('error', (error) => (refusal.reason ||= error.message));
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      refusal = { code: refusals[statusCode] ?? 1006, reason: `HTTP ${statusCode}` };
      request.destroy();
      socket.terminate();
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
    return this.#socket.bufferedAmount;
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
