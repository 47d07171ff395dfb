/** Reads what a {@link ByteWriter} has written, in the same order. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(): string {
    const from = this.#begin();
    return this.#bytes.toString('utf8', from, this.#at);
  }

  /** A part of what is read: not a copy. */
  bytes(): Buffer {
    return this.#bytes.subarray(this.#begin(), this.#at);
  }

  #begin(): number {
    const from = this.#at + 4;
    this.#at = from + this.#bytes.readUInt32LE(this.#at);
    return from;
  }
}
