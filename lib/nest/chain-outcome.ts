import { Observable, type Observer, type Subscription } from 'rxjs';

interface Waiting {
  readonly resolve: (outcome: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Finds out, without giving up synchrony, whether an Observable is one value or a stream. */
export class ChainOutcome implements Observer<unknown> {
  #items: unknown[] = [];
  #state: 'open' | 'completed' | 'failed' = 'open';
  #error: unknown;
  #isStream = false;
  #waiting: Waiting | null = null;
  /** Who reads the stream, once it is known to be one. */
  #reader: Observer<unknown> | null = null;
  #subscription: Subscription | null = null;

  /** The method returned a stream: so does the chain, however many items that gives. */
  set isStream(isStream: true) {
    this.#isStream = isStream;
    this.#decide();
  }

  /** Subscribes. Returns the one value, a promise of it, or an Observable; throws what the source ends in at once. */
  of(source: Observable<unknown>): unknown {
    this.#subscription = source.subscribe(this);
    if (this.#state === 'failed' && this.#items.length === 0) throw this.#error;
    if (this.#isValue) return this.#items[0];
    if (this.#isMany) return this.#stream();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#items.length === 1) this.#decideSoon();
    });
  }

  next(item: unknown): void {
    if (this.#reader !== null) return this.#reader.next(item);
    this.#items.push(item);
    if (this.#waiting === null) return;
    if (this.#items.length === 1) this.#decideSoon();
    this.#decide();
  }

  error(error: unknown): void {
    this.#state = 'failed';
    this.#error = error;
    if (this.#reader !== null) return this.#reader.error(error);
    if (this.#items.length > 0) return this.#decide();
    this.#waiting?.reject(error);
    this.#waiting = null;
  }

  complete(): void {
    this.#state = 'completed';
    if (this.#reader !== null) return this.#reader.complete();
    this.#decide();
  }

  get #isValue(): boolean {
    return this.#state === 'completed' && !this.#isStream && this.#items.length <= 1;
  }

  get #isMany(): boolean {
    return this.#isStream || this.#items.length > 1 || this.#state === 'failed';
  }

  /** The end of one value follows it at once; what is still open then is a stream, and its first item is due. */
  #decideSoon(): void {
    queueMicrotask(() => this.#settle(this.#state === 'open' || this.#isMany));
  }

  #decide(): void {
    if (this.#isValue || this.#isMany) this.#settle(this.#isMany);
  }

  #settle(isStream: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(isStream ? this.#stream() : this.#items[0]);
  }

  /** What has come already, then what comes. */
  #stream(): Observable<unknown> {
    return new Observable((subscriber) => {
      const items = this.#items;
      this.#items = [];
      for (const item of items) subscriber.next(item);
      if (this.#state === 'failed') subscriber.error(this.#error);
      else if (this.#state === 'completed') subscriber.complete();
      else this.#reader = subscriber;
      return () => this.#subscription?.unsubscribe();
    });
  }
}
