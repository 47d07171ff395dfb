import { crc32, gunzipSync, gzipSync } from 'node:zlib';

import type { LogEntry, LoggedMessage } from '../message-log.js';
import { StoreError } from '../store-error.js';

/** How a message lies in its row: `kind` has bit 1 for bytes, bit 2 for what is compressed. */
export interface StoredMessage {
  readonly place: number;
  readonly at: number;
  readonly kind: number;
  readonly checksum: number;
  readonly name: unknown;
  readonly body: unknown;
}

const bytesBit = 1;
const gzipBit = 2;

/** What a row holds of a message; the rest is told by its log. Texts are kept as UTF-8: it is nobody's matter to decode them in between. */
export function storeBody(
  { body, key }: LoggedMessage,
  { place, at }: { place: number; at: number },
  size: number,
  compressFrom: number,
): { kind: number; checksum: number; name: Uint8Array | null; body: Uint8Array } {
  const name = key === undefined ? null : Buffer.from(key);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const packed = size >= compressFrom ? gzipSync(bytes, { level: 1 }) : bytes;
  const isShorter = packed.length < bytes.length;
  const kind = (typeof body === 'string' ? 0 : bytesBit) | (isShorter ? gzipBit : 0);
  const checksum = checksumOf(bytes, name, { place, at, kind });
  return { kind, checksum, name, body: isShorter ? packed : bytes };
}

/** @throws {StoreError} when it is not what was stored */
export function entryOf({
  place,
  at,
  kind,
  checksum,
  name: storedName,
  body: storedBody,
}: StoredMessage): LogEntry {
  const name = storedName === null ? null : bytesOf(storedName);
  const bytes = (kind & gzipBit) === 0 ? bytesOf(storedBody) : unpacked(storedBody);
  if (checksumOf(bytes, name, { place, at, kind }) !== checksum) throw damaged();
  const body = (kind & bytesBit) === 0 ? textOf(bytes) : bytes;
  return { offset: place, at, body, ...(name !== null && { key: textOf(name) }) };
}

export function damaged(cause?: unknown): StoreError {
  const message = 'the file is damaged: restore it from a copy, or move it away to begin anew';
  return new StoreError('corrupted', message, cause);
}

function unpacked(stored: unknown): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytesOf(stored)));
  } catch (error) {
    throw damaged(error);
  }
}

/** The largest prime below 2^32: whichever bit of a number turns over, the remainder is another one. */
const modulus = 4_294_967_291;

function checksumOf(
  body: Uint8Array,
  name: Uint8Array | null,
  { place, at, kind }: { place: number; at: number; kind: number },
): number {
  const sum = continued((place * 4 + kind + at) % modulus, body);
  return name === null ? sum : continued(sum, name);
}

/** Nothing adds nothing: zlib begins anew where an empty buffer has no memory. */
function continued(sum: number, bytes: Uint8Array): number {
  return bytes.length === 0 ? sum : crc32(bytes, sum);
}

/** A text that was kept as UTF-8. */
export function textOf(stored: unknown): string {
  return Buffer.from(bytesOf(stored)).toString();
}

/** Of their own, so that no pool travels with them. Drivers give a Buffer, a Uint8Array or an ArrayBuffer. */
function bytesOf(stored: unknown): Uint8Array<ArrayBuffer> {
  if (stored instanceof ArrayBuffer || stored instanceof Uint8Array) return new Uint8Array(stored);
  throw damaged();
}
