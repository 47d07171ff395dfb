import type { ClientSocket, Connect, SocketListener } from '../socket.js';

/** What is used of the WebSocket that browsers, workers, Deno, Bun and Node 22 have. */
interface PlatformSocket {
  readonly protocol: string;
  readonly extensions: string;
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

type PlatformSocketClass = new (url: string, protocols: readonly string[]) => PlatformSocket;

/** Opens sockets with the platform's own `WebSocket`, which tells neither pings nor why an attempt failed. */
export function webSocket(): Connect {
  return ({ url, protocols }, listener) => {
    const { WebSocket } = globalThis as unknown as { WebSocket: PlatformSocketClass };
    return new BrowserSocket(new WebSocket(url, protocols), listener);
  };
}

class BrowserSocket implements ClientSocket {
  readonly #socket: PlatformSocket;

  constructor(socket: PlatformSocket, listener: SocketListener) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }) =>
      listener.received(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
    socket.onclose = ({ code, reason }) => listener.closed(code, reason);
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

  /** Pages may close with 1000 and with 3000 to 4999 only (WHATWG WebSockets): what else is meant is said as 1000, or as nothing. */
  close(code = 1000, reason = ''): void {
    if (code === 1000 || code >= 3000) this.#socket.close(code, reason);
    else this.#socket.close();
  }

  terminate(): void {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
