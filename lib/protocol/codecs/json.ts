import type { Codec } from '../codec.js';
import { decodeEnvelope } from '../decode-envelope.js';
import { encodeEnvelope } from '../encode-envelope.js';

const codec: Codec = {
  name: 'json',
  isBinary: false,
  encode: encodeEnvelope,
  decode: decodeEnvelope,
  joinBatch: (payloads) => `[${payloads.join(',')}]`,
};

/** JSON in text frames; with bytes in `data`, the binary layout (PROTOCOL.md, "Frames"). */
export function json(): Codec {
  return codec;
}
