import type { FrameOutlet } from '../connection/nowhere.js';
import { readyStates } from '../transport/transport-socket.js';

interface Held {
  readonly bytes: Uint8Array;
  readonly written: ((error?: Error | null) => void) | undefined;
  /** Number of the last message in it, or before it. */
  readonly number: number;
}

/** A socket that gets what is sent to it when that is written down. */
export class DurableOutlet implements FrameOutlet {
  readonly #socket: FrameOutlet;
  readonly #state: { readonly last: number; readonly confirmed: number };
  #held: Held[] = [];
  #heldBytes = 0;
  #waiting: (() => void)[] = [];

  /** @param state numbers of the last message that was sent, and of the last that is written down */
  constructor(socket: FrameOutlet, state: { readonly last: number; readonly confirmed: number }) {
    this.#socket = socket;
    this.#state = state;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get unsentBytes(): number {
    return this.#heldBytes + this.#socket.unsentBytes;
  }

  writeFrames(bytes: Uint8Array, written?: (error?: Error | null) => void): void {
    const { last, confirmed } = this.#state;
    if (this.#held.length === 0 && last <= confirmed) return this.#socket.writeFrames(bytes, written);
    this.#held.push({ bytes, written, number: last });
    this.#heldBytes += bytes.length;
  }

  onceDrained(callback: () => void): void {
    this.onceReleased(() => this.#socket.onceDrained(callback));
  }

  onceReleased(callback: () => void): boolean {
    const isFree = this.#held.length === 0;
    if (isFree) callback();
    else this.#waiting.push(callback);
    return isFree;
  }

  /** More is written down. */
  release(): void {
    const { confirmed } = this.#state;
    const count = this.#held.findIndex(({ number }) => number > confirmed);
    for (const { bytes, written } of this.#held.splice(0, count === -1 ? this.#held.length : count)) {
      this.#heldBytes -= bytes.length;
      if (this.#socket.readyState === readyStates.open) this.#socket.writeFrames(bytes, written);
      else written?.();
    }
    if (this.#held.length === 0) this.#released();
  }

  /** It will not be written down, and so does not leave. */
  drop(error: Error): void {
    for (const { written } of this.#held.splice(0)) written?.(error);
    this.#heldBytes = 0;
    this.#released();
  }

  #released(): void {
    for (const callback of this.#waiting.splice(0)) callback();
  }
}
