import type { Clock, TimerHandle } from '../primitives/clock.js';

/** Bounds of a {@link Sequencer}. */
export interface SequencerSettings {
  readonly clock: Clock;
  /** Numbers from the next one on that may come: `next + window - 1` is the last. */
  readonly window: number;
  /** Bytes that may wait. */
  readonly windowBytes: number;
  /** How long a number is waited for once a later one is there, in milliseconds. */
  readonly gapMs: number;
}

/** Who is handed what is in order. */
export interface SequencerSink<Item> {
  /** It is the turn of this one. MUST NOT throw. */
  release(item: Item): void;
  /** So many numbers have been given up: what is later goes on without them. */
  gaveUp(count: number): void;
}

/**
 * What becomes of an offer.
 *
 * - `released`: it was the next one, or one that is let in again.
 * - `held`: it waits for those before it.
 * - `waits`: the same number waits already.
 * - `passed`: the number has had its turn.
 * - `late`: it was waited for, and has been given up.
 * - `beyond`: it does not fit into the window: to be offered again when that has moved on.
 */
export type SequencerVerdict = 'released' | 'held' | 'waits' | 'passed' | 'late' | 'beyond';

interface Held<Item> {
  readonly item: Item;
  readonly bytes: number;
  since: number;
}

/** Puts what is numbered 1, 2, 3 … into order: holds what comes early, within bounds, and gives up what does not come. */
export class Sequencer<Item> {
  readonly #settings: SequencerSettings;
  readonly #sink: SequencerSink<Item>;
  /** In the order they came, so that the first has waited for longest. */
  readonly #held = new Map<number, Held<Item>>();
  /** Numbers below the next one that would be told otherwise than the others: the latest of them, up to the window. */
  readonly #givenUp = new Set<number>();
  readonly #readmitted = new Set<number>();
  #heldBytes = 0;
  #next = 1;
  /** Below it are numbers of before this sequencer. */
  #first = 1;
  #isFresh = true;
  /** The nearest of those that were too far ahead, and since when there have been some: a gap opens for them, too. */
  #ahead: { readonly seq: number; readonly since: number } | null = null;
  #timer: { readonly handle: TimerHandle } | null = null;
  #isSuspended = false;

  constructor(settings: SequencerSettings, sink: SequencerSink<Item>) {
    this.#settings = settings;
    this.#sink = sink;
  }

  /** The number whose turn it is. */
  get next(): number {
    return this.#next;
  }

  /** How many wait. */
  get held(): number {
    return this.#held.size;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @param seq a whole number from 1 on */
  offer(seq: number, item: Item, bytes: number): SequencerVerdict {
    if (this.#isFresh) this.#start(seq);
    if (seq < this.#next) return this.#afterwards(seq, item);
    if (seq === this.#next) {
      this.#next++;
      this.#sink.release(item);
      this.#releaseFollowers();
      this.#watch();
      return 'released';
    }
    if (this.#held.has(seq)) return 'waits';
    const { window, windowBytes, clock } = this.#settings;
    if (seq >= this.#next + window || this.#heldBytes + bytes > windowBytes) return this.#refuse(seq);
    this.#held.set(seq, { item, bytes, since: clock.now() });
    this.#heldBytes += bytes;
    this.#watch();
    return 'held';
  }

  /** Nothing came of a number that has had its turn, and its sender has been told to come again: then it is let in at once. */
  readmit(seq: number): void {
    if (seq < this.#next) remember(this.#readmitted, seq, this.#settings.window);
  }

  /** Nobody can send what is missing now: nothing is given up until {@link resume}. */
  suspend(): void {
    this.#isSuspended = true;
    this.#stop();
  }

  /** What is missing has its whole time from now on. */
  resume(): void {
    this.#isSuspended = false;
    const now = this.#settings.clock.now();
    for (const held of this.#held.values()) held.since = now;
    if (this.#ahead !== null) this.#ahead = { seq: this.#ahead.seq, since: now };
    this.#watch();
  }

  /** Takes out what waits, by number. */
  clear(): Item[] {
    this.#stop();
    const items = [...this.#held].sort(([a], [b]) => a - b).map(([, { item }]) => item);
    this.#held.clear();
    this.#heldBytes = 0;
    this.#ahead = null;
    return items;
  }

  /** Who numbers on from an earlier life may begin anywhere; what comes first need not be the first of them. */
  #start(seq: number): void {
    this.#isFresh = false;
    this.#first = this.#next = Math.max(1, seq - this.#settings.window + 1);
  }

  #refuse(seq: number): SequencerVerdict {
    const since = this.#ahead?.since ?? this.#settings.clock.now();
    if (this.#ahead === null || seq < this.#ahead.seq) this.#ahead = { seq, since };
    this.#watch();
    return 'beyond';
  }

  #afterwards(seq: number, item: Item): SequencerVerdict {
    if (seq < this.#first || this.#givenUp.has(seq)) return 'late';
    if (!this.#readmitted.delete(seq)) return 'passed';
    this.#sink.release(item);
    return 'released';
  }

  #releaseFollowers(): void {
    for (let held = this.#held.get(this.#next); held !== undefined; held = this.#held.get(this.#next)) {
      this.#held.delete(this.#next++);
      this.#heldBytes -= held.bytes;
      this.#sink.release(held.item);
    }
  }

  /** One timer, for the one that has waited for longest. */
  #watch(): void {
    if (this.#ahead !== null && (this.#ahead.seq <= this.#next || this.#held.has(this.#ahead.seq)))
      this.#ahead = null;
    const [oldest] = this.#held.values();
    const since = Math.min(oldest?.since ?? Infinity, this.#ahead?.since ?? Infinity);
    if (since === Infinity) return this.#stop();
    if (this.#timer !== null || this.#isSuspended) return;
    const { clock, gapMs } = this.#settings;
    const leftMs = since + gapMs - clock.now();
    this.#timer = {
      handle: clock.setTimeout(() => {
        this.#timer = null;
        this.#giveUp(clock.now() - gapMs);
        this.#watch();
      }, leftMs),
    };
  }

  /** Lets through what waits since then or longer, and with it everything before it. */
  #giveUp(since: number): void {
    const ahead = this.#ahead;
    let upTo = ahead !== null && ahead.since <= since ? ahead.seq : 0;
    for (const [seq, held] of this.#held) if (held.since <= since && seq > upTo) upTo = seq;
    const waiting = [...this.#held.keys()].filter((seq) => seq <= upTo).sort((a, b) => a - b);
    for (const seq of waiting) {
      // Released with those before it, or taken out by who was told of one.
      if (!this.#held.has(seq)) continue;
      this.#skipTo(seq);
      this.#releaseFollowers();
    }
    if (this.#ahead === ahead && ahead?.seq === upTo) this.#skipTo(upTo);
  }

  #skipTo(seq: number): void {
    const from = this.#next;
    if (seq <= from) return;
    this.#next = seq;
    const { window } = this.#settings;
    for (let missing = Math.max(from, seq - window); missing < seq; missing++)
      remember(this.#givenUp, missing, window);
    this.#sink.gaveUp(seq - from);
  }

  #stop(): void {
    if (this.#timer !== null) this.#settings.clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
  }
}

function remember(numbers: Set<number>, seq: number, most: number): void {
  numbers.add(seq);
  for (const oldest of numbers) {
    if (numbers.size <= most) return;
    numbers.delete(oldest);
  }
}
