import type { DedupEntry } from '../../../exchange/dedup-window.js';
import type { ReplyBudget, ReplyHolder } from './reply-budget.js';
import type { Remembered, RememberedOutcome } from './remembered-outcome.js';

/** The first of the messages with one key: being handled, or done. */
export class FirstRun implements DedupEntry, ReplyHolder {
  readonly event: string;
  readonly #budget: ReplyBudget;
  #outcome: RememberedOutcome | null = null;
  #replyBytes = 0;
  #isForgotten = false;
  /** Repeats that came too early wait here. */
  #wait: { readonly promise: Promise<RememberedOutcome>; resolve(outcome: RememberedOutcome): void } | null =
    null;

  constructor(event: string, budget: ReplyBudget) {
    this.event = event;
    this.#budget = budget;
  }

  get isRunning(): boolean {
    return this.#outcome === null;
  }

  get replyBytes(): number {
    return this.#replyBytes;
  }

  /** What it came to, once that is known. */
  outcome(): RememberedOutcome | Promise<RememberedOutcome> {
    if (this.#outcome !== null) return this.#outcome;
    if (this.#wait === null) {
      let resolve!: (outcome: RememberedOutcome) => void;
      const promise = new Promise<RememberedOutcome>((settled) => (resolve = settled));
      this.#wait = { promise, resolve };
    }
    return this.#wait.promise;
  }

  /** It is done. Who waits gets the whole outcome, also when it is too long to be kept. */
  settle({ outcome, bytes }: Remembered): void {
    this.#outcome = outcome;
    this.#wait?.resolve(outcome);
    this.#wait = null;
    if (bytes === 0) return;
    this.#replyBytes = bytes;
    if (this.#isForgotten || !this.#budget.keep(this)) this.#outcome = { event: this.event, kind: 'done' };
  }

  giveUpReply(): void {
    this.#budget.release(this);
    this.#outcome = { event: this.event, kind: 'done' };
    this.#replyBytes = 0;
  }

  forgotten(): void {
    this.#isForgotten = true;
    if (this.#replyBytes > 0) this.#budget.release(this);
  }
}
