import { isPromise } from '../primitives/is-promise.js';
import type { SessionChange, SessionStore } from '../store/session-store.js';

/**
 * What the sessions of a process write. While the store has enough to do they stand in line: a broadcast to more of them than
 * it lets wait is no overload, as each gathers meanwhile what it writes at its turn.
 */
export class SessionWrites {
  readonly #store: SessionStore;
  readonly #owner: string;
  readonly #line = new Set<() => void>();
  #pending = 0;
  #isDraining = false;
  #whenHanded: (() => void)[] = [];

  constructor(store: SessionStore, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  /** Whether who wants to write stands in line. */
  get mustWait(): boolean {
    return this.#line.size > 0 || this.#isBusy;
  }

  /** Calls back when it is the caller's turn: he writes then and there. */
  wait(turn: () => void): void {
    this.#line.add(turn);
  }

  /** Undefined: it is written down. Throws, or rejects, where the store fails. */
  write(id: string, change: SessionChange): PromiseLike<void> | undefined {
    const pending = this.#store.write(id, this.#owner, change);
    if (!isPromise(pending)) return undefined;
    this.#pending++;
    return pending.then(
      () => this.#settled(),
      (error: unknown) => {
        this.#settled();
        throw error;
      },
    );
  }

  /** Resolves when everything has been handed to the store. */
  handed(): Promise<void> {
    if (this.#line.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenHanded.push(resolve));
  }

  /** Where nothing is under way, nothing would tell of the end of the line. */
  get #isBusy(): boolean {
    return this.#pending > 0 && this.#store.isBusy === true;
  }

  #settled(): void {
    this.#pending--;
    if (this.#isDraining || this.#line.size === 0) return;
    this.#isDraining = true;
    // After all who are told at the same time: whose last write has failed has heard of it before its turn comes.
    process.nextTick(() => this.#drain());
  }

  #drain(): void {
    this.#isDraining = false;
    for (const turn of this.#line) {
      if (this.#isBusy) return;
      this.#line.delete(turn);
      turn();
    }
    for (const resolve of this.#whenHanded.splice(0)) resolve();
  }
}
