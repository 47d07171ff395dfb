/** Bytes of the header length in front of a header. */
export const lengthBytes = 4;

/** The first byte of a frame in this layout; others are reserved, and `{` and `[` begin JSON. It leaves 24 bits for the length. */
export const layoutByte = 0;

/** Longest header that can be written. */
export const maxHeaderBytes = 0xff_ff_ff;

/** Header and raw bytes of a binary frame. */
export interface BinaryFrame {
  readonly header: Uint8Array;
  readonly raw: Uint8Array;
}

/** Writes uint32 header length (big endian), header, raw bytes. The header is at most {@link maxHeaderBytes} long. */
export function writeBinaryFrame(
  header: Uint8Array,
  parts: readonly Uint8Array[],
  rawBytes: number,
): Uint8Array {
  const frame = new Uint8Array(lengthBytes + header.length + rawBytes);
  new DataView(frame.buffer).setUint32(0, header.length);
  frame.set(header, lengthBytes);
  let offset = lengthBytes + header.length;
  for (const part of parts) {
    frame.set(part, offset);
    offset += part.length;
  }
  return frame;
}

/** Cuts a frame into header and raw bytes, both views on it. Undefined: it is not in this layout. */
export function readBinaryFrame(frame: Uint8Array): BinaryFrame | undefined {
  if (frame.length < lengthBytes || frame[0] !== layoutByte) return undefined;
  const rawStart = lengthBytes + new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (rawStart > frame.length) return undefined;
  return { header: frame.subarray(lengthBytes, rawStart), raw: frame.subarray(rawStart) };
}
