import type { OutgoingFrame, WrittenCallback } from './outgoing-frame.js';

/** One message that waits for a slow socket. A fragmented one has several parts, which nothing may come between. */
interface Entry {
  /** Null: it is not known yet, and nothing behind it may go before. */
  parts: readonly Buffer[] | null;
  bytes: number;
  readonly key: string | null;
  readonly droppable: boolean;
  readonly written: WrittenCallback | null;
}

/** The place of a message that is still being made. Both do nothing once the place is gone. */
export interface PlaceInBacklog {
  fill(parts: readonly Buffer[]): void;
  giveUp(): void;
}

/** A part to write. */
export interface BacklogPart {
  readonly bytes: Buffer;
  /** The whole message, where this is its first part. */
  readonly begins: readonly Buffer[] | null;
  /** Belongs to the part that ends its message. */
  readonly written: WrittenCallback | null;
}

/** Messages in order, for a socket that does not take them as fast as they come; the parts of one message stay together. */
export class Backlog {
  readonly #entries: (Entry | undefined)[] = [];
  #head = 0;
  /** Parts of the first entry that have gone; while there are any, it can no longer be dropped. */
  #partsGone = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#head === this.#entries.length;
  }

  push(frame: OutgoingFrame, written: WrittenCallback | null = null): void {
    this.pushParts([frame.bytes], frame.key, frame.droppable, written);
  }

  pushParts(
    parts: readonly Buffer[],
    key: string | null,
    droppable: boolean,
    written: WrittenCallback | null = null,
  ): void {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    this.#entries.push({ parts, bytes, key, droppable, written });
    this.#bytes += bytes;
  }

  /** Keeps a place for a message that is still being made. Until it is filled or given up, nothing behind it goes. */
  hold(weight: number, key: string | null, droppable: boolean): PlaceInBacklog {
    const entry: Entry = { parts: null, bytes: weight, key, droppable, written: null };
    this.#entries.push(entry);
    this.#bytes += weight;
    return {
      fill: (parts) => {
        if (!this.#entries.includes(entry, this.#head)) return;
        let bytes = 0;
        for (const part of parts) bytes += part.length;
        this.#bytes += bytes - entry.bytes;
        entry.parts = parts;
        entry.bytes = bytes;
      },
      giveUp: () => void this.#drop((one) => one === entry),
    };
  }

  /** Whether the first message is still being made. */
  get isHeld(): boolean {
    return this.#entries[this.#head]?.parts === null;
  }

  /** Takes the next part to write. */
  shift(): BacklogPart | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined || entry.parts === null) return undefined;
    const bytes = entry.parts[this.#partsGone] as Buffer;
    const begins = this.#partsGone === 0 ? entry.parts : null;
    this.#bytes -= bytes.length;
    this.#partsGone++;
    const isLast = this.#partsGone === entry.parts.length;
    if (isLast) {
      this.#partsGone = 0;
      this.#advance();
    }
    return { bytes, begins, written: isLast ? entry.written : null };
  }

  /** Drops the oldest message that may be dropped. False when there is none. */
  dropOldest(): boolean {
    return this.#drop((entry) => entry.droppable);
  }

  /** Drops the queued message with this key. False when there is none. */
  dropKey(key: string): boolean {
    return this.#drop((entry) => entry.droppable && entry.key === key);
  }

  /** Forgets everything and tells those who wait why. */
  clear(error: Error): number {
    const dropped = this.#entries.length - this.#head;
    for (let i = this.#head; i < this.#entries.length; i++) this.#entries[i]?.written?.(error);
    this.#entries.length = 0;
    this.#head = 0;
    this.#bytes = 0;
    this.#partsGone = 0;
    return dropped;
  }

  #drop(matches: (entry: Entry) => boolean): boolean {
    const first = this.#partsGone > 0 ? this.#head + 1 : this.#head;
    for (let i = first; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Entry;
      if (!matches(entry)) continue;
      this.#bytes -= entry.bytes;
      if (i === this.#head) this.#advance();
      else this.#entries.splice(i, 1);
      entry.written?.(new Error('dropped: the connection reads too slowly'));
      return true;
    }
    return false;
  }

  /** Moves the head; the dead front of the array goes once it is half of it, so that a shift stays O(1) on average. */
  #advance(): void {
    this.#entries[this.#head] = undefined;
    this.#head++;
    if (this.#head < 64 || this.#head * 2 < this.#entries.length) return;
    this.#entries.splice(0, this.#head);
    this.#head = 0;
  }
}
