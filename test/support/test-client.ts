import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A bare client that keeps every frame from before anybody asks for it. */
export class TestClient {
  readonly socket: WebSocket;
  readonly #frames: (string | Buffer)[] = [];
  readonly #waiting: ((frame: string | Buffer) => void)[] = [];
  readonly closed: Promise<Closed>;
  readonly #opened: Promise<unknown>;

  constructor(
    url: string,
    protocols: string | string[] = [],
    options: ConstructorParameters<typeof WebSocket>[2] = {},
  ) {
    this.socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    this.#opened = once(this.socket, 'open');
    this.#opened.catch(() => undefined);
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer, isBinary) => this.#push(isBinary ? data : data.toString()));
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  /** Connects. Rejects when refused. */
  static async open(
    url: string,
    protocols?: string | string[],
    options?: ConstructorParameters<typeof WebSocket>[2],
  ): Promise<TestClient> {
    const client = new TestClient(url, protocols, options);
    await client.opened();
    return client;
  }

  async opened(): Promise<this> {
    await this.#opened;
    return this;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The next frame as it came. */
  async next(): Promise<string | Buffer> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      void this.closed.then(({ code }) => reject(new Error(`closed with ${code} while a frame was awaited`)));
    });
  }

  /** The next frame, read as JSON. */
  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()).toString()) as Record<string, unknown>;
  }

  /** Sends a request and gives the next frame with its id. */
  async ask(event: string, data?: unknown, id: string | number = 1): Promise<Record<string, unknown>> {
    this.send({ event, data, id });
    for (;;) {
      const frame = await this.nextJson();
      if (frame['id'] === id) return frame;
    }
  }

  /** Frames that have come and nobody has asked for. */
  get unread(): readonly (string | Buffer)[] {
    return this.#frames;
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  #push(frame: string | Buffer): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(frame);
    else this.#frames.push(frame);
  }
}
