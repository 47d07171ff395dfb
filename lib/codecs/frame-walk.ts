import { ErrorCode } from '../protocol/error-code.js';
import { decodeDefaults, type DecodeLimits } from '../protocol/limits.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { KeyWatch } from './key-watch.js';
import { isUtf8 } from './utf8.js';

/** What the decoders, which recurse, are given at most, also where `jsonDepth` is switched off. */
export const deepestNesting = 512;

/** The left count of a container whose end is marked in the bytes. */
export const untilBreak = Infinity;

const protoKey = new TextEncoder().encode('__proto__');

/**
 * Follows the nesting of a binary frame while a scanner reads its bytes, before any of it is decoded: depth, number
 * of containers, where a key must stand, and keys that no map may have. One is used for one frame at a time, again and again.
 */
export class FrameWalk {
  /** Items that the open containers still lack: of a map twice its pairs. */
  readonly #left = new Float64Array(deepestNesting + 1);
  readonly #isMap = new Uint8Array(deepestNesting + 1);
  readonly #mark = new Int32Array(deepestNesting + 1);
  readonly #mapNumber = new Int32Array(deepestNesting + 1);
  /** Of an open container that ends with a break: whether its next item is a key. */
  readonly #isAtKey = new Uint8Array(deepestNesting + 1);
  readonly #keys = new KeyWatch();
  readonly #most: number;
  readonly #codec: string;
  #bytes: Uint8Array = new Uint8Array();
  #depth = 0;
  #deepest = 0;
  #batchItems = 0;
  #containers = 0;
  #isDone = false;

  /**
   * @param codec for messages
   * @param containers arrays and maps of a frame: an empty one is a byte on the wire, and an object in memory
   */
  constructor(codec: string, containers: number) {
    this.#codec = codec;
    this.#most = containers;
  }

  begin(bytes: Uint8Array, limits: Partial<DecodeLimits>): void {
    this.#bytes = bytes;
    this.#keys.begin(bytes);
    this.#depth = 0;
    this.#containers = 0;
    this.#isDone = false;
    this.#deepest = Math.min(limits.jsonDepth ?? decodeDefaults.jsonDepth, deepestNesting);
    this.#batchItems = limits.batchItems ?? decodeDefaults.batchItems;
  }

  /** Always called, also after a refusal: lets go of the frame. */
  end(): void {
    this.#bytes = new Uint8Array();
    this.#keys.end();
  }

  /** The one item of the frame has been read to its end. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The next item must be the key of a map. */
  get isAtKey(): boolean {
    return this.#isAtKey[this.#depth] === 1;
  }

  /** An item without items in it has been read. */
  item(): void {
    let depth = this.#depth;
    while (depth > 0) {
      if (this.#isMap[depth] === 1) this.#isAtKey[depth] = 1;
      this.#left[depth]!--;
      if (this.#left[depth]! > 0) break;
      this.#close(depth);
      depth--;
    }
    this.#depth = depth;
    if (depth === 0) this.#isDone = true;
  }

  /** A key from `start` to `end` has been read: it is text, and the map has it for the first time. */
  key(start: number, end: number): void {
    if (!isUtf8(this.#bytes, start, end)) this.refuse('a key is not UTF-8');
    if (this.#isProto(start, end)) this.refuse('a key is "__proto__"');
    const depth = this.#depth;
    if (!this.#keys.add(start, end, this.#mark[depth]!, this.#mapNumber[depth]!))
      this.refuse('a map has a key twice');
    this.#left[depth]!--;
    this.#isAtKey[depth] = 0;
  }

  /** Text from `start` to `end` has been read. */
  text(start: number, end: number): void {
    if (!isUtf8(this.#bytes, start, end)) this.refuse('a text is not UTF-8');
    this.item();
  }

  /** A container begins. `count` is of items, or of pairs; {@link untilBreak} when the bytes say where it ends. */
  open(isMap: boolean, count: number): void {
    if (this.#depth === 0 && !isMap && count !== untilBreak && count > this.#batchItems)
      throw new ProtocolError(ErrorCode.BatchTooLarge, `a batch has at most ${this.#batchItems} envelopes`);
    if (this.#depth >= this.#deepest)
      throw new ProtocolError(ErrorCode.TooDeep, `the frame is nested more than ${this.#deepest} deep`);
    if (++this.#containers > this.#most)
      throw new ProtocolError(
        ErrorCode.PayloadTooLarge,
        `the frame has more than ${this.#most} arrays and maps`,
      );
    if (count === 0) return this.item();
    const depth = ++this.#depth;
    this.#left[depth] = isMap ? count * 2 : count;
    this.#isMap[depth] = isMap ? 1 : 0;
    this.#isAtKey[depth] = isMap ? 1 : 0;
    if (!isMap) return;
    this.#mark[depth] = this.#keys.openMap();
    this.#mapNumber[depth] = this.#keys.nextMapNumber();
  }

  /** The mark that ends a container has been read. */
  break(): void {
    const depth = this.#depth;
    if (depth === 0 || this.#left[depth] !== untilBreak) this.refuse('a break ends nothing');
    if (this.#isMap[depth] === 1 && this.#isAtKey[depth] === 0) this.refuse('a key has no value');
    this.#close(depth);
    this.#depth--;
    this.item();
  }

  /** @throws {ProtocolError} always */
  refuse(why: string): never {
    throw new ProtocolError(
      ErrorCode.Undecodable,
      `the frame is not ${this.#codec} as it is spoken here: ${why}`,
    );
  }

  #close(depth: number): void {
    if (this.#isMap[depth] === 1) this.#keys.closeMap(this.#mark[depth]!);
  }

  #isProto(start: number, end: number): boolean {
    if (end - start !== protoKey.length) return false;
    for (let at = 0; at < protoKey.length; at++) {
      if (this.#bytes[start + at] !== protoKey[at]) return false;
    }
    return true;
  }
}
