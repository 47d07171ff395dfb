import type { DecodeLimits } from '../protocol/limits.js';
import { FrameWalk } from './frame-walk.js';

/** Kinds of tokens, and how many bytes follow those of a fixed size. */
const text = 0x10;
const bytesOf = 0x20;
const array = 0x30;
const map = 0x40;
const ext = 0x50;
const never = 0x60;

/** For each first byte: below 0x10 the bytes that follow it; else a kind, and in the low bits the bytes of its length. */
const tokens = new Uint8Array(256);
tokens.fill(map, 0x80, 0x90).fill(array, 0x90, 0xa0).fill(text, 0xa0, 0xc0);
tokens[0xc1] = never;
for (const [first, kind, sizes] of [
  [0xc4, bytesOf, [1, 2, 4]],
  [0xc7, ext, [1, 2, 4]],
  [0xd9, text, [1, 2, 4]],
  [0xdc, array, [2, 4]],
  [0xde, map, [2, 4]],
  [0xca, 0, [4, 8]],
  [0xcc, 0, [1, 2, 4, 8]],
  [0xd0, 0, [1, 2, 4, 8]],
  [0xd4, ext, [0, 0, 0, 0, 0]],
] as const) {
  sizes.forEach((size, offset) => (tokens[first + offset] = kind | size));
}

const uint64 = 0xcf;
const int64 = 0xd3;
const fixext1 = 0xd4;
const timestampType = 0xff;

/** What of MessagePack is taken beyond JSON's values and bytes. */
export interface MsgpackScanOptions {
  /** Timestamps (extension type -1). */
  readonly dates: boolean;
  readonly containers: number;
}

/**
 * Reads a frame of MessagePack without decoding it, and refuses what the decoder must not see: nesting beyond the limit,
 * lengths beyond the frame, text that is not UTF-8, keys that are no text or come twice, extensions, whole numbers that
 * JavaScript cannot hold, and bytes after the end.
 */
export class MsgpackScan {
  readonly #walk: FrameWalk;
  readonly #takesDates: boolean;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  constructor({ dates, containers }: MsgpackScanOptions) {
    this.#walk = new FrameWalk('MessagePack', containers);
    this.#takesDates = dates;
  }

  /** @throws {ProtocolError} */
  check(bytes: Uint8Array, limits: Partial<DecodeLimits>): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#walk.begin(bytes, limits);
    try {
      while (!this.#walk.isDone) this.#next();
      if (this.#at !== bytes.length) this.#walk.refuse('bytes follow its end');
    } finally {
      this.#walk.end();
      this.#bytes = new Uint8Array();
    }
  }

  #next(): void {
    const walk = this.#walk;
    if (this.#at >= this.#bytes.length) walk.refuse('it ends too early');
    const first = this.#bytes[this.#at++]!;
    const token = tokens[first]!;
    const kind = token & 0xf0;
    if (walk.isAtKey && kind !== text) walk.refuse('a key is no text');
    if (kind === 0) return this.#fixed(first, token);
    if (kind === text) return this.#text(this.#length(token & 0x0f, first & 0x1f));
    if (kind === map) return this.#open(true, this.#length(token & 0x0f, first & 0x0f));
    if (kind === array) return this.#open(false, this.#length(token & 0x0f, first & 0x0f));
    if (kind === bytesOf) {
      this.#skip(this.#length(token & 0x0f, 0));
      return walk.item();
    }
    return kind === ext ? this.#extension(first, token & 0x0f) : walk.refuse('it has a byte c1');
  }

  /** A number, null, true or false: `size` bytes follow. */
  #fixed(first: number, size: number): void {
    const start = this.#at;
    this.#skip(size);
    if ((first === uint64 || first === int64) && !this.#isSafe(start, first === int64))
      this.#walk.refuse('a whole number is beyond 2^53');
    this.#walk.item();
  }

  #text(length: number): void {
    const start = this.#at;
    this.#skip(length);
    if (this.#walk.isAtKey) this.#walk.key(start, this.#at);
    else this.#walk.text(start, this.#at);
  }

  #open(isMap: boolean, count: number): void {
    const least = isMap ? count * 2 : count;
    if (least > this.#bytes.length - this.#at) this.#walk.refuse('it ends too early');
    this.#walk.open(isMap, count);
  }

  #extension(first: number, lengthSize: number): void {
    const length = lengthSize === 0 ? 2 ** (first - fixext1) : this.#length(lengthSize, 0);
    this.#skip(length + 1);
    const type = this.#bytes[this.#at - length - 1];
    if (!this.#takesDates || type !== timestampType || (length !== 4 && length !== 8 && length !== 12))
      this.#walk.refuse('it has an extension');
    this.#walk.item();
  }

  /** The length that stands in `size` bytes, or in the first one. */
  #length(size: number, inFirst: number): number {
    if (size === 0) return inFirst;
    const start = this.#at;
    this.#skip(size);
    let length = 0;
    for (let at = start; at < this.#at; at++) length = length * 256 + this.#bytes[at]!;
    return length;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#walk.refuse('it ends too early');
    this.#at += length;
  }

  #isSafe(start: number, isSigned: boolean): boolean {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8);
    const high = isSigned ? view.getInt32(0) : view.getUint32(0);
    return Number.isSafeInteger(high * 2 ** 32 + view.getUint32(4));
  }
}
