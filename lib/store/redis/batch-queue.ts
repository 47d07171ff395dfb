import { StoreError } from '../store-error.js';

/** Asks that Redis answers in one step, and what waits for each. */
export interface WaitingAsk<Ask> {
  readonly ask: Ask;
  readonly size: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a queue needs to know. */
export interface BatchQueueSettings<Ask> {
  readonly queued: number;
  readonly queuedBytes: number;
  /** Whether the second may go with the first. */
  readonly goTogether: (one: Ask, other: Ask) => boolean;
  /** Sends a batch; what it gives tells those who wait for it. Where it rejects, all who wait are told so. */
  readonly send: (batch: readonly WaitingAsk<Ask>[]) => Promise<() => void>;
}

/** A batch is one step of Redis, and nothing else is done meanwhile: no more asks, nor bytes, than this. */
const mostAsks = 256;
const mostBytes = 1_048_576;

/**
 * One batch is on its way at a time, and what comes meanwhile is the next. So nothing can be done in another order than it was
 * asked for, whatever the client does when its connection breaks, and one round trip is shared by all that waits.
 */
export class BatchQueue<Ask> {
  readonly #settings: BatchQueueSettings<Ask>;
  #waiting: WaitingAsk<Ask>[] = [];
  /** With those that are on their way. */
  #count = 0;
  #bytes = 0;
  #isSending = false;
  #closed: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  constructor(settings: BatchQueueSettings<Ask>) {
    this.#settings = settings;
  }

  get waiting(): number {
    return this.#count;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Half of what may wait does. */
  get isBusy(): boolean {
    const { queued, queuedBytes } = this.#settings;
    return this.#count * 2 >= queued || this.#bytes * 2 >= queuedBytes;
  }

  /** `size`: in bytes, of what it carries. Rejects with a {@link StoreError}. */
  ask<Answer>(ask: Ask, size: number): Promise<Answer> {
    const refusal = this.#refusalOf(size);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise<Answer>((resolve, reject) => {
      this.#add({ ask, size, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** What the store has to do by itself: never refused, and nobody waits for it. */
  tell(ask: Ask, size: number): void {
    if (this.#closed === undefined)
      this.#add({ ask, size, resolve: () => undefined, reject: () => undefined });
  }

  /** Takes nothing more. Resolves when nothing waits. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#count === 0) resolve();
      else this.#emptied = resolve;
    });
    return this.#closed;
  }

  #add(waiting: WaitingAsk<Ask>): void {
    this.#count++;
    this.#bytes += waiting.size;
    this.#waiting.push(waiting);
    if (this.#isSending) return;
    this.#isSending = true;
    // All of this tick go together.
    setImmediate(() => void this.#sendAll());
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        const tell = await this.#settings.send(batch);
        this.#done(batch);
        tell();
      } catch (error) {
        // What waits has waited as long as Redis has not answered; and it may be of sessions of which a change is missing now.
        this.#done(batch);
        this.#done(this.#waiting.splice(0), error);
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isSending = false;
    if (this.#count === 0) this.#emptied?.();
  }

  #take(): WaitingAsk<Ask>[] {
    const first = this.#waiting[0]!;
    let bytes = first.size;
    let end = 1;
    for (; end < Math.min(mostAsks, this.#waiting.length); end++) {
      const { ask, size } = this.#waiting[end]!;
      bytes += size;
      if (bytes > mostBytes || !this.#settings.goTogether(first.ask, ask)) break;
    }
    return this.#waiting.splice(0, end);
  }

  #done(batch: readonly WaitingAsk<Ask>[], error?: unknown): void {
    for (const { size, reject } of batch) {
      this.#count--;
      this.#bytes -= size;
      if (error !== undefined) reject(error);
    }
  }

  #refusalOf(size: number): StoreError | undefined {
    const { queued, queuedBytes } = this.#settings;
    if (this.#closed !== undefined) return new StoreError('closed', 'the store is closed');
    if (this.#count >= queued || (this.#count > 0 && this.#bytes + size > queuedBytes)) {
      return new StoreError(
        'overloaded',
        'too much waits for Redis: write less, or raise queued and queuedBytes',
      );
    }
    return undefined;
  }
}
