/** Up to so many keys of a map are compared one by one; a longer map gets hashed. */
const fewKeys = 16;
/** Fields of a remembered key: start, length, hash. */
const keyFields = 3;
/** Fields of a slot of the table: the map's number, the key's place. */
const slotFields = 2;
/** At most half of the slots are taken, where runs of this length do not happen but on purpose. */
const longestRun = 256;
/** Scratch memory that is kept from frame to frame. */
const keptSlots = 1 << 15;
const lastMapNumber = 2 ** 31 - 2;

/** Finds keys that a map has twice, without a string or a set being made of them. Holds scratch memory and is used for one frame at a time. */
export class KeyWatch {
  /** Unknown to peers, so that they cannot make keys that meet in the table. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #bytes: Uint8Array = new Uint8Array();
  #keys = new Int32Array(keyFields * 256);
  #count = 0;
  #table = new Int32Array(0);
  /** Numbers of maps grow from frame to frame, so that slots of earlier frames count as free and are not wiped. */
  #mapNumber = 1;
  #firstOfFrame = 1;

  /** Forgets all, for the keys of another frame. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#count = 0;
    if (this.#mapNumber > lastMapNumber - bytes.length) {
      this.#table.fill(0);
      this.#mapNumber = 1;
    }
    this.#firstOfFrame = this.#mapNumber;
  }

  /** Lets go of the frame, and of scratch memory that only a huge one needs. */
  end(): void {
    this.#bytes = new Uint8Array();
    if (this.#table.length > keptSlots * slotFields) this.#table = new Int32Array(0);
    if (this.#keys.length > keptSlots * keyFields) this.#keys = new Int32Array(keyFields * 256);
  }

  /** A map begins. @returns what its keys are added with, and where its end releases them */
  openMap(): number {
    return this.#count;
  }

  /** A map has ended: its keys are forgotten. Maps end in the reverse order of their beginnings. */
  closeMap(mark: number): void {
    this.#count = mark;
  }

  /** The number of a map, for {@link add}. */
  nextMapNumber(): number {
    return this.#mapNumber++;
  }

  /** Remembers a key of the map that began at `mark`. False: the map has it already. */
  add(start: number, end: number, mark: number, mapNumber: number): boolean {
    const hash = this.#hash(start, end);
    const isNew =
      this.#count - mark < fewKeys
        ? this.#isNewAmongFew(start, end - start, hash, mark)
        : this.#isNewAmongMany(start, end - start, hash, mark, mapNumber);
    if (!isNew) return false;
    this.#push(start, end - start, hash);
    return true;
  }

  #isNewAmongFew(start: number, length: number, hash: number, mark: number): boolean {
    for (let key = mark; key < this.#count; key++) {
      if (this.#isSame(key, start, length, hash)) return false;
    }
    return true;
  }

  #isNewAmongMany(start: number, length: number, hash: number, mark: number, mapNumber: number): boolean {
    if (this.#count - mark === fewKeys) {
      this.#makeTable();
      for (let key = mark; key < this.#count; key++) {
        const from = key * keyFields;
        this.#insert(key, this.#keys[from]!, this.#keys[from + 1]!, this.#keys[from + 2]!, mapNumber);
      }
    }
    return this.#insert(this.#count, start, length, hash, mapNumber);
  }

  #insert(key: number, start: number, length: number, hash: number, mapNumber: number): boolean {
    const table = this.#table;
    const mask = table.length / slotFields - 1;
    let slot = (hash ^ (hash >>> 15) ^ Math.imul(mapNumber, 0x9e3779b1)) & mask;
    for (let run = 0; run < longestRun; run++) {
      const at = slot * slotFields;
      const owner = table[at]!;
      if (owner < this.#firstOfFrame) {
        table[at] = mapNumber;
        table[at + 1] = key;
        return true;
      }
      if (owner === mapNumber && this.#isSame(table[at + 1]!, start, length, hash)) return false;
      slot = (slot + 1) & mask;
    }
    return false;
  }

  /** Slots for twice the keys that the frame can have: each takes two bytes at least. */
  #makeTable(): void {
    const slots = 2 ** Math.ceil(Math.log2(this.#bytes.length + fewKeys));
    // One that was made in this frame is long enough for it: what is replaced holds nothing that counts.
    if (this.#table.length < slots * slotFields) this.#table = new Int32Array(slots * slotFields);
  }

  #isSame(key: number, start: number, length: number, hash: number): boolean {
    const from = key * keyFields;
    if (this.#keys[from + 2] !== hash || this.#keys[from + 1] !== length) return false;
    const other = this.#keys[from]!;
    for (let offset = 0; offset < length; offset++) {
      if (this.#bytes[start + offset] !== this.#bytes[other + offset]) return false;
    }
    return true;
  }

  #push(start: number, length: number, hash: number): void {
    const at = this.#count * keyFields;
    if (at === this.#keys.length) {
      const longer = new Int32Array(this.#keys.length * 2);
      longer.set(this.#keys);
      this.#keys = longer;
    }
    this.#keys[at] = start;
    this.#keys[at + 1] = length;
    this.#keys[at + 2] = hash;
    this.#count++;
  }

  /** FNV-1a. */
  #hash(start: number, end: number): number {
    let hash = this.#seed | 0;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ this.#bytes[at]!, 0x01000193);
    return hash;
  }
}
