import type { Clock, TimerHandle } from '../primitives/clock.js';
import type { ConnectionCounters } from './connection-counters.js';
import type { SocketFace } from './socket-face.js';

/** How much a peer may have waiting for its handlers. */
export interface ReadBoundSettings {
  readonly inboundQueueMessages: number;
  readonly inboundQueueBytes: number;
  readonly clock: Clock;
  readonly counters: ConnectionCounters;
}

/** What can be read no further for a while: a connection, whichever socket it has. */
export type PausableSocket = Pick<SocketFace, 'pause' | 'resume'>;

/** A paused socket also hides replies, pings and the close frame: never for longer than this. */
export const longestPauseMs = 5_000;

/**
 * Keeps the inbound queue of one connection bounded: at the limit the socket is paused. While a handler awaits the
 * peer, or after {@link longestPauseMs}, it is read again and new messages are refused instead, until the queue is half empty.
 */
export class ReadBound {
  readonly #socket: PausableSocket;
  readonly #settings: ReadBoundSettings;
  #messages = 0;
  #bytes = 0;
  #mode: 'reading' | 'paused' | 'refusing' = 'reading';
  #timer: TimerHandle = null;

  constructor(socket: PausableSocket, settings: ReadBoundSettings) {
    this.#socket = socket;
    this.#settings = settings;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether new messages are to be refused with `OVERLOADED`. */
  get refuses(): boolean {
    return this.#mode === 'refusing';
  }

  /** @param awaitsPeer whether something of this connection waits for an answer of its peer */
  add(bytes: number, awaitsPeer: boolean): void {
    this.#messages++;
    this.#bytes += bytes;
    if (this.#mode !== 'reading' || !this.#reaches(1)) return;
    if (awaitsPeer) this.#mode = 'refusing';
    else this.#pause();
  }

  remove(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    if (this.#mode !== 'reading' && !this.#reaches(0.5)) this.#read('reading');
  }

  /** Something has begun to wait for the peer: what it sends must be read. */
  peerAwaited(): void {
    if (this.#mode === 'paused') this.#read('refusing');
  }

  /** The connection has another socket. */
  resumed(): void {
    if (this.#mode === 'paused') this.#socket.pause();
  }

  /** The connection is over. */
  stop(): void {
    this.#clearTimer();
    this.#mode = 'refusing';
  }

  #reaches(share: number): boolean {
    const { inboundQueueMessages, inboundQueueBytes } = this.#settings;
    return this.#messages >= inboundQueueMessages * share || this.#bytes >= inboundQueueBytes * share;
  }

  #pause(): void {
    this.#mode = 'paused';
    this.#settings.counters.inboundPauses++;
    this.#socket.pause();
    this.#timer = this.#settings.clock.setTimeout(() => this.#read('refusing'), longestPauseMs);
  }

  #read(mode: 'reading' | 'refusing'): void {
    this.#clearTimer();
    if (this.#mode === 'paused') this.#socket.resume();
    this.#mode = mode;
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#settings.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
