import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as TlsServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** One connection as the upstream sees it. */
export interface UpstreamPeer {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly messages: (string | Buffer)[];
  /** Resolves when there are so many messages. */
  received(count: number): Promise<void>;
}

/** A bare WebSocket server behind a proxy. */
export class UpstreamServer {
  readonly server: Server;
  readonly sockets: WebSocketServer;
  readonly peers: UpstreamPeer[] = [];
  readonly #waiting: ((peer: UpstreamPeer) => void)[] = [];
  #taken = 0;

  static async start(options: Partial<ServerOptions> = {}, tls?: TlsServerOptions): Promise<UpstreamServer> {
    const started = new UpstreamServer(options, tls);
    started.server.listen(0, '127.0.0.1');
    await once(started.server, 'listening');
    return started;
  }

  private constructor(options: Partial<ServerOptions>, tls: TlsServerOptions | undefined) {
    this.server = tls === undefined ? createServer() : createSecureServer(tls);
    this.sockets = new WebSocketServer({ ...options, server: this.server, perMessageDeflate: false });
    this.sockets.on('connection', (socket, request) => this.#connected(socket, request));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/feed`;
  }

  /** The next connection that nobody has asked for yet. */
  async next(): Promise<UpstreamPeer> {
    const peer = this.peers[this.#taken++];
    return peer ?? new Promise((resolve) => void this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    for (const { socket } of this.peers) socket.terminate();
    this.sockets.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #connected(socket: WebSocket, request: IncomingMessage): void {
    const messages: (string | Buffer)[] = [];
    const counts = new Set<() => void>();
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      messages.push(isBinary ? data : data.toString());
      for (const check of counts) check();
    });
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    const received = (count: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (messages.length < count) return;
          counts.delete(check);
          resolve();
        };
        counts.add(check);
        check();
        void closed.then(({ code }) =>
          reject(new Error(`closed with ${code} after ${messages.length} messages`)),
        );
      });
    const peer = { socket, request, closed, messages, received };
    this.peers.push(peer);
    this.#waiting.shift()?.(peer);
  }
}
