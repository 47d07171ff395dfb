import { delayBefore } from './backoff.js';
import { RequestTable } from './request-table.js';

/** `refused`: the server wants nothing of this page; `closed`: we ended it. Neither is tried again. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'refused' | 'closed';

/** What a socket tells its owner. */
export interface SocketListener {
  /** @param reason with `refused`: what the server said */
  stateChanged(state: SocketState, reason: string): void;
  event(name: string, data: unknown): void;
}

interface Frame {
  readonly event?: string;
  readonly id?: string;
  readonly data?: unknown;
  readonly error?: { readonly message: string };
}

const silenceMs = 25_000;
const pongWithinMs = 10_000;
const openWithinMs = 4_000;

/** A WebSocket that comes back by itself. What was asked and not answered is rejected: asking again is up to the owner. */
export class ReconnectingSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  readonly #requests = new RequestTable();
  #socket: WebSocket | undefined;
  #state: SocketState = 'closed';
  #attempt = 0;
  #timer = 0;
  #heardAt = 0;

  constructor(url: string, listener: SocketListener) {
    this.#url = url;
    this.#listener = listener;
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Connects now, without waiting for the next attempt. Does nothing while a connection is there or on its way. */
  connect = (): void => {
    if (this.#state === 'open' || this.#state === 'connecting') return;
    clearTimeout(this.#timer);
    this.#become('connecting');
    void this.#open();
  };

  close(): void {
    this.#forget();
    this.#become('closed');
  }

  emit(event: string, data: unknown): void {
    if (this.#state === 'open') this.#socket?.send(JSON.stringify({ event, data }));
  }

  /** Rejects with a `RefusedError` (what the server answered) or a `ConnectionLostError` (no answer). */
  request<Reply>(event: string, data: unknown, id?: string): Promise<Reply> {
    return this.#requests.add<Reply>(id, (requestId) => {
      if (this.#state !== 'open') return false;
      this.#socket?.send(JSON.stringify({ event, data, id: requestId }));
      return true;
    });
  }

  async #open(): Promise<void> {
    // Browsers slow down WebSockets to a server that has been away (Firefox up to a minute): knock by HTTP first.
    if (this.#attempt > 0 && !(await isServerUp())) {
      this.#retry();
      return;
    }
    if (this.#state !== 'connecting') return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#timer = window.setTimeout(this.#retry, openWithinMs);
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#received(JSON.parse(data as string) as Frame);
    socket.onclose = ({ code, reason }) => (isRefusal(code) ? this.#refused(reason) : this.#retry());
  }

  #opened(): void {
    this.#attempt = 0;
    this.#heardAt = Date.now();
    this.#watch();
    this.#become('open');
  }

  #received(frame: Frame): void {
    this.#heardAt = Date.now();
    if (frame.id !== undefined) this.#requests.settle(frame.id, frame.data, frame.error);
    else if (frame.event !== undefined) this.#listener.event(frame.event, frame.data);
  }

  /** A page cannot see the server's ping frames, so it asks for a sign of life in the protocol's own words. */
  #watch(): void {
    clearTimeout(this.#timer);
    const silentFor = Date.now() - this.#heardAt;
    if (silentFor > silenceMs + pongWithinMs) return this.#retry();
    if (silentFor >= silenceMs) this.emit('$ping', null);
    this.#timer = window.setTimeout(() => this.#watch(), pongWithinMs / 2);
  }

  #retry = (): void => {
    this.#forget();
    this.#timer = window.setTimeout(this.connect, delayBefore(this.#attempt++));
    this.#become('waiting');
  };

  #refused(reason: string): void {
    this.#forget();
    this.#become('refused', reason);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#requests.rejectAll();
  }

  #become(state: SocketState, reason = ''): void {
    this.#state = state;
    this.#listener.stateChanged(state, reason);
  }
}

async function isServerUp(): Promise<boolean> {
  try {
    const answer = await fetch('/', {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(1_500),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Close codes after which coming back would end the same way. */
function isRefusal(code: number): boolean {
  return code === 1008 || code === 4400 || code === 4401 || code === 4403;
}
