import type { Connection } from '../connection/connection.js';
import type { MessageId } from '../protocol/envelope.js';

/** Who sees a message through. */
export interface MessageOwner {
  /** Its handler is being entered: the next message may follow. */
  entered(message: InboundMessage): void;
  /** Somebody watches its signal: it must be told of a cancellation. */
  watched(message: InboundMessage): void;
}

/** A decoded message on its way to its handler. One object per message; stages may replace `data`. */
export class InboundMessage {
  /** Frame bytes it was decoded from: what it weighs in the inbound queue. */
  readonly bytes: number;
  readonly connection: Connection;
  readonly event: string;
  data: unknown;
  /** Present when the peer waits for an outcome. */
  readonly id: MessageId | undefined;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  readonly #owner: MessageOwner;
  #hasEntered = false;
  #abort: AbortController | null = null;
  #isAborted = false;
  #isAnswered = false;

  constructor(
    connection: Connection,
    event: string,
    data: unknown,
    id: MessageId | undefined,
    meta: Readonly<Record<string, unknown>> | undefined,
    bytes: number,
    owner: MessageOwner,
  ) {
    this.connection = connection;
    this.event = event;
    this.data = data;
    this.id = id;
    this.meta = meta;
    this.bytes = bytes;
    this.#owner = owner;
  }

  /** True once the handler has been entered (or will never be). */
  get hasEntered(): boolean {
    return this.#hasEntered;
  }

  /** Marks the handler as entered. Called once by who runs the handler; further calls do nothing. */
  enter(): void {
    if (this.#hasEntered) return;
    this.#hasEntered = true;
    this.#owner.entered(this);
  }

  /** Whether somebody has claimed the answer. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** True for the first who asks: of several handlers of one event, the first outcome answers. */
  claimAnswer(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    return true;
  }

  /** Aborted when the requester cancels or the connection closes. The controller exists only once somebody asks. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#isAborted) this.#abort.abort();
      else this.#owner.watched(this);
    }
    return this.#abort.signal;
  }

  /** Aborts {@link signal}. */
  abort(reason?: unknown): void {
    this.#isAborted = true;
    this.#abort?.abort(reason);
  }
}
