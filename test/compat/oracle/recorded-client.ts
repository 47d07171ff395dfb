import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

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

const patienceMs = 2000;
const settleMark = 'settle';

/** A bare client that writes down everything it sees. */
export class RecordedClient {
  readonly lines: string[] = [];
  readonly socket: WebSocket;
  readonly #ready: Promise<void>;
  readonly #closed: Promise<void>;
  readonly #watchers = new Set<() => void>();

  constructor(url: string, { protocols = [], headers = {}, compresses = false, isSilent = false }: ClientOptions = {}) {
    this.socket = new WebSocket(url, [...protocols], { headers, perMessageDeflate: compresses, autoPong: !isSilent });
    this.#closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.#ready = new Promise((resolve) => {
      this.socket.once('open', () => resolve());
      this.socket.once('close', () => resolve());
    });
    this.#record();
  }

  /** Resolves when the handshake has succeeded or failed. */
  async ready(): Promise<this> {
    await this.#ready;
    return this;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** A string or a Buffer as it is (text, binary); anything else as JSON. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Waits for the `count`th message; gives up after two seconds, and the transcript shows it. */
  async receives(count: number): Promise<void> {
    await this.#until(() => this.lines.filter((line) => /^(text|binary) /.test(line)).length >= count);
  }

  /** Sends and waits for what comes of it. */
  async exchange(...frames: readonly unknown[]): Promise<void> {
    for (const frame of frames) {
      this.send(frame);
      await this.settle();
    }
  }

  /** Waits until the line has come. */
  async sees(line: string): Promise<void> {
    await this.#until(() => this.lines.includes(line));
  }

  /** Waits while the peer answers, by three round trips of its pong. */
  async settle(): Promise<void> {
    for (let trip = 0; trip < 3 && this.socket.readyState === WebSocket.OPEN; trip++) {
      const ponged = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
      this.socket.ping(settleMark);
      await Promise.race([ponged, this.#closed]);
    }
  }

  /** Closes, unless it is closed, and waits for the end. */
  async close(code = 1000, reason = ''): Promise<void> {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.close(code, reason);
    await this.#closed;
  }

  /** Waits until the other side has closed. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  #record(): void {
    this.socket.on('open', () => this.#line(`open ${this.socket.protocol}`));
    this.socket.on('message', (data: Buffer, isBinary) =>
      this.#line(isBinary ? `binary ${data.toString('hex')}` : `text ${data.toString()}`),
    );
    this.socket.on('ping', (data) => this.#line(`ping ${data.toString()}`));
    this.socket.on('pong', (data) => data.toString() !== settleMark && this.#line(`pong ${data.toString()}`));
    this.socket.on('close', (code, reason) => this.#line(`close ${code} ${reason.toString()}`));
    this.socket.on('unexpected-response', (request, response: IncomingMessage) => {
      this.#line(`refused ${response.statusCode ?? 0}`);
      response.resume();
      request.destroy();
      // With a listener for this event, ws leaves the end to the listener.
      this.socket.terminate();
    });
    // Whatever fails is told by `close`, whose line is compared; the message of an error is Node's.
    this.socket.on('error', () => undefined);
  }

  #line(line: string): void {
    this.lines.push(line);
    for (const watcher of this.#watchers) watcher();
  }

  async #until(isThere: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(patience);
        this.#watchers.delete(watcher);
        resolve();
      };
      const watcher = (): void => void (isThere() && done());
      const patience = setTimeout(done, patienceMs);
      this.#watchers.add(watcher);
      watcher();
      void this.#closed.then(done);
    });
  }
}
