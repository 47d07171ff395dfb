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

/** A text as SQLite gets it: with a zero byte in it as bytes, since not every driver reads such a text to its end. */
export function sqlText(text: string): string | Uint8Array {
  return text.includes('\0') ? Buffer.from(text) : text;
}

/** What a row holds of a message; the rest is told by its log. */
export function storeBody(
  { body, key }: LoggedMessage,
  place: number,
  size: number,
  compressFrom: number,
): { kind: number; checksum: number; name: string | Uint8Array | null; body: string | Uint8Array } {
  const name = key === undefined ? null : sqlText(key);
  const kind = typeof body === 'string' ? 0 : bytesBit;
  const checksum = checksumOf(body, key, place);
  if (size >= compressFrom) {
    const packed = gzipSync(body, { level: 1 });
    if (packed.length < size) return { kind: kind | gzipBit, checksum, name, body: packed };
  }
  return { kind, checksum, name, body: typeof body === 'string' ? sqlText(body) : body };
}

/** @throws {StoreError} when it is not what was stored */
export function entryOf({ place, at, kind, checksum, name, body: stored }: StoredMessage): LogEntry {
  const key = name === null ? undefined : textOf(name);
  const body = bodyOf(stored, kind);
  if (checksumOf(body, key, place) !== checksum) throw damaged();
  return { offset: place, at, body, ...(key !== undefined && { key }) };
}

export function damaged(): StoreError {
  return new StoreError(
    'corrupted',
    'the file is damaged: restore it from a copy, or move it away to begin anew',
  );
}

function bodyOf(stored: unknown, kind: number): string | Uint8Array {
  try {
    const plain = (kind & gzipBit) === 0 ? stored : gunzipSync(bytesOf(stored));
    return (kind & bytesBit) === 0 ? textOf(plain) : bytesOf(plain);
  } catch (error) {
    throw new StoreError('corrupted', 'a message in the file is damaged', error);
  }
}

function checksumOf(body: LoggedMessage['body'], key: string | undefined, place: number): number {
  const sum = crc32(body, place >>> 0);
  return key === undefined ? sum : crc32(key, sum);
}

/** A text as a driver gives it back. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : Buffer.from(bytesOf(value)).toString();
}

/** Of their own, so that no pool travels with them. Drivers give a Buffer, a Uint8Array or an ArrayBuffer. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer || value instanceof Uint8Array) return new Uint8Array(value);
  throw damaged();
}
