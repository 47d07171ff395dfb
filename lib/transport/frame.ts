/** Opcodes of data frames (RFC 6455 section 5.2). */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2 } as const;

/** RSV1 of the first frame of a message: it is deflated (RFC 7692 section 6). Goes with an opcode. */
export const compressedBit = 0x40;

const finBit = 0x80;
const length16 = 126;
const length64 = 127;

/** Bytes of the header of an unmasked frame (RFC 6455 section 5.2). */
export function headerBytes(payloadBytes: number): number {
  return payloadBytes < length16 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

/** Writes the header of an unmasked frame and returns where the payload begins. */
export function writeHeader(
  target: Buffer,
  offset: number,
  opcode: number,
  payloadBytes: number,
  fin = true,
): number {
  target[offset] = fin ? finBit | opcode : opcode;
  if (payloadBytes < length16) {
    target[offset + 1] = payloadBytes;
    return offset + 2;
  }
  if (payloadBytes < 65_536) {
    target[offset + 1] = length16;
    target[offset + 2] = payloadBytes >> 8;
    target[offset + 3] = payloadBytes & 0xff;
    return offset + 4;
  }
  target[offset + 1] = length64;
  target.writeUIntBE(0, offset + 2, 2);
  target.writeUIntBE(payloadBytes, offset + 4, 6);
  return offset + 10;
}

/** One whole text frame. */
export function textFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerBytes(payloadBytes) + payloadBytes);
  frame.write(text, writeHeader(frame, 0, opcodes.text, payloadBytes), 'utf8');
  return frame;
}

/** One whole frame around bytes. */
export function bytesFrame(payload: Uint8Array, opcode: number): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes(payload.length) + payload.length);
  frame.set(payload, writeHeader(frame, 0, opcode, payload.length));
  return frame;
}

/** Several text frames, back to back in one buffer: a tick's replies cost one allocation. */
export function textFrames(
  texts: readonly string[],
  payloadBytes: readonly number[],
  totalBytes: number,
): Buffer {
  const frames = Buffer.allocUnsafe(totalBytes);
  let offset = 0;
  for (let i = 0; i < texts.length; i++) {
    const bytes = payloadBytes[i] as number;
    offset = writeHeader(frames, offset, opcodes.text, bytes);
    frames.write(texts[i] as string, offset, bytes, 'utf8');
    offset += bytes;
  }
  return frames;
}

/** One message as a first frame and continuation frames of at most `fragmentBytes` payload each (RFC 6455 section 5.4). */
export function fragmentFrames(payload: Uint8Array, opcode: number, fragmentBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let start = 0; start < payload.length || start === 0; start += fragmentBytes) {
    const part = payload.subarray(start, start + fragmentBytes);
    const frame = Buffer.allocUnsafe(headerBytes(part.length) + part.length);
    const fin = start + fragmentBytes >= payload.length;
    frame.set(part, writeHeader(frame, 0, start === 0 ? opcode : opcodes.continuation, part.length, fin));
    frames.push(frame);
  }
  return frames;
}

/** Where the message that begins at `offset` ends, among unmasked frames back to back (RFC 6455 sections 5.2 and 5.4). */
export function messageEnd(frames: Buffer, offset: number): number {
  for (let at = offset; ;) {
    const isLast = ((frames[at] as number) & finBit) !== 0;
    const length = frames[at + 1] as number;
    if (length < length16) at += 2 + length;
    else if (length === length16) at += 4 + frames.readUInt16BE(at + 2);
    else at += 10 + frames.readUIntBE(at + 4, 6);
    if (isLast) return at;
  }
}
