const leastSlots = 16;

/**
 * A map whose keys are mostly numbers that count up, as ids do: those have a slot each in an array, found without hashing.
 * Other keys, and numbers whose slot is taken, are in a map beside it.
 */
export class IdIndex<Key, Value extends { readonly key: Key }> {
  /** As many as a power of two; null until there is a number. */
  #slots: (Value | undefined)[] | null = null;
  #inSlots = 0;
  #others: Map<Key, Value> | null = null;

  get size(): number {
    return this.#inSlots + (this.#others?.size ?? 0);
  }

  get(key: Key): Value | undefined {
    const found = this.#slots?.[this.#slotOf(key)];
    return found?.key === key ? found : this.#others?.get(key);
  }

  /** Its key MUST NOT be there. */
  add(value: Value): void {
    const { key } = value;
    if (!isId(key)) return this.#addOther(value);
    const slots = this.#roomySlots();
    const slot = this.#slotOf(key);
    if (slots[slot] !== undefined) return this.#addOther(value);
    slots[slot] = value;
    this.#inSlots++;
  }

  delete(key: Key): void {
    const slot = this.#slotOf(key);
    if (this.#slots?.[slot]?.key === key) {
      this.#slots[slot] = undefined;
      this.#inSlots--;
    } else this.#others?.delete(key);
  }

  clear(): void {
    this.#slots = null;
    this.#inSlots = 0;
    this.#others = null;
  }

  #slotOf(key: Key): number {
    return isId(key) && this.#slots !== null ? key & (this.#slots.length - 1) : -1;
  }

  #addOther(value: Value): void {
    (this.#others ??= new Map<Key, Value>()).set(value.key, value);
  }

  /** Half of them are free: ids that count up find theirs free. */
  #roomySlots(): (Value | undefined)[] {
    const slots = this.#slots;
    if (slots === null) return (this.#slots = Array<Value | undefined>(leastSlots).fill(undefined));
    if (this.#inSlots * 2 < slots.length) return slots;
    const before = slots.filter((value) => value !== undefined);
    const larger = (this.#slots = Array<Value | undefined>(slots.length * 2).fill(undefined));
    // Two that had different slots have different ones among more.
    for (const value of before) larger[this.#slotOf(value.key)] = value;
    return larger;
  }
}

/** What can be masked: a whole number of 31 bits. */
function isId(key: unknown): key is number {
  return typeof key === 'number' && key >>> 0 === key && key < 2 ** 31;
}
