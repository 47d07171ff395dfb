import type { DecodeLimits } from '../protocol/limits.js';
import { FrameWalk, untilBreak } from './frame-walk.js';

/** Major types (RFC 8949 section 3.1). */
const unsigned = 0;
const negative = 1;
const byteString = 2;
const textString = 3;
const array = 4;
const map = 5;
const tag = 6;
const indefinite = 31;

/** Tags (RFC 8949 section 3.4, RFC 8746 section 2.1). */
const dateText = 0;
const dateSeconds = 1;
const uint8Array = 64;

/** An RFC 3339 date and time has no more characters. */
const longestDate = 64;

/** What of CBOR is taken beyond JSON's values and bytes. */
export interface CborScanOptions {
  /** Dates (tags 0 and 1). */
  readonly dates: boolean;
  readonly containers: number;
}

/**
 * Reads a frame of CBOR (RFC 8949) without decoding it, and refuses what the decoder must not see: nesting beyond the
 * limit, lengths beyond the frame, text that is not UTF-8, keys that are no text or come twice, tags but for the bytes
 * of a `Uint8Array`, strings in pieces, simple values without a meaning, whole numbers that JavaScript cannot hold, and
 * bytes after the end. Arrays and maps of indefinite length are taken.
 */
export class CborScan {
  readonly #walk: FrameWalk;
  readonly #takesDates: boolean;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  constructor({ dates, containers }: CborScanOptions) {
    this.#walk = new FrameWalk('CBOR', containers);
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
    const first = this.#byte();
    if (first === 0xff) return walk.break();
    const major = first >> 5;
    const info = first & 0x1f;
    if (walk.isAtKey && major !== textString) walk.refuse('a key is no text');
    if (major === array || major === map) return this.#open(major === map, info);
    if (major === tag) return this.#tag(this.#argument(info));
    if (major > tag) return this.#simple(info);
    const argument = this.#argument(info);
    if (major === unsigned || major === negative) return this.#integer(argument);
    const start = this.#at;
    this.#skip(argument);
    if (major === byteString) walk.item();
    else if (walk.isAtKey) walk.key(start, this.#at);
    else walk.text(start, this.#at);
  }

  /** Of a negative number the argument is -1 - n. */
  #integer(argument: number): void {
    if (argument >= Number.MAX_SAFE_INTEGER) this.#walk.refuse('a whole number is beyond 2^53');
    this.#walk.item();
  }

  #open(isMap: boolean, info: number): void {
    if (info === indefinite) return this.#walk.open(isMap, untilBreak);
    const count = this.#argument(info);
    if ((isMap ? count * 2 : count) > this.#bytes.length - this.#at) this.#walk.refuse('it ends too early');
    this.#walk.open(isMap, count);
  }

  /** What is tagged must follow at once: a tag is not an item, and does not nest. */
  #tag(number: number): void {
    const first = this.#byte();
    const major = first >> 5;
    const info = first & 0x1f;
    if (number === uint8Array && major === byteString) {
      this.#skip(this.#argument(info));
    } else if (this.#takesDates && number === dateSeconds && (major === unsigned || major === negative)) {
      return this.#integer(this.#argument(info));
    } else if (this.#takesDates && number === dateSeconds && first >= 0xf9 && first <= 0xfb) {
      this.#skip(2 ** (info - 24));
    } else if (this.#takesDates && number === dateText && major === textString) {
      const start = this.#at;
      const length = this.#argument(info);
      if (length > longestDate) this.#walk.refuse('a date is too long');
      this.#skip(length);
      return this.#walk.text(start, this.#at);
    } else this.#walk.refuse('it has a tag');
    this.#walk.item();
  }

  /** False, true, null and undefined; floats of two, four and eight bytes. */
  #simple(info: number): void {
    if (info >= 25 && info <= 27) this.#skip(2 ** (info - 24));
    else if (info < 20 || info > 23) this.#walk.refuse('it has a simple value');
    this.#walk.item();
  }

  /** RFC 8949 section 3: in the first byte, or in the one, two, four or eight that follow. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27)
      this.#walk.refuse(info === indefinite ? 'a string is in pieces' : 'it has a length of no kind');
    const start = this.#at;
    this.#skip(2 ** (info - 24));
    let argument = 0;
    for (let at = start; at < this.#at; at++) argument = argument * 256 + this.#bytes[at]!;
    return argument;
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) this.#walk.refuse('it ends too early');
    return this.#bytes[this.#at++]!;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#walk.refuse('it ends too early');
    this.#at += length;
  }
}
