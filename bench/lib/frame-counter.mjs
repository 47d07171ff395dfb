// Counts the data frames in a server's byte stream without decoding them.

/** Calls `onFrame(opcode, firstBytes)` at the end of each frame; `firstBytes` are the payload's first two, as a number. */
export class FrameCounter {
  #onFrame;
  #header = Buffer.allocUnsafe(10);
  #headerBytes = 0;
  #left = 0;
  #opcode = 0;
  #seen = 0;
  #first = 0;

  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** Takes `length` bytes of `bytes` from `start`. */
  read(bytes, start, length) {
    for (let i = start; i < length;) {
      if (this.#left > 0) {
        i = this.#skip(bytes, i, length);
        continue;
      }
      this.#header[this.#headerBytes++] = bytes[i++];
      if (this.#headerBytes < 2) continue;
      const short = this.#header[1];
      if (this.#headerBytes < (short < 126 ? 2 : short === 126 ? 4 : 10)) continue;
      this.#begin(short);
    }
  }

  #begin(short) {
    this.#opcode = this.#header[0] & 15;
    this.#left =
      short < 126
        ? short
        : short === 126
          ? this.#header.readUInt16BE(2)
          : Number(this.#header.readBigUInt64BE(2));
    this.#headerBytes = this.#seen = this.#first = 0;
    if (this.#left === 0) this.#onFrame(this.#opcode, 0);
  }

  #skip(bytes, at, length) {
    for (; this.#seen < 2 && this.#left > 0 && at < length; at++, this.#left--, this.#seen++) {
      this.#first = this.#first * 256 + bytes[at];
    }
    const take = Math.min(this.#left, length - at);
    this.#left -= take;
    if (this.#left === 0) this.#onFrame(this.#opcode, this.#first);
    return at + take;
  }
}
