import type { OutgoingFrame } from '../connection/outgoing-frame.js';
import type { SendQueue } from '../connection/send-queue.js';
import { isPromise } from '../primitives/is-promise.js';
import { encodeEnvelope } from '../protocol/encode-envelope.js';
import type { Envelope } from '../protocol/envelope.js';
import type { Deflater } from '../transport/deflater.js';
import { bytesFrame, compressedBit, fragmentFrames, opcodes, textFrame } from '../transport/frame.js';

/** A message that goes out in several frames. */
export interface OutgoingParts {
  readonly parts: readonly Buffer[];
  readonly key: string | null;
  readonly droppable: boolean;
}

export type Encoded = OutgoingFrame | OutgoingParts;

/** How a message may be treated on its way. */
export interface FrameTraits {
  readonly key: string | null;
  readonly droppable: boolean;
  /** Longer payloads are split; `Infinity`: never. */
  readonly fragmentBytes: number;
}

/** Encodes and frames an envelope for those whose encoding is plain, once for all who receive it. */
export function encodeMessage(envelope: Envelope, traits: FrameTraits): Encoded {
  return frameWhole(encodeEnvelope(envelope), traits);
}

/** Frames a payload, deflated where the receivers have agreed to it and it is long enough. */
export function frameMessage(
  payload: string | Uint8Array,
  traits: FrameTraits,
  deflater: Deflater | null,
): Encoded | Promise<Encoded> {
  if (deflater === null) return frameWhole(payload, traits);
  const isText = typeof payload === 'string';
  const bytes = isText ? Buffer.from(payload) : payload;
  if (bytes.length < deflater.thresholdBytes) return frameWhole(payload, traits);
  const opcode = (isText ? opcodes.text : opcodes.binary) | compressedBit;
  const deflated = deflater.deflate(bytes);
  return isPromise(deflated)
    ? deflated.then((settled) => frameBytes(settled, opcode, traits))
    : frameBytes(deflated, opcode, traits);
}

function frameWhole(payload: string | Uint8Array, traits: FrameTraits): Encoded {
  const { key, droppable, fragmentBytes } = traits;
  if (typeof payload !== 'string') return frameBytes(payload, opcodes.binary, traits);
  // A UTF-16 unit takes three bytes at most.
  if (payload.length * 3 <= fragmentBytes) return { bytes: textFrame(payload), key, droppable };
  return frameBytes(Buffer.from(payload), opcodes.text, traits);
}

function frameBytes(payload: Uint8Array, opcode: number, traits: FrameTraits): Encoded {
  const { key, droppable, fragmentBytes } = traits;
  if (payload.length > fragmentBytes)
    return { parts: fragmentFrames(payload, opcode, fragmentBytes), key, droppable };
  return { bytes: bytesFrame(payload, opcode), key, droppable };
}

/** Sends to one of several receivers. False when it was dropped. */
export function sendEncoded(queue: SendQueue, encoded: Encoded, isVolatile: boolean): boolean {
  if ('parts' in encoded) {
    if (isVolatile && queue.isSlow) return false;
    return queue.sendParts(encoded.parts, encoded.key, encoded.droppable);
  }
  return isVolatile ? queue.sendVolatile(encoded) : queue.sendShared(encoded);
}

/** Bytes on the wire. */
export function encodedBytes(encoded: Encoded): number {
  if ('bytes' in encoded) return encoded.bytes.length;
  return encoded.parts.reduce((sum, part) => sum + part.length, 0);
}
