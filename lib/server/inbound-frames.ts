import { pass } from '../exchange/pass.js';
import type { InboundFrame } from '../pipeline/inbound-frame.js';
import type { InboundFramePhase } from '../pipeline/middleware.js';
import { isPromise } from '../primitives/is-promise.js';

/** What becomes of the frames of one connection. */
export interface FrameSink {
  /** It is through all stages. */
  passed(frame: InboundFrame): void;
  /** A stage has ended its way without an error. */
  dropped(frame: InboundFrame): void;
  refused(error: unknown): void;
  /** It waits for a stage, or behind one that does. False: there is no room for it. */
  hold(bytes: number): boolean;
  /** It no longer waits. */
  release(bytes: number): void;
}

/** Frames of one connection on their way through the frame stages: in order, whatever each takes. */
export class InboundFrames {
  readonly #phases: readonly InboundFramePhase[];
  readonly #sink: FrameSink;
  /** Ends when all that have come so far are through; null: none waits. */
  #last: Promise<void> | null = null;

  constructor(phases: readonly InboundFramePhase[], sink: FrameSink) {
    this.#phases = phases;
    this.#sink = sink;
  }

  /** Takes the next frame. False: it must be refused with `OVERLOADED`. */
  take(frame: InboundFrame): boolean {
    if (this.#last === null) {
      const pending = this.#run(frame);
      // The first that waits is on its way already: it is held whatever the bound says.
      if (pending !== undefined) {
        this.#sink.hold(frame.receivedBytes);
        this.#follow(frame, pending);
      }
      return true;
    }
    if (!this.#sink.hold(frame.receivedBytes)) return false;
    this.#follow(
      frame,
      this.#last.then(() => this.#run(frame)),
    );
    return true;
  }

  #follow(frame: InboundFrame, pending: Promise<void>): void {
    const done = pending.then(() => {
      if (this.#last === done) this.#last = null;
      this.#sink.release(frame.receivedBytes);
    });
    this.#last = done;
  }

  /** Undefined when it is through already. The promise never rejects. */
  #run(frame: InboundFrame): Promise<void> | undefined {
    try {
      const through = pass(this.#phases, frame, (error) => this.#sink.refused(error));
      if (!isPromise(through)) {
        this.#settled(frame, through);
        return undefined;
      }
      return through.then(
        (isThrough) => this.#settled(frame, isThrough),
        (error: unknown) => this.#sink.refused(error),
      );
    } catch (error) {
      this.#sink.refused(error);
      return undefined;
    }
  }

  #settled(frame: InboundFrame, isThrough: boolean): void {
    if (isThrough) this.#sink.passed(frame);
    else this.#sink.dropped(frame);
  }
}
