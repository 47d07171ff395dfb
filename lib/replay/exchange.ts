import type { MessageId } from '../protocol/envelope.js';
import type { Expectation } from './awaited.js';
import type { Comparable } from './comparable.js';
import type { Judge } from './judge.js';

interface Frame {
  readonly comparable: Comparable;
  /** The outcome; false: an item of a stream. */
  readonly isEnd: boolean;
}

/** Items of a stream that the recording is behind. */
const mostAhead = 1_000;

/** One request: what it was answered, and what it is answered now, in order. */
export class Exchange implements Expectation {
  readonly id: MessageId;
  readonly event: string;
  /** When it was asked, by the recording. */
  readonly at: number;
  /** When it was sent anew; NaN until then. */
  sentAt = Number.NaN;
  isOver = false;
  readonly #judge: Judge;
  readonly #onOver: () => void;
  #expected: Frame[] = [];
  #actual: Frame[] = [];
  #isAnswered = false;
  #isCancelled = false;

  constructor(
    { id, event, at }: { id: MessageId; event: string; at: number },
    judge: Judge,
    onOver: () => void,
  ) {
    this.id = id;
    this.event = event;
    this.at = at;
    this.#judge = judge;
    this.#onOver = onOver;
  }

  expect(comparable: Comparable, isEnd: boolean): void {
    this.#expected.push({ comparable, isEnd });
    this.#match();
    if (!this.isOver && this.#expected.length > 0) this.#judge.await(this, true);
  }

  receive(comparable: Comparable, isEnd: boolean): void {
    if (!this.#isAnswered) this.#judge.answered(this.sentAt);
    this.#isAnswered = true;
    this.#actual.push({ comparable, isEnd });
    this.#match();
    if (this.#actual.length <= mostAhead) return;
    this.#judge.findings.failure(`a stream of ${this.event} is ${mostAhead} items ahead of the recording`);
    this.#end();
  }

  /** How many items come before the end is a matter of time from now on. */
  cancel(): void {
    this.#isCancelled = true;
    this.#match();
  }

  /** Nobody can tell what it should be answered. */
  drop(): void {
    this.#end();
  }

  expire(): void {
    const [missing] = this.#expected;
    if (missing !== undefined) this.#judge.findings.missing(this.#place, missing.comparable);
    this.#end();
  }

  get #place(): { id: MessageId; event: string; at: number; connection: number } {
    return { connection: this.#judge.connection, event: this.event, id: this.id, at: this.at };
  }

  #match(): void {
    if (this.#isCancelled) {
      this.#expected = this.#expected.filter(({ isEnd }) => isEnd);
      this.#actual = this.#actual.filter(({ isEnd }) => isEnd);
    }
    while (!this.isOver && this.#expected.length > 0 && this.#actual.length > 0) {
      const [expected, actual] = [this.#expected.shift() as Frame, this.#actual.shift() as Frame];
      this.#judge.findings.compare(this.#place, expected.comparable, actual.comparable);
      if (expected.isEnd || actual.isEnd) this.#end();
    }
    if (this.#expected.length === 0) this.#judge.settled(this);
  }

  #end(): void {
    this.isOver = true;
    this.#expected = [];
    this.#actual = [];
    this.#judge.settled(this);
    this.#onOver();
  }
}
