import type { OutgoingFrame } from '../connection/outgoing-frame.js';
import type { SendQueue } from '../connection/send-queue.js';
import { encodeEnvelope } from '../protocol/encode-envelope.js';
import type { Envelope } from '../protocol/envelope.js';
import { bytesFrame, fragmentFrames, opcodes, textFrame } from '../transport/frame.js';

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

/** Encodes and frames an envelope, once for all who receive it. */
export function encodeMessage(envelope: Envelope, { key, droppable, fragmentBytes }: FrameTraits): Encoded {
  const encoded = encodeEnvelope(envelope);
  const isText = typeof encoded === 'string';
  if (fragmentBytes !== Infinity) {
    const payload = isText ? Buffer.from(encoded) : encoded;
    const opcode = isText ? opcodes.text : opcodes.binary;
    if (payload.length > fragmentBytes)
      return { parts: fragmentFrames(payload, opcode, fragmentBytes), key, droppable };
  }
  return { bytes: isText ? textFrame(encoded) : bytesFrame(encoded, opcodes.binary), key, droppable };
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
