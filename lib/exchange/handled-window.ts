import { IdIndex } from './id-index.js';

/** Bytes that several windows may keep together. */
export interface SharedBytes {
  readonly max: number;
  used: number;
}

/** Bounds of a {@link HandledWindow}. */
export interface HandledWindowLimits {
  /** Messages that are remembered; those that still run are not pushed out. */
  readonly messages: number;
  /** Bytes of the outcomes that are kept; the oldest are given up first. */
  readonly bytes: number;
  readonly shared: SharedBytes;
}

/** A message that has come before. */
export class Handled<Key, Outcome> {
  key: Key;
  /** What it was about: the same id for something else is no repeat. */
  event: string;
  /** Undefined while it runs, and when it is not kept any more. */
  outcome: Outcome | undefined = undefined;
  /** @internal Of the outcome; -1 while it runs. */
  bytes = -1;
  /** @internal Whether somebody has waited for it, and may still hold it. */
  wasAwaited = false;
  #waiting: (() => void)[] | null = null;

  constructor(key: Key, event: string) {
    this.key = key;
    this.event = event;
  }

  get isRunning(): boolean {
    return this.bytes < 0;
  }

  /** Resolves when it does not run any more. */
  settled(): Promise<void> {
    this.wasAwaited = true;
    return new Promise((resolve) => void (this.#waiting ??= []).push(resolve));
  }

  /** @internal Becomes another message's: objects that live as long as these are dear to the garbage collector. */
  reuse(key: Key, event: string): this | undefined {
    if (this.wasAwaited) return undefined;
    this.key = key;
    this.event = event;
    this.outcome = undefined;
    this.bytes = -1;
    return this;
  }

  /** @internal */
  settle(): void {
    if (this.bytes < 0) this.bytes = 0;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) for (const tell of waiting) tell();
  }
}

/** What became of the messages of one peer, by their ids: the latest, however long ago. One small object for each. */
export class HandledWindow<Key, Outcome> {
  readonly #limits: HandledWindowLimits;
  readonly #byKey = new IdIndex<Key, Handled<Key, Outcome>>();
  /** In the order they came; undefined where one was forgotten. */
  #order: (Handled<Key, Outcome> | undefined)[] = [];
  #head = 0;
  /** Before this one no outcome is kept any more. */
  #firstKept = 0;
  #bytes = 0;
  /** Places of forgotten ones. */
  #holes = 0;

  constructor(limits: HandledWindowLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Bytes of the outcomes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: Key): Handled<Key, Outcome> | undefined {
    return this.#byKey.get(key);
  }

  /** A message that has not come before. Undefined: no room, as all that are remembered still run. */
  begin(key: Key, event: string): Handled<Key, Outcome> | undefined {
    const oldest = this.#byKey.size < this.#limits.messages ? null : this.#pushOut();
    if (oldest === undefined) return undefined;
    const handled = oldest?.reuse(key, event) ?? new Handled<Key, Outcome>(key, event);
    this.#byKey.add(handled);
    this.#order.push(handled);
    return handled;
  }

  /** It is done. The outcome is kept as long as there is room for it. */
  done(handled: Handled<Key, Outcome>, outcome: Outcome, bytes: number): void {
    const { shared, bytes: max } = this.#limits;
    if (bytes <= max) {
      while (this.#bytes + bytes > max || (shared.used + bytes > shared.max && this.#bytes > 0))
        this.#giveUpOldest();
      if (shared.used + bytes <= shared.max) {
        handled.outcome = outcome;
        handled.bytes = bytes;
        this.#bytes += bytes;
        shared.used += bytes;
      }
    }
    handled.settle();
  }

  /** Nothing came of it: the next one is a first. */
  forget(handled: Handled<Key, Outcome>): void {
    this.#byKey.delete(handled.key);
    const at = this.#order.lastIndexOf(handled);
    if (at === this.#order.length - 1) this.#order.pop();
    else if (at >= 0) {
      this.#order[at] = undefined;
      this.#holes++;
    }
    if (this.#holes > this.#limits.messages) this.#close();
    handled.settle();
  }

  clear(): void {
    this.#limits.shared.used -= this.#bytes;
    this.#bytes = 0;
    this.#byKey.clear();
    this.#order = [];
    this.#close();
  }

  /** Forgets the oldest that does not run. Undefined: there is none. */
  #pushOut(): Handled<Key, Outcome> | undefined {
    // Those that run go to the end of the line, each once.
    for (let left = this.#order.length - this.#head; left > 0; left--) {
      const oldest = this.#order[this.#head];
      this.#order[this.#head] = undefined;
      this.#head++;
      if (oldest?.isRunning === true) this.#order.push(oldest);
      this.#cut();
      if (oldest === undefined || oldest.isRunning) continue;
      this.#giveUp(oldest);
      this.#byKey.delete(oldest.key);
      return oldest;
    }
    return undefined;
  }

  #giveUpOldest(): void {
    this.#firstKept = Math.max(this.#firstKept, this.#head);
    while (this.#firstKept < this.#order.length) {
      const handled = this.#order[this.#firstKept];
      if (handled !== undefined && handled.bytes > 0) return this.#giveUp(handled);
      // One that runs now is passed as well: what it will keep goes when it is pushed out.
      this.#firstKept++;
    }
    this.#firstKept = this.#head;
  }

  #giveUp(handled: Handled<Key, Outcome>): void {
    this.#bytes -= handled.bytes;
    this.#limits.shared.used -= handled.bytes;
    handled.bytes = 0;
    handled.outcome = undefined;
  }

  #close(): void {
    this.#order = this.#order.filter((handled) => handled !== undefined);
    this.#head = 0;
    this.#firstKept = 0;
    this.#holes = 0;
  }

  /** The dead front goes once it is half of the array. */
  #cut(): void {
    if (this.#head < 64 || this.#head * 2 < this.#order.length) return;
    this.#order.splice(0, this.#head);
    this.#firstKept = Math.max(0, this.#firstKept - this.#head);
    this.#head = 0;
  }
}
