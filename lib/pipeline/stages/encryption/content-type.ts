import { joseFirstByte } from '../../../protocol/jws-compact.js';
import type { OutboundFrame } from '../../outbound-frame.js';

/** What `cty` says of a text frame; in any other case it is a binary one. */
const textTypes: ReadonlySet<string> = new Set(['json', 'JWS', 'jws', 'text/plain']);

/** Whether a plaintext of this type is that of a text frame. */
export function isText(cty: string): boolean {
  return textTypes.has(cty);
}

/** The `cty` of a frame that is to be encrypted (RFC 7516 section 4.1.12). */
export function contentTypeOf({ data, isBinary, codec }: OutboundFrame): string {
  // JSON with bytes in it has a layout of its own, that is not JSON.
  if (isBinary) return codec === 'json' ? 'octet-stream' : codec;
  if (codec !== 'raw' && firstByte(data) === joseFirstByte) return 'JWS';
  return codec === 'json' ? 'json' : 'text/plain';
}

/** Codecs whose payloads are never text that begins with `e`: what does is made by a stage. */
const recognizable: ReadonlySet<string> = new Set(['json', 'msgpack', 'cbor']);

/** How the protected headers begin that have the key of a room: characters of whole bytes only. */
const roomHeader = Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"roo').toString('base64url');

/** Whether a frame has been encrypted for a room. With a codec whose payloads could look like that it is never sure. */
export function isSealedForRoom({ data, isBinary, codec }: OutboundFrame): boolean {
  return !isBinary && recognizable.has(codec) && typeof data === 'string' && data.startsWith(roomHeader);
}

function firstByte(data: string | Buffer): number | undefined {
  return typeof data === 'string' ? data.charCodeAt(0) : data[0];
}
