import { type BinaryData, hasBinary, isBinary, toUint8Array } from './binary-data.js';
import { maxHeaderBytes, writeBinaryFrame } from './binary-frame.js';
import { liftBytes } from './byte-ranges.js';
import type { Envelope } from './envelope.js';
import { ErrorCode } from './error-code.js';
import { GatewireError } from './gatewire-error.js';

/**
 * Makes an envelope a frame's payload: text, or bytes for a binary frame when `data` is bytes or holds some.
 * What the sender puts in is trusted: nothing is checked.
 *
 * @throws {TypeError} for data that JSON cannot hold: a cycle, a BigInt
 * @throws {GatewireError} `PAYLOAD_TOO_LARGE` when all but the bytes takes 16 MiB or more
 * @example
 * socket.send(encodeEnvelope({ event: 'say', data: 'hello', id: 1 }));
 */
export function encodeEnvelope(envelope: Envelope): string | Uint8Array {
  return hasBinary(envelope.data)
    ? encodeBinary(envelope, envelope.data as object)
    : JSON.stringify(envelope);
}

function encodeBinary(envelope: Envelope, data: object | BinaryData): Uint8Array {
  if (isBinary(data)) {
    const raw = toUint8Array(data);
    return writeBinaryFrame(encodeHeader({ ...envelope, data: undefined }), [raw], raw.length);
  }
  const lifted = liftBytes(data);
  return writeBinaryFrame(encodeHeader({ ...envelope, data: lifted.data }), lifted.parts, lifted.bytes);
}

function encodeHeader(envelope: Envelope): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(envelope));
  if (header.length <= maxHeaderBytes) return header;
  throw new GatewireError(
    ErrorCode.PayloadTooLarge,
    `the header of a binary frame has at most ${maxHeaderBytes} bytes`,
  );
}
