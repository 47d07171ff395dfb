import type { TransportSocket } from '../transport/transport-socket.js';
import { readyStates } from '../transport/transport-socket.js';

type Listener = (...args: never[]) => void;

/** What `onmessage` and its like hold (WHATWG HTML, event handler attributes). */
type EventProperty = ((event: never) => void) | null;

/**
 * The part of a connection that code written for a `ws` socket uses. Events, pings and states are the socket's own;
 * what is sent goes through the connection's queue (see `Connection`).
 */
export abstract class SocketFace {
  #eventProperties: Map<string, EventProperty> | null = null;

  /** The raw socket of the transport. What is written to it directly bypasses the queue, its order and its bounds. */
  abstract readonly socket: TransportSocket;

  /** Bytes sent to it that the operating system has not taken yet. */
  abstract readonly bufferedBytes: number;

  /** As a `ws` socket calls {@link bufferedBytes}. */
  get bufferedAmount(): number {
    return this.bufferedBytes;
  }

  /** 0 connecting, 1 open, 2 closing, 3 closed (WHATWG WebSocket). */
  get readyState(): number {
    return this.socket.readyState;
  }

  /** The subprotocol that was agreed on (RFC 6455 section 1.9); empty when none was. */
  get protocol(): string {
    return this.socket.protocol;
  }

  /** The extensions that were agreed on (RFC 6455 section 9.1). */
  get extensions(): string {
    return this.socket.extensions;
  }

  get isPaused(): boolean {
    return this.socket.isPaused;
  }

  get CONNECTING(): number {
    return readyStates.connecting;
  }

  get OPEN(): number {
    return readyStates.open;
  }

  get CLOSING(): number {
    return readyStates.closing;
  }

  get CLOSED(): number {
    return readyStates.closed;
  }

  /** Listens to the socket: `message` (data, isBinary), `close` (code, reason), `error`, `ping`, `pong`. */
  on(event: string, listener: Listener): this {
    this.socket.on(event, listener as (...args: unknown[]) => void);
    return this;
  }

  once(event: string, listener: Listener): this {
    this.socket.once(event, listener as (...args: unknown[]) => void);
    return this;
  }

  off(event: string, listener: Listener): this {
    this.socket.off(event, listener as (...args: unknown[]) => void);
    return this;
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener);
  }

  get onmessage(): EventProperty {
    return this.#eventProperties?.get('message') ?? null;
  }

  set onmessage(listener: EventProperty) {
    this.#setEventProperty('message', listener);
  }

  get onclose(): EventProperty {
    return this.#eventProperties?.get('close') ?? null;
  }

  set onclose(listener: EventProperty) {
    this.#setEventProperty('close', listener);
  }

  get onerror(): EventProperty {
    return this.#eventProperties?.get('error') ?? null;
  }

  set onerror(listener: EventProperty) {
    this.#setEventProperty('error', listener);
  }

  addEventListener(type: string, listener: unknown, options?: unknown): void {
    this.socket.addEventListener(type, listener, options);
  }

  removeEventListener(type: string, listener: unknown): void {
    this.socket.removeEventListener(type, listener);
  }

  ping(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void {
    this.socket.ping(data, mask, callback);
  }

  pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void {
    this.socket.pong(data, mask, callback);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** One listener a property: the new one takes the old one's place. */
  #setEventProperty(type: string, listener: EventProperty): void {
    const properties = (this.#eventProperties ??= new Map<string, EventProperty>());
    const old = properties.get(type);
    if (old) this.socket.removeEventListener(type, old);
    if (listener) this.socket.addEventListener(type, listener);
    properties.set(type, listener);
  }
}
