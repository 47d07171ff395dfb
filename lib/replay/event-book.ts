import type { Expectation } from './awaited.js';
import type { Comparable } from './comparable.js';
import type { Judge } from './judge.js';

/** Of one event and connection; what has come and nobody has expected yet. */
const mostUnexpected = 1_000;

interface Arrival {
  readonly comparable: Comparable;
  readonly at: number;
}

/**
 * What the server sends of its own accord, for one event and connection: what was recorded, and what comes now. In any order,
 * unless order matters: then each is held against the one that has its place.
 */
export class EventBook {
  readonly #event: string;
  readonly #judge: Judge;
  readonly #isOrdered: boolean;
  readonly #expected = new Map<string, Waiting[]>();
  readonly #actual = new Map<string, Arrival[]>();
  #unexpected = 0;

  constructor(event: string, judge: Judge, isOrdered: boolean) {
    this.#event = event;
    this.#judge = judge;
    this.#isOrdered = isOrdered;
  }

  /** @param at by the recording */
  expect(comparable: Comparable, at: number): void {
    const arrival = take(this.#actual, this.#keyOf(comparable));
    if (arrival !== undefined) {
      this.#unexpected--;
      return this.#compare(comparable, arrival.comparable, at);
    }
    const waiting = new Waiting(comparable, at, () => this.#expire(waiting));
    put(this.#expected, this.#keyOf(comparable), waiting);
    this.#judge.await(waiting, this.#judge.isWorthWaitingFor(this.#event));
  }

  /** @param at where the recording is */
  receive(comparable: Comparable, at: number): void {
    const waiting = take(this.#expected, this.#keyOf(comparable));
    if (waiting !== undefined) {
      this.#judge.settled(waiting);
      return this.#compare(waiting.comparable, comparable, waiting.at);
    }
    put(this.#actual, this.#keyOf(comparable), { comparable, at });
    if (++this.#unexpected > mostUnexpected) this.#tellUnexpected(this.#oldest() as Arrival);
  }

  /** Nothing is awaited any more. @param isJudged false: what has come is no finding */
  end(isJudged: boolean): void {
    for (const waiting of [...this.#expected.values()].flat()) this.#judge.settled(waiting);
    this.#expected.clear();
    for (let arrival = this.#oldest(); arrival !== undefined; arrival = this.#oldest())
      if (isJudged) this.#tellUnexpected(arrival);
  }

  #keyOf({ text }: Comparable): string {
    return this.#isOrdered ? '' : text;
  }

  #compare(expected: Comparable, actual: Comparable, at: number): void {
    this.#judge.findings.compare(this.#place(at), expected, actual);
  }

  /** What has come instead, if anything, is what it has been changed to. */
  #expire(waiting: Waiting): void {
    const key = this.#keyOf(waiting.comparable);
    remove(this.#expected, key, waiting);
    this.#judge.settled(waiting);
    this.#judge.absent(this.#event);
    const arrival = this.#oldest();
    if (arrival !== undefined) return this.#compare(waiting.comparable, arrival.comparable, waiting.at);
    this.#judge.findings.missing(this.#place(waiting.at), waiting.comparable);
  }

  #oldest(): Arrival | undefined {
    const [key] = this.#actual.keys();
    if (key === undefined) return undefined;
    this.#unexpected--;
    return take(this.#actual, key);
  }

  #tellUnexpected({ comparable, at }: Arrival): void {
    this.#judge.findings.unexpected(this.#place(at), comparable);
  }

  #place(at: number): { connection: number; event: string; at: number } {
    return { connection: this.#judge.connection, event: this.#event, at };
  }
}

class Waiting implements Expectation {
  readonly comparable: Comparable;
  readonly at: number;
  readonly expire: () => void;

  constructor(comparable: Comparable, at: number, expire: () => void) {
    this.comparable = comparable;
    this.at = at;
    this.expire = expire;
  }
}

function put<Item>(book: Map<string, Item[]>, key: string, item: Item): void {
  const items = book.get(key);
  if (items === undefined) book.set(key, [item]);
  else items.push(item);
}

function take<Item>(book: Map<string, Item[]>, key: string): Item | undefined {
  const items = book.get(key);
  const item = items?.shift();
  if (items?.length === 0) book.delete(key);
  return item;
}

function remove<Item>(book: Map<string, Item[]>, key: string, item: Item): void {
  const items = (book.get(key) ?? []).filter((one) => one !== item);
  if (items.length === 0) book.delete(key);
  else book.set(key, items);
}
