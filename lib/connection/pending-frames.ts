import type { OutgoingFrame } from './outgoing-frame.js';

/**
 * A sequence of frames that some connections wait to be written: a node of a trie whose edges are frames.
 *
 * Connections with the same pending sequence hold the same node, and the bytes of a node are joined once. So ten
 * broadcasts of one tick to a thousand connections cost ten steps per connection and one concatenation in all.
 */
export class PendingFrames {
  readonly #parent: PendingFrames | null;
  readonly #frame: OutgoingFrame | null;
  /** Bytes of the whole sequence. */
  readonly size: number;
  /** Frames of the whole sequence. */
  readonly count: number;
  #lastFrame: OutgoingFrame | null = null;
  #lastChild: PendingFrames | null = null;
  #children: Map<OutgoingFrame, PendingFrames> | null = null;
  #bytes: Buffer | null = null;

  private constructor(parent: PendingFrames | null, frame: OutgoingFrame | null) {
    this.#parent = parent;
    this.#frame = frame;
    this.size = parent === null || frame === null ? 0 : parent.size + frame.bytes.length;
    this.count = parent === null ? 0 : parent.count + 1;
  }

  /** The empty sequence. */
  static root(): PendingFrames {
    return new PendingFrames(null, null);
  }

  /** This sequence with one more frame, shared with all who append the same frame object to it. */
  append(frame: OutgoingFrame): PendingFrames {
    // In a broadcast everybody appends the same frame as the one before: no map needed.
    if (this.#lastFrame === frame) return this.#lastChild as PendingFrames;
    let child = this.#children?.get(frame);
    if (child === undefined) {
      child = new PendingFrames(this, frame);
      if (this.#lastChild !== null) {
        this.#children ??= new Map([[this.#lastFrame as OutgoingFrame, this.#lastChild]]);
        this.#children.set(frame, child);
      }
    }
    this.#lastFrame = frame;
    this.#lastChild = child;
    return child;
  }

  /** This sequence with one more frame that nobody else will append: nothing is remembered here. */
  appendOwn(frame: OutgoingFrame): PendingFrames {
    return new PendingFrames(this, frame);
  }

  /** The frames in order. */
  frames(): OutgoingFrame[] {
    const frames: OutgoingFrame[] = [];
    for (let node: PendingFrames | null = this; node !== null && node.#frame !== null; node = node.#parent) {
      frames.push(node.#frame);
    }
    return frames.reverse();
  }

  /** All frames in one buffer, made once for all who hold this node. */
  bytes(): Buffer {
    if (this.#bytes !== null) return this.#bytes;
    const isSingle = this.#parent !== null && this.#parent.#frame === null;
    this.#bytes = isSingle ? (this.#frame as OutgoingFrame).bytes : this.#join();
    return this.#bytes;
  }

  #join(): Buffer {
    const joined = Buffer.allocUnsafe(this.size);
    let end = this.size;
    // From the last frame to the first: the trie knows parents only, and no list is needed.
    for (let node: PendingFrames | null = this; node !== null && node.#frame !== null; node = node.#parent) {
      end -= node.#frame.bytes.length;
      joined.set(node.#frame.bytes, end);
    }
    return joined;
  }
}
