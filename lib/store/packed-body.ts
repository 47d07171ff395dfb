import { gunzipSync, gzipSync } from 'node:zlib';

import type { LoggedMessage } from './message-log.js';

const bytesBit = 1;
const gzipBit = 2;

/** A body as a store keeps it: texts as UTF-8, since it is nobody's matter to decode them in between. */
export interface PackedBody {
  /** What it was, and whether it is compressed: one small number. */
  readonly kind: number;
  readonly content: string | Uint8Array;
}

/** Compresses what is as long as that, where it becomes shorter. `size`: in bytes. */
export function packBody(body: LoggedMessage['body'], size: number, compressFrom: number): PackedBody {
  const kind = typeof body === 'string' ? 0 : bytesBit;
  const packed = size >= compressFrom ? gzipSync(body, { level: 1 }) : undefined;
  if (packed !== undefined && packed.length < size) return { kind: kind | gzipBit, content: packed };
  return { kind, content: body };
}

/** @throws {Error} of zlib, when it was not compressed so */
export function unpackBody(kind: number, content: Buffer): LoggedMessage['body'] {
  const bytes = (kind & gzipBit) === 0 ? content : gunzipSync(content);
  // Bytes have a buffer of their own, so that nothing that lies beside them travels with them.
  return (kind & bytesBit) === 0 ? bytes.toString() : new Uint8Array(bytes);
}
