import { bytesFrame, opcodes, textFrame } from '../transport/frame.js';

/** What a `ws` socket sends. */
export type RawData = string | number | Buffer | ArrayBuffer | ArrayBufferView | readonly Buffer[];

/** Its bytes, without a copy where it holds bytes already. */
export function toBytes(data: RawData): Uint8Array {
  if (typeof data === 'string' || typeof data === 'number') return Buffer.from(String(data));
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(data);
}

/** A frame as `ws` would make it: text for a string, else binary; `isBinary` overrides. */
export function rawFrame(data: RawData, isBinary: boolean | undefined): Buffer {
  if (typeof data === 'string' && isBinary !== true) return textFrame(data);
  return bytesFrame(toBytes(data), isBinary === false ? opcodes.text : opcodes.binary);
}
