import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { WatchedLines } from './watched-lines.js';

/** How a client of a scenario connects. */
export interface ClientOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Record<string, string>;
  /** A gateway's own port; otherwise the application's. */
  readonly port?: number;
  /** Offers permessage-deflate (RFC 7692). */
  readonly compresses?: boolean;
  /** Leaves pings without an answer, as a peer does that is gone. */
  readonly isSilent?: boolean;
}

/** Payload of pings that only wait for the server, and are no part of the transcript. */
const settleMark = 'settle';

/** A bare client that writes down everything it sees. */
export class RecordedClient {
  readonly socket: WebSocket;
  readonly #watched = new WatchedLines();
  readonly #ready: Promise<void>;
  readonly #closed: Promise<void>;

  constructor(url: string, options: ClientOptions = {}) {
    const { protocols = [], headers = {}, compresses = false, isSilent = false } = options;
    this.socket = new WebSocket(url, [...protocols], {
      headers,
      perMessageDeflate: compresses,
      autoPong: !isSilent,
    });
    this.#closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.#ready = new Promise((resolve) => {
      this.socket.once('open', () => resolve());
      this.socket.once('close', () => resolve());
    });
    this.#record();
  }

  get lines(): readonly string[] {
    return this.#watched.lines;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when the handshake has succeeded or failed. */
  async ready(): Promise<this> {
    await this.#ready;
    return this;
  }

  /** A string or a Buffer as it is (text, binary); anything else as JSON. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Sends one after the other, and waits each time for what comes of it. */
  async exchange(...frames: readonly unknown[]): Promise<void> {
    for (const frame of frames) {
      this.send(frame);
      await this.settle();
    }
  }

  /** Waits for the `count`th message. */
  async receives(count: number): Promise<void> {
    const isMessage = (line: string): boolean => /^(text|binary) /.test(line);
    await this.#watched.until((lines) => lines.filter(isMessage).length >= count, this.#closed);
  }

  /** Waits until the line has come. */
  async sees(line: string): Promise<void> {
    await this.#watched.until((lines) => lines.includes(line), this.#closed);
  }

  /** Waits while the peer answers, by three round trips of its pong. */
  async settle(): Promise<void> {
    for (let trip = 0; trip < 3 && this.isOpen; trip++) {
      const ponged = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
      this.socket.ping(settleMark);
      await Promise.race([ponged, this.#closed]);
    }
  }

  /** Closes, unless it is closed, and waits for the end. */
  async close(code = 1000, reason = ''): Promise<void> {
    if (this.isOpen) this.socket.close(code, reason);
    await this.#closed;
  }

  /** Waits until the other side has closed. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  #record(): void {
    const { socket } = this;
    const line = (text: string): void => this.#watched.push(text);
    socket.on('open', () => line(`open ${socket.protocol}`));
    socket.on('message', (data: Buffer, isBinary) =>
      line(isBinary ? `binary ${data.toString('hex')}` : `text ${data.toString()}`),
    );
    socket.on('ping', (data) => line(`ping ${data.toString()}`));
    socket.on('pong', (data) => {
      if (data.toString() !== settleMark) line(`pong ${data.toString()}`);
    });
    socket.on('close', (code, reason) => line(`close ${code} ${reason.toString()}`));
    socket.on('unexpected-response', (request, response: IncomingMessage) => {
      line(`refused ${response.statusCode ?? 0}`);
      response.resume();
      request.destroy();
      // With a listener for this event, ws leaves the end to the listener.
      socket.terminate();
    });
    // Whatever fails is told by `close`, whose line is compared; the message of an error is Node's.
    socket.on('error', () => undefined);
  }
}
