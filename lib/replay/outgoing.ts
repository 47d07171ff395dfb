import { isBinary } from '../protocol/binary-data.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import { ReplayError } from './replay-error.js';

/** What is sent of an envelope. @throws {ReplayError} for bytes that JSON would make something else of */
export function encodeOutgoing(envelope: Envelope, codec: Codec): string | Uint8Array {
  if (!codec.isBinary && hasDeepBytes(envelope.data, 0))
    throw new ReplayError(
      'JSON holds bytes in the first level of data only: give the codec that it was recorded with',
    );
  return codec.encode(envelope);
}

function hasDeepBytes(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (isBinary(value)) return depth > 1;
  return Object.values(value).some((item) => hasDeepBytes(item, depth + 1));
}
