/** Longer ones are not kept for what is written next. */
const keptBytes = 65_536;

/** Numbers, texts and bytes back to back, as {@link ByteReader} reads them. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1_024);
  #length = 0;

  /** Of what was written. */
  get length(): number {
    return this.#length;
  }

  number(value: number): void {
    this.#makeRoom(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Halves of surrogate pairs are lost: texts that may have some go as JSON. */
  text(value: string): void {
    this.#makeRoom(4 + 3 * value.length);
    const length = this.#bytes.write(value, this.#length + 4);
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length += 4 + length;
  }

  bytes(value: Uint8Array): void {
    this.#makeRoom(4 + value.length);
    this.#length = this.#bytes.writeUInt32LE(value.length, this.#length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** What is written meanwhile, as bytes. */
  block(write: () => void): void {
    this.#makeRoom(4);
    const at = this.#length;
    this.#length += 4;
    write();
    this.#bytes.writeUInt32LE(this.#length - at - 4, at);
  }

  /** Gives what was written, and begins anew. */
  take(): Uint8Array {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.clear();
    return taken;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafe(1_024);
  }

  #makeRoom(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
