import { after, type Clock, type TimerHandle } from '../primitives/clock.js';

/** How several become one. */
export interface Aggregation<Item, Whole> {
  /** The first of a group. */
  begin(item: Item): Whole;
  /** One more. The result counts; `whole` may be changed. */
  add(whole: Whole, item: Item): Whole;
  /** What belongs together: items with different keys stay apart. @default all of one name */
  key?(item: Item): string | number;
  /** Items of a group: the last of them ends it. @default Infinity */
  readonly items?: number;
}

/** Bounds of an {@link Aggregator}. */
export interface AggregatorLimits {
  /** How long the first of a group waits, in milliseconds. */
  readonly windowMs: number;
  /** Groups that are held at once; one more, and all of them go. */
  readonly groups: number;
}

/** Several that have become one. */
export interface Group<Whole, Handle> {
  readonly name: string;
  whole: Whole;
  /** What each of them was given with, in order. */
  readonly handles: Handle[];
}

/** Holds items back for a while and gives out one for all of a group, in the order in which the groups began. */
export class Aggregator<Item, Whole, Handle> {
  readonly #clock: Clock;
  readonly #limits: AggregatorLimits;
  readonly #out: (group: Group<Whole, Handle>) => void;
  readonly #groups = new Map<string, Group<Whole, Handle>>();
  #timer: TimerHandle = undefined;

  constructor(clock: Clock, limits: AggregatorLimits, out: (group: Group<Whole, Handle>) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#out = out;
  }

  /** Items that are held. */
  get size(): number {
    let size = 0;
    for (const { handles } of this.#groups.values()) size += handles.length;
    return size;
  }

  /** @throws what the aggregation throws; then the item is not taken */
  add(name: string, aggregation: Aggregation<Item, Whole>, item: Item, handle: Handle): void {
    // The length keeps names and keys apart.
    const key = `${name.length}:${name}${aggregation.key?.(item) ?? ''}`;
    let group = this.#groups.get(key);
    if (group !== undefined) group.whole = aggregation.add(group.whole, item);
    else {
      group = { name, whole: aggregation.begin(item), handles: [] };
      if (this.#groups.size >= this.#limits.groups) this.flush();
      this.#groups.set(key, group);
      if (this.#groups.size === 1)
        this.#timer = after(this.#clock, this.#limits.windowMs, () => this.flush());
    }
    group.handles.push(handle);
    if (group.handles.length >= (aggregation.items ?? Infinity)) this.#end(key, group);
  }

  /** Gives out what is held: of one name, or all of it. */
  flush(name?: string): void {
    for (const [key, group] of [...this.#groups])
      if (name === undefined || group.name === name) this.#end(key, group);
  }

  #end(key: string, group: Group<Whole, Handle>): void {
    this.#groups.delete(key);
    if (this.#groups.size === 0) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#out(group);
  }
}
