import type { LogEntry, LoggedMessage, LogPage, LogPosition, LogQuery, Retention } from '../message-log.js';

/** A message, or the place of one that has left: a later one with its key has come, or a bound has cost it. */
interface Place {
  readonly offset: number;
  readonly bytes: number;
  entry: LogEntry | null;
}

/** Empty places that are kept, beyond as many as there are messages, before the rest moves up. */
const slack = 64;

/** One log: its places in order, so that an offset is found by halving, and the oldest leaves without the rest moving. */
export class MemoryLog {
  readonly #epoch: string;
  #places: Place[] = [];
  #first = 0;
  /** By key, as long as only the latest of a key is kept. */
  readonly #latest = new Map<string, Place>();
  #isPerKey = false;
  #offset = 0;
  /** The last message that a bound has cost. */
  #lost = 0;
  #at = -Infinity;
  #ageMs = Infinity;
  #messages = 0;
  #bytes = 0;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** Messages that are kept. */
  get messages(): number {
    return this.#messages;
  }

  /** Of their bodies and keys. */
  get bytes(): number {
    return this.#bytes;
  }

  append({ body, key }: LoggedMessage, retention: Retention, now: number): LogPosition {
    // What was too old by the bound until now does not come back by a wider one.
    if (retention.ageMs !== this.#ageMs) this.forgetAged(now);
    const offset = ++this.#offset;
    // Never back, also when the machine's clock is: so the oldest is the first to be too old.
    this.#at = Math.max(this.#at, now);
    const bytes = Buffer.byteLength(body) + (key === undefined ? 0 : Buffer.byteLength(key));
    const entry = { offset, at: this.#at, body, ...(key !== undefined && { key }) };
    const place: Place = { offset, bytes, entry };
    this.#places.push(place);
    this.#messages++;
    this.#bytes += bytes;
    if (retention.latestPerKey) this.#keepLatest(place);
    else if (this.#isPerKey) this.#latest.clear();
    this.#isPerKey = retention.latestPerKey;
    this.#ageMs = retention.ageMs;
    this.#trim(retention.count, retention.bytes, now);
    this.#moveUp();
    return this.#position();
  }

  read({ after = 0, before = Infinity, order = 'oldest', limit, maxBytes }: LogQuery, now: number): LogPage {
    this.forgetAged(now);
    const from = this.#indexOf(after + 1);
    const to = this.#indexOf(before) - 1;
    const [start, step] = order === 'oldest' ? [from, 1] : [to, -1];
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let index = start; index >= from && index <= to && entries.length < limit; index += step) {
      const place = this.#places[index]!;
      if (place.entry === null) continue;
      bytes += place.bytes;
      if (bytes > maxBytes && entries.length > 0) break;
      entries.push(place.entry);
    }
    return { ...this.#position(), entries, isWhole: after >= this.#lost };
  }

  /** Lets go of what has become too old since the last append. */
  forgetAged(now: number): void {
    this.#trim(Infinity, Infinity, now);
    this.#moveUp();
  }

  #position(): LogPosition {
    return { epoch: this.#epoch, offset: this.#offset };
  }

  #keepLatest(newest: Place): void {
    // The first of its kind: those before it have not been looked at.
    const places = this.#isPerKey ? [newest] : this.#places.slice(this.#first);
    for (const place of places) {
      const key = place.entry?.key;
      if (key === undefined) continue;
      const earlier = this.#latest.get(key);
      if (earlier !== undefined) this.#empty(earlier);
      this.#latest.set(key, place);
    }
  }

  #trim(count: number, bytes: number, now: number): void {
    for (; this.#first < this.#places.length; this.#first++) {
      const place = this.#places[this.#first]!;
      if (place.entry === null) continue;
      const { at, key } = place.entry;
      if (this.#messages <= count && this.#bytes <= bytes && now - at <= this.#ageMs) return;
      this.#lost = place.offset;
      if (key !== undefined) this.#latest.delete(key);
      this.#empty(place);
    }
  }

  #empty(place: Place): void {
    place.entry = null;
    this.#messages--;
    this.#bytes -= place.bytes;
  }

  #moveUp(): void {
    if (this.#places.length <= 2 * this.#messages + slack) return;
    this.#places = this.#places.filter(({ entry }) => entry !== null);
    this.#first = 0;
  }

  /** Of the first place at `offset` or beyond it. */
  #indexOf(offset: number): number {
    let low = this.#first;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
