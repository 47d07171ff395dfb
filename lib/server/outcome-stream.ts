import { isObservable, type Observable } from 'rxjs';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { StreamSource } from './stream-source.js';

/** What becomes of a stream's items, end and error. Exactly one of `done` and `failed` is called, unless it is stopped. */
export interface StreamSink {
  item(message: InboundMessage, value: unknown): void;
  done(message: InboundMessage): void;
  failed(message: InboundMessage, error: unknown): void;
  /** Undefined when the peer keeps up; else resolves when it does again. */
  ready(message: InboundMessage): Promise<void> | undefined;
}

/** One handler's several values on their way to the peer. */
export class OutcomeStream {
  readonly #message: InboundMessage;
  readonly #sink: StreamSink;
  #isOver = false;
  #stopSource: (() => void) | null = null;

  constructor(message: InboundMessage, sink: StreamSink) {
    this.#message = message;
    this.#sink = sink;
  }

  /** Begins. An async iterable is asked for its next item only when the peer has taken the ones before. */
  start(source: StreamSource): void {
    if (isObservable(source)) this.#subscribe(source);
    else void this.#iterate(source);
  }

  /** Ends it from outside: the source is unsubscribed from, or returned; nothing more is sent. */
  stop(): void {
    this.#isOver = true;
    this.#message.abort();
    this.#stopSource?.();
  }

  #subscribe(source: Observable<unknown>): void {
    const subscription = source.subscribe({
      next: (value) => this.#item(value),
      error: (error: unknown) => this.#end(() => this.#sink.failed(this.#message, error)),
      complete: () => this.#end(() => this.#sink.done(this.#message)),
    });
    this.#stopSource = () => subscription.unsubscribe();
    // A source that ends or is stopped while subscribing has had no subscription to end.
    if (this.#isOver) subscription.unsubscribe();
  }

  /** An item that cannot be encoded is the stream's error: thrown from here, it would take the process down. */
  #item(value: unknown): void {
    if (this.#isOver) return;
    try {
      this.#sink.item(this.#message, value);
    } catch (error) {
      this.#end(() => this.#sink.failed(this.#message, error));
      this.#stopSource?.();
    }
  }

  async #iterate(source: AsyncIterable<unknown>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    this.#stopSource = () => void iterator.return?.().then(undefined, () => undefined);
    try {
      for (;;) {
        const next = await iterator.next();
        // Stopped meanwhile: here, or while the peer was waited for.
        if (this.#isOver) return;
        if (next.done === true) break;
        this.#sink.item(this.#message, next.value);
        const ready = this.#sink.ready(this.#message);
        if (ready !== undefined) await ready;
      }
      this.#end(() => this.#sink.done(this.#message));
    } catch (error) {
      this.#end(() => this.#sink.failed(this.#message, error));
    }
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell();
  }
}
