import { headerBytes, textFrame, textFrames } from '../transport/frame.js';
import type { OutgoingFrame } from './outgoing-frame.js';

/** Outcomes that gather during a tick for one peer: framed in one go, into one buffer. */
export class TextBatch {
  readonly #texts: string[] = [];
  readonly #payloadBytes: number[] = [];
  #bytes = 0;

  /** Frame bytes of all texts. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#texts.length;
  }

  add(text: string, payloadBytes: number): void {
    this.#texts.push(text);
    this.#payloadBytes.push(payloadBytes);
    this.#bytes += headerBytes(payloadBytes) + payloadBytes;
  }

  toBytes(): Buffer {
    return textFrames(this.#texts, this.#payloadBytes, this.#bytes);
  }

  toFrames(): OutgoingFrame[] {
    return this.#texts.map((text) => outcomeFrame(text));
  }
}

/** An outcome as a frame by itself. */
export function outcomeFrame(text: string): OutgoingFrame {
  return { bytes: textFrame(text), key: null, droppable: false };
}
