import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeEnvelope } from '../../../lib/protocol/decode-envelope.js';
import type { Envelope } from '../../../lib/protocol/envelope.js';

/** One connection as the server sees it. */
export class ServerSide {
  readonly received: Envelope[] = [];
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Code and reason of the close. */
  closed: { code: number; reason: string } | undefined;
  #waiting: (() => void)[] = [];

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.socket = socket;
    this.request = request;
    socket.on('message', (data: Buffer, isBinary) => {
      const parsed = decodeEnvelope(isBinary ? data : data.toString());
      this.received.push(...(Array.isArray(parsed) ? parsed : [parsed]));
      this.#tell();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#tell();
    });
  }

  send(...envelopes: Envelope[]): void {
    for (const envelope of envelopes) this.socket.send(JSON.stringify(envelope));
  }

  /** Events of the application that have come, without the protocol's own. */
  get messages(): Envelope[] {
    return this.received.filter(({ event }) => event?.startsWith('$') !== true);
  }

  /** Waits until it is so. */
  async until(isSo: (side: this) => boolean): Promise<void> {
    while (!isSo(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Waits for the first message with this event, and takes it out. */
  async next(event: string): Promise<Envelope> {
    const find = (): number => this.received.findIndex((one) => one.event === event);
    await this.until(() => find() !== -1);
    return this.received.splice(find(), 1)[0] as Envelope;
  }

  /** Answers `$hello`. */
  async welcome(data: Record<string, unknown> = {}): Promise<Envelope> {
    const hello = await this.next('$hello');
    const usual = { session: 's1', token: 't1', resumed: false, recovered: false, seq: 1, heartbeat: false };
    this.send({ id: hello.id as number, event: '$welcome', data: { ...usual, ...data } });
    return hello;
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A WebSocket server that does what a test says, and nothing else. */
export class ScriptedServer {
  readonly #server: WebSocketServer;
  readonly port: number;
  readonly #arrived: ServerSide[] = [];
  #waiting: ((side: ServerSide) => void)[] = [];
  /** Connections that have come so far. */
  count = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket, request) => {
      this.count++;
      const side = new ServerSide(socket, request);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(side);
      else waiting(side);
    });
  }

  static async start(port = 0): Promise<ScriptedServer> {
    const server = new WebSocketServer({
      port,
      host: '127.0.0.1',
      handleProtocols: (offers) => [...offers].find((one) => one.startsWith('gatewire.v1.')) ?? false,
    });
    await once(server, 'listening');
    return new ScriptedServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The next connection. */
  arrival(): Promise<ServerSide> {
    const side = this.#arrived.shift();
    if (side !== undefined) return Promise.resolve(side);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next connection, with `$hello` answered. */
  async welcomed(data?: Record<string, unknown>): Promise<ServerSide> {
    const side = await this.arrival();
    await side.welcome(data);
    return side;
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
