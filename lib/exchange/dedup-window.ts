/** Something that is remembered under a key. */
export interface DedupEntry {
  /** Still being worked on: it is neither forgotten nor pushed out. */
  readonly isRunning: boolean;
  /** It is no longer remembered. */
  forgotten?(): void;
}

/** Bounds of a {@link DedupWindow}. */
export interface DedupWindowLimits {
  /** Keys that are remembered at once. */
  readonly maxKeys: number;
  /** How long a key is remembered once it is done, in milliseconds. */
  readonly ttlMs: number;
}

interface Slot<Entry> {
  readonly entry: Entry;
  /** `Infinity` while it runs. */
  expiresAt: number;
}

/**
 * The keys of late, exactly: a key that is here has been seen, and one that is not has not been seen within the bounds.
 * At the bound the key that has been done for longest makes room.
 */
export class DedupWindow<Key, Entry extends DedupEntry> {
  readonly #limits: DedupWindowLimits;
  /** What is done stands in the order in which it was done. */
  readonly #slots = new Map<Key, Slot<Entry>>();

  constructor(limits: DedupWindowLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#slots.size;
  }

  get(key: Key, now: number): Entry | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (now < slot.expiresAt) return slot.entry;
    this.#forget(key, slot);
    return undefined;
  }

  /** Remembers a key that is being worked on. False: no room, as everything that is remembered still runs. */
  add(key: Key, entry: Entry, now: number): boolean {
    this.sweep(now);
    if (this.#slots.size >= this.#limits.maxKeys && !this.#pushOut()) return false;
    this.#slots.set(key, { entry, expiresAt: Infinity });
    return true;
  }

  /** The work is done: from now on its time runs. */
  done(key: Key, now: number): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    slot.expiresAt = now + this.#limits.ttlMs;
    this.#slots.set(key, slot);
  }

  /** Forgets a key: the next one is a first again. */
  delete(key: Key): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#forget(key, slot);
  }

  /** Forgets what has been remembered for long enough. */
  sweep(now: number): void {
    for (const [key, slot] of this.#slots) {
      if (slot.entry.isRunning) continue;
      if (now < slot.expiresAt) return;
      this.#forget(key, slot);
    }
  }

  clear(): void {
    for (const [key, slot] of this.#slots) this.#forget(key, slot);
  }

  #pushOut(): boolean {
    for (const [key, slot] of this.#slots) {
      if (slot.entry.isRunning) continue;
      this.#forget(key, slot);
      return true;
    }
    return false;
  }

  #forget(key: Key, { entry }: Slot<Entry>): void {
    this.#slots.delete(key);
    entry.forgotten?.();
  }
}
