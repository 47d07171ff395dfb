interface Waiter<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** What to do with an item that a full queue has no room for. */
export type WhenFull = 'fail' | 'drop-oldest';

/** How a queue is bounded, and who is told. */
export interface AsyncQueueOptions {
  /** Items that wait at most. */
  readonly buffer: number;
  readonly whenFull: WhenFull;
  /** The error that ends a full queue. */
  readonly overflow: () => Error;
  /** The reader has left, or the queue has failed by itself: nothing need be pushed any more. Once. */
  readonly left?: () => void;
}

/** Items that one side pushes and the other reads in a loop; bounded. */
export class AsyncQueue<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #options: AsyncQueueOptions;
  #items: Item[] = [];
  #waiters: Waiter<Item>[] = [];
  #isOver = false;
  #error: Error | null = null;

  constructor(options: AsyncQueueOptions) {
    this.#options = options;
  }

  /** Items that wait to be read. */
  get size(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    if (this.#isOver) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ value: item, done: false });
    if (this.#items.length >= this.#options.buffer) {
      if (this.#options.whenFull === 'fail') {
        this.fail(this.#options.overflow());
        return this.#options.left?.();
      }
      this.#items.shift();
    }
    this.#items.push(item);
  }

  /** What waits can still be read; then the loop ends. */
  end(): void {
    this.#isOver = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve({ value: undefined, done: true });
  }

  /** What waits can still be read; then the loop throws. */
  fail(reason: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const waiters = this.#waiters.splice(0);
    if (waiters.length === 0) this.#error = reason;
    else for (const { reject } of waiters) reject(reason);
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#items.length > 0) return Promise.resolve({ value: this.#items.shift() as Item, done: false });
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** The reader leaves. */
  return(): Promise<IteratorResult<Item, undefined>> {
    const wasOver = this.#isOver;
    this.#items = [];
    this.#error = null;
    this.end();
    if (!wasOver) this.#options.left?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
