import type { Connection } from '../connection/connection.js';
import type { Protection } from './protection.js';

/** The payload of one message of RFC 6455 before it is decoded. Stages may replace `data` and `isBinary`. */
export class InboundFrame {
  readonly connection: Connection;
  /** The payload: of a text message its UTF-8 bytes. */
  data: Buffer;
  isBinary: boolean;
  /** Bytes as they came, before any stage. */
  readonly receivedBytes: number;
  #protection: Protection | undefined;
  #dropped: string | undefined;

  constructor(connection: Connection, data: Buffer, isBinary: boolean) {
    this.connection = connection;
    this.data = data;
    this.isBinary = isBinary;
    this.receivedBytes = data.length;
  }

  /** What the frame stages have verified so far; every message of the frame gets it. */
  get protection(): Protection | undefined {
    return this.#protection;
  }

  /** Notes what a stage has verified. */
  protect(protection: Protection): void {
    this.#protection = { ...this.#protection, ...protection };
  }

  /** Ends the way of the frame without a word to the peer, counted by `reason`. Return without calling `next()`. */
  drop(reason: string): void {
    this.#dropped = reason;
  }

  /** Why it was dropped. */
  get dropReason(): string | undefined {
    return this.#dropped;
  }
}
