import type { Connection } from '../connection/connection.js';
import type { MessageId } from '../protocol/envelope.js';

/** Told when a message's handler is entered, so that the next message may follow. */
export interface EntryListener {
  entered(message: InboundMessage): void;
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
  #entry: EntryListener | null;
  #abort: AbortController | null = null;
  #aborted = false;

  constructor(
    connection: Connection,
    event: string,
    data: unknown,
    id: MessageId | undefined,
    meta: Readonly<Record<string, unknown>> | undefined,
    bytes: number,
    entry: EntryListener | null,
  ) {
    this.connection = connection;
    this.event = event;
    this.data = data;
    this.id = id;
    this.meta = meta;
    this.bytes = bytes;
    this.#entry = entry;
  }

  /** True once the handler has been entered (or will never be). */
  get hasEntered(): boolean {
    return this.#entry === null;
  }

  /** Marks the handler as entered. Called once by who runs the handler; further calls do nothing. */
  enter(): void {
    const entry = this.#entry;
    if (entry === null) return;
    this.#entry = null;
    entry.entered(this);
  }

  /** Aborted when the requester cancels or the connection closes. The controller exists only once somebody asks. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#aborted) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Aborts {@link signal}. */
  abort(reason?: unknown): void {
    this.#aborted = true;
    this.#abort?.abort(reason);
  }
}
