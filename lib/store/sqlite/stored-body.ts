import { crc32 } from 'node:zlib';

import type { LogEntry, LoggedMessage } from '../message-log.js';
import { packBody, unpackBody } from '../packed-body.js';
import { StoreError } from '../store-error.js';

/** A row, as far as it is read. */
export interface StoredMessage {
  readonly place: number;
  readonly at: number;
  readonly name: unknown;
  readonly body: unknown;
}

/** After the body: what it is, and a checksum of all of the message. */
const tailBytes = 5;

/** A body as it is kept, and what follows it. */
export function storeBody(
  body: LoggedMessage['body'],
  name: Uint8Array | null,
  { place, at }: { place: number; at: number },
  size: number,
  compressFrom: number,
): Uint8Array {
  const { kind, content } = packBody(body, size, compressFrom);
  return withTail(content, kind, name, { place, at });
}

function withTail(
  content: string | Uint8Array,
  kind: number,
  name: Uint8Array | null,
  { place, at }: { place: number; at: number },
): Uint8Array {
  const length = Buffer.byteLength(content);
  const stored = Buffer.allocUnsafe(length + tailBytes);
  if (typeof content === 'string') stored.write(content);
  else stored.set(content);
  stored[length] = kind;
  stored.writeUInt32LE(checksumOf(stored.subarray(0, length + 1), name, place, at), length + 1);
  return stored;
}

/** @throws {StoreError} when it is not what was stored */
export function entryOf({ place, at, name: storedName, body: stored }: StoredMessage): LogEntry {
  const name = storedName === null ? null : bytesOf(storedName);
  const row = bytesOf(stored);
  const length = row.length - tailBytes;
  if (
    length < 0 ||
    checksumOf(row.subarray(0, length + 1), name, place, at) !== row.readUInt32LE(length + 1)
  ) {
    throw damaged();
  }
  const body = unpacked(row[length]!, row.subarray(0, length));
  return { offset: place, at, body, ...(name !== null && { key: name.toString() }) };
}

export function damaged(cause?: unknown): StoreError {
  const message = 'the file is damaged: restore it from a copy, or move it away to begin anew';
  return new StoreError('corrupted', message, cause);
}

function unpacked(kind: number, content: Buffer): LoggedMessage['body'] {
  try {
    return unpackBody(kind, content);
  } catch (error) {
    throw damaged(error);
  }
}

/** The largest prime below 2^32: whichever bit of a number turns over, the remainder is another one. */
const modulus = 4_294_967_291;

function checksumOf(body: Uint8Array, name: Uint8Array | null, place: number, at: number): number {
  const sum = crc32(body, (place + at) % modulus);
  if (name === null) return sum;
  // Of another length than the name, so that an empty one counts: zlib begins anew where there is nothing.
  return crc32(nameEnd, name.length === 0 ? sum : crc32(name, sum));
}

const nameEnd = Uint8Array.of(0);

/** A text that was kept as UTF-8. */
export function textOf(stored: unknown): string {
  return bytesOf(stored).toString();
}

/** Drivers give a Buffer, a Uint8Array or an ArrayBuffer. */
export function bytesOf(stored: unknown): Buffer {
  if (stored instanceof ArrayBuffer) return Buffer.from(stored);
  if (stored instanceof Uint8Array) return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  throw damaged();
}
