import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import type { ClientLink } from './middleware.js';

/** What an encoded message is. */
export type Payload = string | Uint8Array;

/** Now, or later where something has to be waited for. */
export type Soon<Value> = Value | Promise<Value>;

/** From envelopes to the payloads of WebSocket messages, and back. */
export interface Wire {
  /** What stands behind `gatewire.v1.` in the subprotocol. */
  readonly codec: string;
  /** Stages that a frame passes; 0 without any. */
  readonly stages: number;
  /** Once for a message, however often it is sent. Null: a stage has dropped it. */
  encode(envelope: Envelope): Soon<Payload | null>;
  /** What encode has made, for one connection: through the stages from `first` on. Null: dropped. */
  wrap(payload: Payload, first: number): Soon<Payload | null>;
  /** What is in a frame, after the stages from the last to `first`. */
  unwrap(frame: Payload, first: number): Soon<readonly Envelope[]>;
  /** A connection is open: what a stage has to say to the server before all else. */
  opened?(stage: number, link: ClientLink): void | Promise<void>;
}

/** Goes on with a value: at once, if it is there. */
export function whenThere<From, To>(value: Soon<From>, next: (value: From) => Soon<To>): Soon<To> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Work in the order in which it came: at once, until something has to be waited for. */
export class InOrder {
  #last: Promise<void> | null = null;
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  do(work: () => unknown): void {
    if (this.#last !== null) return this.#wait(this.#last.then(work));
    try {
      const pending = work();
      if (isPromise(pending)) this.#wait(pending);
    } catch (error) {
      this.#failed(error);
    }
  }

  #wait(pending: PromiseLike<unknown>): void {
    const last = Promise.resolve(pending).then(() => undefined, this.#failed);
    this.#last = last;
    void last.then(() => {
      if (this.#last === last) this.#last = null;
    });
  }
}
