import { KeyCounter } from '../counting/key-counter.js';
import type { Book } from './book.js';
import type { CounterAnswer, CounterAsk } from './counter-asks.js';
import type { CounterStoreRow, CounterTables } from './counter-tables.js';

/** Of keys that have recovered so many are forgotten for each that is counted: more than one, so that they go faster than new ones come. */
const sweptPerDemand = 2;

const idle: CounterAnswer = { isAllowed: true, retryAfterMs: 0, hasEvicted: false };

/** All counters, within one transaction at a time. Nothing is remembered of them in between: other processes count as well. */
export class CounterBook implements Book<CounterAsk, CounterAnswer> {
  readonly #tables: CounterTables;
  readonly #capacity: number;
  #row: CounterStoreRow | undefined;
  #isChanged = false;

  constructor(tables: CounterTables, capacity: number) {
    this.#tables = tables;
    this.#capacity = capacity;
  }

  get row(): CounterStoreRow {
    return (this.#row ??= this.#tables.store());
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  answer(ask: CounterAsk): CounterAnswer {
    if (ask.kind === 'read') return idle;
    const { rule, messages, bytes, now } = ask;
    // As JSON: half of a surrogate pair has no UTF-8 of its own.
    const name = Buffer.from(JSON.stringify(ask.key));
    const state = this.#tables.find(name);
    const counter = new KeyCounter(rule, now, state);
    const verdict = counter.take(now, messages, bytes);
    // What is refused is not written, unless its time has to come after all.
    if (!verdict.isAllowed && (state === undefined || !KeyCounter.isAhead(state, now)))
      return { ...verdict, hasEvicted: false };
    for (const one of this.#tables.idle(Math.floor(now), sweptPerDemand)) this.#forget(one, name);
    const hasEvicted = state === undefined && this.#makeRoom(now);
    if (state === undefined) this.row.keys++;
    this.#tables.put(name, counter.idleAt, counter.state);
    this.#isChanged = true;
    return { ...verdict, hasEvicted };
  }

  setUnsynced(boot: string): void {
    this.row.unsynced = boot;
    this.#isChanged = true;
  }

  /** What was counted last may be missing: the rest holds all the same. */
  renew(): void {
    this.#isChanged = true;
  }

  save(): void {
    this.row.commits++;
    this.#tables.saveStore(this.row);
    this.#isChanged = false;
  }

  forget(): void {
    this.#row = undefined;
    this.#isChanged = false;
  }

  /** The one that will have recovered first makes room: who has used up his limit is the last to be forgotten. */
  #makeRoom(now: number): boolean {
    if (this.row.keys < this.#capacity) return false;
    const [first] = this.#tables.idle(Number.MAX_SAFE_INTEGER, 1);
    if (first === undefined) return false;
    const wasIdle = this.#tables.idle(Math.floor(now), 1).length > 0;
    this.#forget(first);
    return !wasIdle;
  }

  #forget(name: Uint8Array, inUse?: Buffer): void {
    if (inUse?.equals(name) === true) return;
    this.#tables.remove(name);
    this.row.keys--;
  }
}
