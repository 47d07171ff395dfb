import type { Line } from './flow.js';

/** Taken-away places at the front that are kept before the rest moves up. */
const slack = 512;

/** First come, first served. */
export class FirstCome<Message> implements Line<Message> {
  readonly #messages: (Message | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#messages.length - this.#first;
  }

  push(message: Message): void {
    this.#messages.push(message);
  }

  peek(): Message | undefined {
    return this.#messages[this.#first];
  }

  shift(): void {
    if (this.size === 0) return;
    // What has left is let go of.
    this.#messages[this.#first++] = undefined;
    if (this.size === 0) this.clear();
    else if (this.#first >= slack && this.#first >= this.size) {
      this.#messages.splice(0, this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#messages.length = this.#first = 0;
  }
}
