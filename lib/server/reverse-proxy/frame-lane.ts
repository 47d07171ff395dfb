import { isPromise } from '../../primitives/is-promise.js';

/**
 * Carries frames of one direction one after the other. Synchronous as long as the step is; while one waits, the source is
 * paused, and what it has read already waits in order.
 */
export class FrameLane<Item> {
  readonly #step: (item: Item) => void | Promise<void>;
  readonly #setPaused: (isPaused: boolean) => void;
  readonly #waiting: Item[] = [];
  #isBusy = false;
  #isStopped = false;
  #idle: (() => void)[] = [];

  /** @param step carries one item; MUST NOT throw or reject */
  constructor(step: (item: Item) => void | Promise<void>, setPaused: (isPaused: boolean) => void) {
    this.#step = step;
    this.#setPaused = setPaused;
  }

  /** Whether one waits. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  push(item: Item): void {
    if (this.#isStopped) return;
    if (this.#isBusy) this.#waiting.push(item);
    else this.#carry(item);
  }

  /** Keeps everything until the promise is there. */
  holdUntil(ready: Promise<unknown>): void {
    this.#wait(ready);
  }

  /** Undefined: nothing is on its way. Else resolves when nothing is any more. */
  idle(): Promise<void> | undefined {
    if (!this.#isBusy || this.#isStopped) return undefined;
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  /** Forgets what waits and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    this.#tellIdle();
  }

  #carry(item: Item): void {
    const pending = this.#step(item);
    if (isPromise(pending)) this.#wait(pending);
  }

  #wait(pending: PromiseLike<unknown>): void {
    this.#isBusy = true;
    this.#setPaused(true);
    void pending.then(() => this.#next());
  }

  #next(): void {
    this.#isBusy = false;
    while (this.#waiting.length > 0) {
      this.#carry(this.#waiting.shift() as Item);
      // Set anew by an item that waits, which goes on here later.
      if (this.#isBusy as boolean) return;
    }
    if (!this.#isStopped) this.#setPaused(false);
    this.#tellIdle();
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell();
  }
}
