import { isPromise } from '../primitives/is-promise.js';

/**
 * The outcome of a message whose handler answers by hand (`@Ack()`): what it is first given, or what the method
 * returns, unless that is nothing; then the answer is waited for.
 */
export class AckReply {
  readonly #answer: Promise<unknown>;
  #resolve!: (value: unknown) => void;

  constructor() {
    this.#answer = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Calls after the first do nothing. */
  readonly acknowledge = (value?: unknown): void => this.#resolve(value);

  /** @param result what the method returned */
  settle(result: unknown): Promise<unknown> {
    const returned = isPromise(result) ? result : Promise.resolve(result);
    return Promise.race([
      this.#answer,
      returned.then((value) => (value === undefined ? this.#answer : value)),
    ]);
  }
}
