import { PendingFrames } from './pending-frames.js';

/** Something with frames to write at the end of the tick. */
export interface Flushable {
  flush(): void;
}

/** Frames shared within one tick before everybody is flushed early: what a long tick may hold on to. */
const tickBytes = 1024 * 1024;

/** Gathers what a tick produces: each connection is written to once, when the tick's callbacks are done. */
export class FlushScheduler {
  #dirty: Flushable[] = [];
  #isArmed = false;
  #root = PendingFrames.root();
  #sharedBytes = 0;

  /** Where this tick's shared sequences begin. */
  get root(): PendingFrames {
    return this.#root;
  }

  /** Has `flushable` flushed at the end of this tick. Call once per tick. */
  schedule(flushable: Flushable): void {
    this.#dirty.push(flushable);
    if (this.#isArmed) return;
    this.#isArmed = true;
    process.nextTick(this.#flush);
  }

  /** Call after a broadcast: ends the sharing early when the tick has produced a lot. */
  broadcastDone(bytes: number): void {
    this.#sharedBytes += bytes;
    if (this.#sharedBytes > tickBytes) this.#flush();
  }

  readonly #flush = (): void => {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#isArmed = false;
    this.#root = PendingFrames.root();
    this.#sharedBytes = 0;
    for (const flushable of dirty) flushable.flush();
  };
}
