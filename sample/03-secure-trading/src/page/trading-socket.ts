import { encodeBase64url } from './base64url.js';

/** What the server says when it refuses. */
export interface Refusal {
  readonly code?: string;
  readonly message: string;
  readonly details?: { readonly retryAfterMs?: number };
}

/** The answer to a request: its data, or why not. */
export type Answer = { readonly data: unknown } | { readonly error: Refusal };

interface Frame {
  readonly id?: number;
  readonly event?: string;
  readonly data?: unknown;
  readonly error?: Refusal;
}

/** What a socket tells its owner. */
export interface SocketListener {
  opened(): void;
  closed(reason: string): void;
  event(name: string, data: unknown): void;
}

/** One connection; the token goes in a subprotocol, as a page cannot set headers. */
export class TradingSocket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** What is refused before its id is read comes back as an `exception`, in order. */
  readonly #unread: ((answer: Answer) => void)[] = [];
  #count = 0;

  constructor(token: string, listener: SocketListener) {
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/trading`;
    this.#socket = new WebSocket(url, ['gatewire.v1.json', `gatewire.bearer.${encodeBase64url(token)}`]);
    this.#socket.onopen = () => listener.opened();
    this.#socket.onclose = ({ code, reason }) => {
      this.#settleAll({ code: String(code), message: 'The connection is closed' });
      listener.closed(reason === '' ? 'Connection lost' : reason);
    };
    this.#socket.onmessage = ({ data }) => this.#received(JSON.parse(data as string) as Frame, listener);
  }

  /** @param encode makes the text of a frame: with a signature, for example */
  async request(
    event: string,
    data: unknown,
    encode: (frame: object) => string | Promise<string> = JSON.stringify,
  ): Promise<Answer> {
    const id = ++this.#count;
    const text = await encode({ event, id, data });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(text);
    });
  }

  /** Sends a frame as it is, and waits for its refusal. */
  sendForged(text: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.#unread.push(resolve);
      this.#send(text);
    });
  }

  close(): void {
    this.#socket.close(1000);
  }

  #send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
    else this.#settleAll({ code: 'CLOSED', message: 'The connection is closed' });
  }

  #received({ id, event, data, error }: Frame, listener: SocketListener): void {
    if (id !== undefined) {
      const settle = this.#waiting.get(id);
      this.#waiting.delete(id);
      settle?.(error ? { error } : { data });
    } else if (event === 'exception') this.#unread.shift()?.({ error: data as Refusal });
    else if (event !== undefined) listener.event(event, data);
  }

  #settleAll(error: Refusal): void {
    const all = [...this.#waiting.values(), ...this.#unread.splice(0)];
    this.#waiting.clear();
    for (const settle of all) settle({ error });
  }
}
